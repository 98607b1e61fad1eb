globalThis.order = ['first'];
export const unusedOfFirst = 'nobody reads this';
