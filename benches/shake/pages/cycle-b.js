import { even, thrice } from './cycle-a.js';
export function odd(n) { return n !== 0 && even(n - 1); }
export function nine(n) { return thrice(n) * 3; }
