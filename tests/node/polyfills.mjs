// Prints src/waste/polyfills.tsv: since which version of each browser core-js leaves a feature alone.
//
//   npm ci --prefix tests/node && node tests/node/polyfills.mjs > src/waste/polyfills.tsv
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url), data = require('core-js-compat/data'), { version } = require('core-js-compat/package.json');
// browserslist's name, core-js-compat's.
const BROWSERS = [
  ['chrome', 'chrome'], ['and_chr', 'chrome-android'], ['android', 'android'], ['edge', 'edge'], ['firefox', 'firefox'], ['and_ff', 'firefox-android'],
  ['ie', 'ie'], ['ios_saf', 'ios'], ['opera', 'opera'], ['op_mob', 'opera-android'], ['safari', 'safari'], ['samsung', 'samsung'],
];
console.log(`# core-js-compat ${version}, https://github.com/zloirock/core-js, MIT. Made by tests/node/polyfills.mjs.`);
console.log(['module', ...BROWSERS.map(b => b[0])].join('\t'));
for (const [module, since] of Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1))) {
  if (/^(es|web)\./.test(module)) console.log([module, ...BROWSERS.map(b => since[b[1]] ?? '-')].join('\t'));
}
