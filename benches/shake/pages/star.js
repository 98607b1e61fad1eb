export * from './star-one.js';
export * from './star-two.js';
export * as everything from './star-two.js';
