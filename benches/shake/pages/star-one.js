export const one = 1;
export const eleven = Array.from({ length: 11 }, (_, i) => i);
