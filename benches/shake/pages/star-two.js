export const two = 2;
export class Twelve { months() { return 'January February March April May June July'.split(' '); } }
