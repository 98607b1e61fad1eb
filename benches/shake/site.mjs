// Writes the unbundled site: pages/ as they are, and every module of lodash-es, d3 and three that they lead to, one file
// a module, with relative imports in place of bare ones. Nothing is bundled, minified or left out.

import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const here = dirname(fileURLToPath(import.meta.url));
export const entries = ['lodash.js', 'charts.js', 'scene.js', 'traps.js'];
const packages = join(here, 'node_modules');
const specifier = /((?:^|[\n;}])\s*(?:import|export)\b(?:[^'";]*?\bfrom)?\s*|\bimport\(\s*|new URL\(\s*)(["'])([^"'\n]+)\2/g;

export async function site(out) {
  await rm(out, { recursive: true, force: true });
  await cp(join(here, 'pages'), out, { recursive: true });
  const todo = ['lodash.js', 'charts.js', 'scene.js', 'traps.js', 'late.js', 'worker.js'].map((name) => join(here, 'pages', name));
  const seen = new Set(todo);
  while (todo.length) {
    const file = todo.pop();
    let text = await readFile(file, 'utf8');
    const found = [];
    text = text.replace(specifier, (all, before, quote, name) => {
      const target = name.startsWith('.') ? resolve(dirname(file), name) : entry(name);
      if (!/\.m?js$/.test(target)) return all;
      found.push(target);
      const url = relative(dirname(place(out, file)), place(out, target)).replaceAll('\\', '/');
      return before + quote + (url.startsWith('.') ? url : './' + url) + quote;
    });
    for (const target of found.filter((f) => !seen.has(f))) {
      seen.add(target);
      todo.push(target);
    }
    await mkdir(dirname(place(out, file)), { recursive: true });
    await writeFile(place(out, file), text);
  }
  return [...seen].map((file) => place(out, file)).sort();
}

function place(out, file) {
  return file.startsWith(packages) ? join(out, 'vendor', relative(packages, file)) : join(out, relative(join(here, 'pages'), file));
}

const main = { 'lodash-es': 'lodash.js', three: 'src/Three.js', delaunator: 'index.js', 'robust-predicates': 'index.js' };

function entry(name) {
  return join(packages, name, main[name] ?? 'src/index.js');
}
