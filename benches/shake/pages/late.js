import { max } from 'd3';
export function narrow() { return 'narrow'; }
export function wide() { return max([1, 2, 3]); }
