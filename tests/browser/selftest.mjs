#!/usr/bin/env node
// Plants damage in copies of a small site and asserts that compare.mjs sees each, and nothing where there is none.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { PNG } from 'pngjs';
import { compare } from './compare.mjs';

const temp = fs.mkdtempSync(path.join(os.tmpdir(), 'compare-'));

/** A picture with some structure; `change` moves its values. */
function picture(change = v => v) {
  const png = new PNG({ width: 240, height: 160 });
  for (let y = 0; y < 160; y++) for (let x = 0; x < 240; x++) {
    const wave = 128 + 60 * Math.sin(x / 9) + 60 * Math.cos(y / 7);
    png.data.set([change(wave, x, y), change(255 - wave, x, y), change(x, x, y), 255], (y * 240 + x) * 4);
  }
  return PNG.sync.write(png);
}

const HTML = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Fixture</title><link rel="stylesheet" href="style.css"><h1>A small site</h1>
<p>Some text with <a href="sub/page.html">a link</a> and <a href="photo.png">a picture</a>.</p>
<div class="box">A box</div><img src="photo.png" alt="Waves" width="240" height="160">
<div style="height:1500px"></div><img src="late.png" alt="Late" loading="lazy" width="240" height="160"><button>Press</button>
<script src="script.js"></script></html>`;

const dir = path.join(temp, 'before');
fs.mkdirSync(path.join(dir, 'sub'), { recursive: true });
const files = {
  'index.html': HTML, 'sub/page.html': '<!doctype html><title>Sub</title><p>Another page',
  'style.css': 'body{font:16px sans-serif}.box{margin:10px;width:100px;height:50px;background:#369}',
  'script.js': 'document.querySelector("h1").dataset.ready="yes"', 'photo.png': picture(), 'late.png': picture(v => v * 0.8),
};
for (const [name, content] of Object.entries(files)) fs.writeFileSync(path.join(dir, name), content);

const edit = (name, from, to) => d => {
  const file = path.join(d, name), text = fs.readFileSync(file, 'utf8');
  if (!text.includes(from)) throw new Error(`${name} has no ${from}`);
  fs.writeFileSync(file, text.replaceAll(from, to));
};
const write = (name, data) => d => fs.writeFileSync(path.join(d, name), data);

// [what, damage, the kind that must be seen; null: nothing may be]
const CASES = [
  ['untouched', () => {}, null],
  ['slightly lossy picture', write('photo.png', picture((v, x, y) => v + (x * 7 + y * 13) % 5 - 2)), null],
  ['renamed picture', d => { fs.renameSync(path.join(d, 'photo.png'), path.join(d, 'photo.3fa9c1d2.png')); edit('index.html', 'photo.png', 'photo.3fa9c1d2.png')(d); }, null],
  ['wrong text', edit('index.html', 'Some text', 'Sum text'), 'text'],
  ['missing link', edit('index.html', '<a href="sub/page.html">a link</a>', 'a link'), 'links'],
  ['other link', edit('index.html', 'sub/page.html', 'sub/other.html'), 'links'],
  ['missing picture', d => fs.rmSync(path.join(d, 'photo.png')), 'image'],
  ['corrupt picture', write('photo.png', 'not a picture'), 'image'],
  ['missing lazy picture', d => fs.rmSync(path.join(d, 'late.png')), 'request'],
  ['upside-down colours', write('photo.png', picture(v => 255 - v)), 'picture'],
  ['moved box', edit('style.css', 'margin:10px', 'margin:10px 14px'), 'pixels'],
  ['other colour', edit('style.css', '#369', '#963'), 'pixels'],
  ['taller page', edit('index.html', '1500px', '1510px'), 'height'],
  ['missing style sheet', d => fs.rmSync(path.join(d, 'style.css')), 'request'],
  ['script that throws', edit('script.js', 'querySelector("h1")', 'querySelector("h7")'), 'console'],
  ['script with a syntax error', edit('script.js', '=', '=='.repeat(3)), 'console'],
  ['lost alternative text', edit('index.html', 'alt="Waves"', 'alt=""'), 'accessibility'],
  ['button turned into a span', edit('index.html', '<button>Press</button>', '<span>Press</span>'), 'accessibility'],
  ['other title', edit('index.html', '<title>Fixture', '<title>Other'), 'title'],
];

let ok = 0, failed = 0;
for (const [what, damage, kind] of CASES) {
  const after = path.join(temp, 'after');
  fs.rmSync(after, { recursive: true, force: true });
  fs.cpSync(dir, after, { recursive: true });
  damage(after);
  const lines = [], { kinds } = await compare(dir, after, { pages: 2, viewports: '500x700', base: ok % 2 ? '/sub/dir/' : '/', say: l => lines.push(l) });
  const good = kind ? kinds.has(kind) : kinds.size === 0;
  good ? ok++ : failed++;
  console.log(`${good ? 'ok  ' : 'FAIL'} ${what}: ${[...kinds].join(', ') || 'no difference'}${good ? '' : '\n' + lines.join('\n')}`);
}
fs.rmSync(temp, { recursive: true });
console.log(`${ok} passed, ${failed} failed\nselftest: ${ok} ok, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
