// One minifier, one file: node tool.mjs TOOL FROM TO. Comments go, names and code shrink, nothing is assumed of the code
// that the language does not promise: each tool's own safe defaults.
import { readFileSync, writeFileSync } from 'node:fs';

const [tool, from, to] = process.argv.slice(2);
const code = readFileSync(from, 'utf8');

const minify = {
  async terser() {
    return (await (await import('terser')).minify(code, { format: { comments: false } })).code;
  },
  async swc() {
    const swc = (await import('@swc/core')).default;
    return (await swc.minify(code, { compress: true, mangle: true, module: false, format: { comments: false } })).code;
  },
  async oxc() {
    const { minifySync } = await import('oxc-minify');
    const { code: out, errors } = minifySync('input.cjs', code, { compress: true, mangle: { toplevel: false }, codegen: { removeWhitespace: true, legalComments: 'none' } });
    if (errors.length) throw new Error(errors[0].message);
    return out;
  },
}[tool];
writeFileSync(to, await minify());
