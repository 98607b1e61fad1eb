#!/usr/bin/env node
const HELP = `boxes.mjs KILN [--keep]

Builds pages on which pictures stand in every kind of box that CSS has for them (flow, floats, inline blocks, rows, columns, grids, ...), sized
in every usual way, and compares where every element is before and after at 360, 390, 768 and 1440 px. A layout fails if a box moves or grows by
more than a pixel. It also says how many of the pictures are offered in several widths: none would be no test.`;
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { launch } from './page.mjs';
import { serve } from './server.mjs';

const { values: options, positionals: [program] } = parseArgs({ allowPositionals: true, options: { keep: { type: 'boolean' }, help: { type: 'boolean' } } });
if (options.help || !program) { console.log(HELP); process.exit(program ? 0 : 2); }
const temp = fs.mkdtempSync(path.join(os.tmpdir(), 'boxes-')), site = path.join(temp, 'site'), out = path.join(temp, 'out');
const PHOTO = path.join(import.meta.dirname, '../../fixtures/sites/photo-journal/img/ridge.jpg'), SIZE = [1280, 760], PER_PAGE = 12;

const BOXES = ['', 'max-width:300px', 'width:50%', 'float:left', 'float:right;max-width:50%', 'display:inline-block', 'width:fit-content', 'width:min-content',
  'position:relative;height:400px', 'display:flex', 'display:flex;flex-wrap:wrap', 'display:flex;align-items:center;gap:8px', 'display:flex;flex-direction:column',
  'display:flex;flex-direction:column;align-items:center', 'display:flex;flex-direction:column;height:200px', 'display:inline-flex', 'display:grid',
  'display:grid;place-items:center', 'display:grid;grid-template-columns:1fr 1fr', 'display:grid;grid-template-columns:auto 1fr', 'display:grid;grid-template-columns:repeat(auto-fill,minmax(120px,1fr))',
  'display:table', 'text-align:center', 'columns:2'];
const PICTURES = ['max-width:100%;height:auto', 'width:100%;height:auto', 'width:50%;height:auto', 'width:200px;height:auto', 'max-height:150px;width:auto;max-width:100%;height:auto', 'max-width:30%;height:auto',
  'width:100%;height:120px;object-fit:cover', 'flex:1;max-width:100%;height:auto', 'flex:0 0 30%;max-width:100%;height:auto', 'display:block;margin:auto;max-width:100%;height:auto', 'min-width:0;width:100%;height:auto', 'width:clamp(80px,20vw,240px);height:auto'];
const AROUND = [img => img, img => `<a href="#">${img}</a>`, img => `<p>${img}</p>`, img => `<div>${img}<p>Some text</p></div>`];

/** Every box with every way to size a picture; what is around it and how many there are takes turns. -> how many layouts */
function build() {
  fs.mkdirSync(site, { recursive: true });
  const layouts = BOXES.flatMap((box, b) => PICTURES.map((picture, p) => ({ box, picture, turn: b * 5 + p })));
  for (let start = 0, n = 0; start < layouts.length; start += PER_PAGE, n++) {
    const style = [], body = [];
    for (const [i, { box, picture, turn }] of layouts.slice(start, start + PER_PAGE).entries()) {
      const attributes = turn % 3 ? `width="${SIZE[0]}" height="${SIZE[1]}"` : '';
      const img = `<img src="p${i}.jpg" alt="" ${attributes}>`;
      style.push(`.c${i}{${box}}.c${i} img{${picture}}`);
      body.push(`<section><div class="c${i}">${AROUND[turn % 4](img).repeat(1 + turn % 2)}<b>text</b></div></section>`);
    }
    fs.writeFileSync(path.join(site, `${n}.html`), `<!doctype html><html lang="en"><meta charset="utf-8"><title>Boxes</title><link rel="icon" href="data:,"><style>section{overflow:hidden;border:1px solid}p{margin:0}${style.join('\n')}</style><body>${body.join('\n')}</body></html>`);
  }
  for (let i = 0; i < PER_PAGE; i++) fs.copyFileSync(PHOTO, path.join(site, `p${i}.jpg`));
  return layouts.length;
}

/** Every element's place and size, in CSS pixels, but for what kiln adds. */
const PLACES = async () => {
  for (const image of document.images) { image.loading = 'eager'; await image.decode().catch(() => {}); }
  const all = [...document.querySelectorAll('body *')].filter(e => !['PICTURE', 'SOURCE', 'SCRIPT'].includes(e.tagName));
  return all.map(e => { const r = e.getBoundingClientRect(); return { name: `${e.tagName} ${e.closest('[class]')?.className ?? ''}`, box: [r.x, r.y - (e.closest('section')?.getBoundingClientRect().y ?? 0), r.width, r.height] }; });
};

async function differences(browser, [before, after], files) {
  const found = new Map();
  for (const width of [360, 390, 768, 1440]) {
    const page = await browser.newPage({ viewport: { width, height: 900 } });
    for (const file of files) {
      const [old, now] = [[], []];
      for (const [server, places] of [[before, old], [after, now]]) {
        await page.goto(server.url + file, { waitUntil: 'load' });
        places.push(...await page.evaluate(PLACES));
      }
      if (old.length !== now.length) found.set(`${file} ${width}`, 'other elements');
      for (const [i, { name, box }] of old.entries()) {
        const layout = `${file} ${name.split(' ')[1]}`, moved = now[i]?.box.some((v, k) => Math.abs(v - box[k]) > 1);
        if (moved && !found.has(layout)) found.set(layout, `${width} px: ${name} ${box.map(Math.round)} -> ${now[i].box.map(Math.round)}`);
      }
    }
    await page.close();
  }
  return found;
}

const layouts = build();
execFileSync(path.resolve(program), ['build', site, '--out', out, '--effort', 'fast', '--cache-dir', path.join(temp, 'cache'), '--quiet'], { stdio: ['ignore', 'ignore', 'inherit'] });
const files = fs.readdirSync(site).filter(f => f.endsWith('.html')).sort();
const offered = files.reduce((n, f) => n + fs.readFileSync(path.join(out, f), 'utf8').split('<img').slice(0, -1).filter(before => /sizes=[^>]*>$/.test(before)).length, 0);
const [browser, ...servers] = await Promise.all([launch(), serve(site), serve(out)]);
const found = await differences(browser, servers, files);
await Promise.all([browser.close(), ...servers.map(s => s.close())]);
for (const [layout, what] of found) {
  const [file, name] = layout.split(' '), rules = fs.readFileSync(path.join(site, file), 'utf8').match(new RegExp(`\\.${name}\\b[^\n<]*`))?.[0];
  console.log(`${layout}: ${what}  ${rules}`);
}
console.log(`boxes: ${layouts - found.size} layouts ok, ${found.size} failed; ${offered} pictures in several widths`);
if (options.keep) console.log(temp); else fs.rmSync(temp, { recursive: true });
process.exit(found.size || !offered ? 1 : 0);
