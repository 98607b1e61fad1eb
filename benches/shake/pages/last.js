import { say } from './say.js';
globalThis.order.push('last');
say('order', globalThis.order);
