// What makes shaking hard, in one page.
import './first.js';
import { even } from './cycle-a.js';
import { one, two } from './star.js';
import { count, increment } from './live.js';
import Shape from './shape.js';
import './last.js';
import { say } from './say.js';

say('even', even(10));
say('star', one + two);
increment();
say('live', count);
say('shape', new Shape(2).area);
say('url', import.meta.url.split('/').pop().length > 0);
const { narrow } = await import('./late.js');
say('late', narrow());
if (globalThis.Worker) {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  worker.onmessage = ({ data }) => {
    say('worker', data);
    say('done', 'traps');
  };
  worker.postMessage([3, 1, 2]);
} else {
  say('done', 'traps');
}
