// The peers of stages.py: one Node process that does to a site what kiln's stages for styles, scripts and pages do.
//
//   node benches/stages.mjs --modules DIR --in SITE --out DIR [--base /sub/] [--no-inline]
//
// Scripts go through esbuild; sheets through PurgeCSS, with all pages and scripts of the site as content, and lightningcss;
// pages through beasties, which reads the sheets that this has just written, and html-minifier-terser. Only these files are
// written, other files stay out. A file that a tool throws on is copied. Prints as JSON the seconds until all modules were
// there, the files that were copied, and what html-minifier-terser could not minify inside of pages.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: { modules: { type: 'string' }, in: { type: 'string' }, out: { type: 'string' }, base: { type: 'string', default: '/' }, 'no-inline': { type: 'boolean' } },
});
for (const name of ['modules', 'in', 'out']) {
  if (!options[name]) {
    console.error(`--${name} is missing; stages.py starts this`);
    process.exit(2);
  }
}
const need = createRequire(path.resolve(options.modules, 'x.js'));
const esbuild = need('esbuild'), lightningcss = need('lightningcss'), { PurgeCSS } = need('purgecss');
const Beasties = need('beasties'), { minify } = need('html-minifier-terser');
const { user, system } = process.cpuUsage();
const start = { wall: performance.now() / 1000, cpu: (user + system) / 1e6 };

const failed = [], inside = [], inline = !options['no-inline'];
const all = fs.readdirSync(options.in, { recursive: true, withFileTypes: true }).filter(e => e.isFile()).map(e => path.relative(options.in, path.join(e.parentPath ?? e.path, e.name))).sort();
const read = (...extensions) => all.filter(f => extensions.includes(path.extname(f).toLowerCase())).map(name => ({ name, text: fs.readFileSync(path.join(options.in, name), 'utf8') }));

function write(name, bytes) {
  const to = path.join(options.out, name);
  fs.mkdirSync(path.dirname(to), { recursive: true });
  fs.writeFileSync(to, bytes);
}

function copy({ name, text }, tool, error) {
  failed.push({ name, tool, message: String(error?.errors?.[0]?.text ?? error?.message ?? error).split('\n')[0] });
  write(name, text);
}

const scripts = read('.js', '.mjs'), sheets = read('.css'), pages = read('.html', '.htm');

// esbuild works in a process of its own, beside what follows.
const minified = Promise.all(scripts.map(async file => {
  try {
    write(file.name, (await esbuild.transform(file.text, { minify: true, loader: 'js', logLevel: 'silent' })).code);
  } catch (error) {
    copy(file, 'esbuild', error);
  }
}));

const content = [...pages, ...scripts].map(({ name, text }) => ({ raw: text, extension: path.extname(name).slice(1) }));
const purge = files => new PurgeCSS().purge({ content, css: files.map(({ name, text }) => ({ raw: text, name })), keyframes: true, fontFace: true, variables: true });
// All at once, so that it reads the content once; one by one only where that throws.
let purged = await purge(sheets).catch(() => null);
if (purged?.length !== sheets.length) {
  purged = [];
  for (const file of sheets) purged.push((await purge([file]).catch(error => [{ error }]))[0]);
}
sheets.forEach((file, i) => {
  if (purged[i].error) return copy(file, 'purgecss', purged[i].error);
  try {
    write(file.name, lightningcss.transform({ filename: file.name, code: Buffer.from(purged[i].css), minify: true }).code);
  } catch (error) {
    copy(file, 'lightningcss', error);
  }
});

const beasties = new Beasties({ path: options.out, publicPath: options.base, logLevel: 'silent' });
for (const file of pages) {
  let tool = 'beasties';
  try {
    const critical = await beasties.process(file.text);
    tool = 'html-minifier-terser';
    const log = message => message instanceof Error && inside.push({ name: file.name, message: message.message });
    write(file.name, await minify(critical, { collapseWhitespace: true, conservativeCollapse: true, minifyCSS: inline, minifyJS: inline, log }));
  } catch (error) {
    copy(file, tool, error);
  }
}
await minified;
await esbuild.stop();
console.log(JSON.stringify({ start, failed, inside }));
