// Shakes the same unbundled site with kiln, esbuild, rolldown and rollup, and runs every result: in Chromium (CHROMIUM
// names it) and in Node.
//
//   node run.mjs path/to/kiln [folder for the results]

import { readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join, relative } from 'node:path';
import { minify } from '@swc/core';
import { build as esbuild } from 'esbuild';
import { rolldown } from 'rolldown';
import { rollup } from 'rollup';
import { entries, site } from './site.mjs';

const [kiln = '../../target/release/kiln', folder] = process.argv.slice(2);
const base = folder ?? (await mkdtemp(join(tmpdir(), 'kiln-shake-')));
await mkdir(base, { recursive: true });
await writeFile(join(base, 'package.json'), '{"type": "module"}');
const source = join(base, 'site');
await site(source);
const inputs = [...entries, 'worker.js'];
const input = inputs.map((name) => join(source, name));
const rows = [];

await row('as written', async () => cp(source, out('as-written'), { recursive: true }));
await row('kiln, minified only', () => fire('minified', '--skip', 'js-shake'));
await row('kiln', () => fire('kiln'));
await row('esbuild --bundle --splitting --minify', async (to) => {
  await esbuild({ entryPoints: input, bundle: true, splitting: true, minify: true, format: 'esm', outdir: to, logLevel: 'error' });
});
await row('rolldown, minified', async (to) => {
  const bundle = await rolldown({ input, logLevel: 'silent', preserveEntrySignatures: false });
  await bundle.write({ dir: to, minify: true, entryFileNames: '[name].js' });
});
await row('rollup + swc minify', (to) => rolled(to, {}));
await row('rollup, one file a module, + swc minify', (to) => rolled(to, { preserveModules: true, preserveModulesRoot: source }));

console.log('| | JS bytes | files | time | lodash | charts | scene | traps | Node | Chromium |');
console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |');
const wanted = { node: await outputs(rows[0], inNode), chromium: await inChromium(rows[0]) };
let failed = false;
for (const r of rows) {
  const [node, chromium] = [same(wanted.node, await outputs(r, inNode)), same(wanted.chromium, await inChromium(r))];
  failed ||= [node, chromium].includes('DIFFERENT');
  const pages = await Promise.all(entries.map(async (e) => (await loaded(r, e)).toLocaleString('en')));
  console.log(`| ${r.name} | ${r.bytes.toLocaleString('en')} | ${r.files} | ${r.time} | ${pages.join(' | ')} | ${node} | ${chromium} |`);
}
if (!folder) await rm(base, { recursive: true, force: true });
process.exitCode = failed ? 1 : 0;

function out(name) {
  return join(base, name.replaceAll(/[^a-z]+/g, '-'));
}

async function row(name, make) {
  const to = out(name);
  await rm(to, { recursive: true, force: true });
  const start = performance.now();
  const made = (await make(to)) ?? {};
  const time = `${((performance.now() - start) / 1000).toFixed(1)} s`;
  const dir = made.dir ?? to;
  const names = made.names ?? Object.fromEntries(inputs.map((i) => [i, i]));
  // Pages are the site's own, with the script that the tool made.
  for (const page of made.pages ? [] : entries.map((e) => e.replace('.js', '.html'))) await cp(join(source, page), join(dir, page));
  const scripts = made.scripts ?? (await walk(dir)).filter((f) => f.endsWith('.js'));
  let bytes = 0;
  let files = 0;
  for (const f of scripts) {
    const { size } = await stat(join(dir, f));
    bytes += size;
    files += size > 0;
  }
  rows.push({ name, dir, names, bytes, files, time });
}

function fire(name, ...more) {
  const dir = out(name);
  const args = ['build', source, '--out', dir, '--force', '--no-cache', '--quiet', ...more];
  const done = spawnSync(kiln, args, { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(done.stderr);
  const { files } = JSON.parse(readFileSync(join(dir, 'kiln-manifest.json'), 'utf8'));
  const names = Object.fromEntries(inputs.map((i) => [i, files[i].url]));
  // Each module once: files are there under their old names, too.
  const scripts = Object.values(files).map((f) => f.url).filter((u) => u.endsWith('.js'));
  return { dir, names, scripts, pages: true };
}

async function rolled(to, options) {
  const preserveEntrySignatures = options.preserveModules ? 'allow-extension' : false;
  const bundle = await rollup({ input, preserveEntrySignatures, onwarn() {} });
  const { output } = await bundle.generate({ format: 'es', entryFileNames: '[name].js', ...options });
  for (const chunk of output.filter((c) => c.type === 'chunk')) {
    const { code } = await minify(chunk.code, { module: true, compress: { passes: 2 }, mangle: true });
    const file = join(to, chunk.fileName);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, code);
  }
}

async function walk(dir) {
  const all = await readdir(dir, { withFileTypes: true, recursive: true });
  return all.filter((e) => e.isFile()).map((e) => relative(dir, join(e.parentPath ?? e.path, e.name)));
}

// Bytes of the scripts that a page loads, workers and later imports left out.
async function loaded(r, entry) {
  const seen = new Set();
  const todo = [join(r.dir, r.names[entry])];
  let bytes = 0;
  while (todo.length) {
    const file = todo.pop();
    if (seen.has(file)) continue;
    seen.add(file);
    const text = await readFile(file, 'utf8');
    bytes += Buffer.byteLength(text);
    for (const [, name] of text.matchAll(/(?:\bfrom|\bimport)\s*["'](\.[^"'\n]+)["']/g)) todo.push(join(file, '..', name));
  }
  return bytes;
}

async function outputs(r, run) {
  const said = {};
  for (const entry of entries) said[entry] = await run(r, entry);
  return said;
}

function inNode(r, entry) {
  const done = spawnSync('node', [join(r.dir, r.names[entry])], { encoding: 'utf8' });
  return done.status === 0 ? done.stdout : done.stderr;
}

async function inChromium(r) {
  if (!process.env.CHROMIUM) return undefined;
  const { chromium } = await import('playwright-core');
  const types = { '.html': 'text/html', '.js': 'text/javascript' };
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    const body = await readFile(join(r.dir, path)).catch(() => null);
    response.writeHead(body ? 200 : path === '/favicon.ico' ? 204 : 404, { 'content-type': types[extname(path)] ?? 'application/octet-stream' }).end(body ?? '');
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] });
  const said = {};
  try {
    for (const entry of entries) {
      const page = await browser.newPage();
      const lines = [];
      page.on('pageerror', (e) => lines.push(String(e)));
      const done = new Promise((end) => {
        page.on('console', (m) => {
          lines.push(m.text());
          if (m.text().startsWith('done ')) end();
        });
      });
      await page.goto(`http://127.0.0.1:${server.address().port}/${entry.replace('.js', '.html')}`);
      await Promise.race([done, new Promise((end) => setTimeout(end, 20_000))]);
      said[entry] = lines.join('\n');
      await page.close();
    }
  } finally {
    await browser.close();
    server.close();
  }
  return said;
}

function same(wanted, said) {
  if (!said) return 'not run';
  const other = entries.find((e) => wanted[e] !== said[e] || !said[e].includes('done '));
  if (other) console.error(`${other}:\n${wanted[other]}\n---\n${said[other]}`);
  return other ? 'DIFFERENT' : 'same';
}
