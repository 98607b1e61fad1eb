import { chunk, debounce, groupBy, merge, sortBy, template, uniq } from 'lodash-es';
import { say } from './say.js';

say('groups', groupBy([6.1, 4.2, 6.3], Math.floor));
say('sorted', sortBy([{ n: 3 }, { n: 1 }, { n: 2 }], 'n'));
say('merged', merge({ a: { b: 1 } }, { a: { c: 2 } }));
say('chunks', chunk(uniq([1, 2, 2, 3, 4, 4]), 2));
say('template', template('hello <%= name %>')({ name: 'kiln' }));
const later = debounce(() => {
  say('debounced', true);
  say('done', 'lodash');
}, 10);
later();
later();
