import { odd } from './cycle-b.js';
export function even(n) { return n === 0 || odd(n - 1); }
export function thrice(n) { return even(n) ? n * 3 : unusedHelper(n); }
function unusedHelper(n) { return 'not even: ' + n; }
