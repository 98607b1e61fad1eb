#!/usr/bin/env node
const HELP = `drawings.mjs KILN [SITE...] [--pages 5]

Builds a site of icons of its own, and each SITE, without and with html.reuse_svg, and compares every page that differs at
390x844, 768x1024 and 1440x900, in light and dark, for print, with forced colours, and with each of its first links and buttons hovered,
focused and pressed. A page fails if
  pixels   one pixel is another colour
  tree     Chromium's accessibility tree is not the same
  boxes    an <svg> has another place, size or style
  hits     at the middle of an <svg>, the pointer meets another link or button, or another cursor
  console  Chromium complains of something that it did not complain of before`;
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { PNG } from 'pngjs';
import { launch, pages, urlOf } from './page.mjs';
import { serve } from './server.mjs';

const { values: options, positionals: [program, ...given] } = parseArgs({ allowPositionals: true, options: { pages: { type: 'string', default: '5' }, help: { type: 'boolean' } } });
if (options.help || !program) { console.log(HELP); process.exit(program ? 0 : 2); }
const kiln = path.resolve(program), temp = fs.mkdtempSync(path.join(os.tmpdir(), 'drawings-'));
const VIEWPORTS = [{ width: 390, height: 844 }, { width: 768, height: 1024 }, { width: 1440, height: 900 }];
const MEDIA = [{}, { colorScheme: 'dark' }, { media: 'print' }, { forcedColors: 'active' }];

/** Icons of one element and of several, wherever an icon may stand; the first of some is never seen. */
function ownSite() {
  const dir = path.join(temp, 'own');
  fs.mkdirSync(dir, { recursive: true });
  const number = (i, by) => ((i * 7919 + by * 104729) % 997) / 997 * 20 + 2, at = (i, by) => number(i, by).toFixed(2);
  const line = seed => 'M12 2' + Array.from({ length: 40 }, (_, i) => `L${at(i, seed)} ${at(i, seed + 9)}`).join('') + 'z';
  const DRAWINGS = [
    `<path fill="currentColor" d="${line(1)}"/>`,
    `<path d="${line(2)}"/><circle cx="12" cy="12" r="4" fill="none" stroke="currentColor" stroke-width="2"/>`,
    `<g fill="none" stroke-linecap="round"><path class="a" d="${line(3)}"/><path class="b" opacity=".5" d="${line(4)}"/></g>`,
    `<path fill-rule="evenodd" style="fill:#c60;stroke:#036" d="${line(5)}"/><rect x="3" y="3" width="18" height="18" rx="3" fill="rgb(0 0 0 / .2)" transform="rotate(9 12 12)"/>`,
  ];
  const svg = (n, attributes = '', title = '') => `<svg class="icon i${n}" viewBox="0 0 24 24" ${attributes}>${title}${DRAWINGS[n]}</svg>`;
  const all = DRAWINGS.map((_, n) => n), body = [];
  // A drawing that stands where nobody sees it must still show where it is used.
  for (const hide of ['hidden', 'style="visibility:hidden"', 'style="opacity:0"', 'style="content-visibility:hidden"', 'class="wide"', 'class="narrow"', 'style="clip-path:circle(0)"', 'class="paper"'])
    body.push(`<div ${hide}>${all.map(n => svg(n).replaceAll('z"', `L${body.length + 4} 1z"`)).join('')}</div>`);
  const first = body.length;
  body.unshift(`<details><summary>${svg(0)} More</summary>${svg(1)}</details><div hidden>${svg(2)}</div><dialog>${svg(3)}</dialog>`);
  for (let i = 0; i < 40; i++) {
    const n = i % 4, title = i % 5 ? '' : `<title>Icon ${i}</title>`, look = ['aria-hidden="true"', 'role="img" aria-label="Sign"', 'width="40" height="30" preserveAspectRatio="none"', 'fill="teal" stroke="gold"', 'style="color:purple;stroke-width:3"', 'viewBox="-6 -6 40 40"'][i % 6];
    const icon = look.startsWith('viewBox') ? svg(n, '', title).replace('viewBox="0 0 24 24"', look) : svg(n, look, title);
    body.push([`<a class="row c${i % 7}" href="#p${i}">${icon} Link ${i}</a>`, `<button class="c${i % 7}">${icon}</button>`, `<p class="c${i % 7}">Text ${icon} and text</p>`, `<ul><li>${icon}<li>${icon} again</ul>`, `<table><tr><td>${icon}</table>`][i % 5]);
  }
  for (let i = 1; i <= first; i++) body.push(`<p>${body[i].replace(/^<div[^>]*>|<\/div>$/g, '')}</p>`.repeat(4));
  const style = `*, ::before, ::after { box-sizing: border-box; margin: 0; border: 0 solid } body { font: 16px/1.5 sans-serif; color: #222; padding: 8px }
    .icon { width: 1.5em; height: 1.5em; vertical-align: -.3em; fill: currentColor } a { color: inherit; display: block } .row > * { width: 100% }
    .c1 { color: crimson } .c2 { color: #06c; fill: #06c } .c3 { stroke: green; stroke-width: .5 } .c4 svg { fill: orange; opacity: .6 } .c5 .icon { transform: rotate(45deg); color: navy } .c6 { font-size: 32px; visibility: visible }
    .a { stroke: currentColor } .b { stroke: #888; stroke-dasharray: 2 1 } a:hover { color: red } a:hover .icon, button:hover svg { fill: lime; stroke: blue } :is(a, button):active svg { transform: scale(1.5) } button:focus-visible .icon { stroke: magenta } :target .icon { fill: red }
    .narrow { display: none } @media (max-width: 600px) { .wide { display: none } .narrow { display: block } .c2 svg { fill: brown } }
    @media print { .paper { display: none } .icon { color: #000; stroke: none } } @media (prefers-color-scheme: dark) { body { background: #111; color: #eee } .c2 { fill: #9cf } .b { stroke: #ccc } }
    .dark .icon { stroke: hotpink }`;
  const script = `<script>addEventListener('click', e => { if (e.target.closest('button')) document.documentElement.classList.toggle('dark') })</script>`;
  const page = rest => `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Icons</title><link rel="icon" href="data:,"><link rel="stylesheet" href="s.css"></head><body>${body.join('\n')}${rest}</body></html>`;
  fs.writeFileSync(path.join(dir, 's.css'), style);
  fs.writeFileSync(path.join(dir, 'index.html'), page(''));
  fs.writeFileSync(path.join(dir, 'script.html'), page(script));
  return dir;
}

const BOXES = () => [...document.querySelectorAll('svg')].map(e => {
  const r = e.getBoundingClientRect(), s = getComputedStyle(e), x = r.x + r.width / 2, y = r.y + r.height / 2, hit = document.elementFromPoint(x, y);
  return { svg: [r.x, r.y, r.width, r.height, [...s].filter(k => !k.startsWith('--')).map(k => s.getPropertyValue(k)).join(';')].join(' '),
    hit: hit && [hit.closest('a, button, p, li, td')?.outerHTML.slice(0, 30), getComputedStyle(hit).cursor].join(' ') };
});

async function tree(page) {
  const client = await page.context().newCDPSession(page), { nodes } = await client.send('Accessibility.getFullAXTree'), byId = new Map(nodes.map(n => [n.nodeId, n]));
  const told = id => {
    const n = byId.get(id), inside = (n.childIds ?? []).filter(c => byId.has(c)).map(told).flat();
    return n.ignored ? inside : [{ role: n.role?.value, name: n.name?.value, description: n.description?.value, properties: (n.properties ?? []).map(p => `${p.name}=${JSON.stringify(p.value.value)}`).join(), inside }];
  };
  return JSON.stringify(told(nodes[0].nodeId)).replaceAll(new URL(page.url()).origin, '');
}

async function seen(browser, url, viewport) {
  const context = await browser.newContext({ viewport, reducedMotion: 'reduce', serviceWorkers: 'block' }), page = await context.newPage(), log = [], shots = {};
  page.on('console', m => { if (m.type() === 'error') log.push(m.text()); });
  page.on('pageerror', e => log.push(e.message));
  await page.goto(url, { waitUntil: 'load' });
  const shoot = async name => { shots[name] = await page.screenshot({ fullPage: true, animations: 'disabled', caret: 'hide', scale: 'css' }); };
  for (const media of MEDIA) {
    await page.emulateMedia({ media: null, colorScheme: null, forcedColors: null, ...media });
    await shoot(JSON.stringify(media));
  }
  await page.emulateMedia({ media: null, colorScheme: null, forcedColors: null });
  const found = { tree: await tree(page), boxes: await page.evaluate(BOXES) }, parts = await page.locator('a:visible, button:visible').all();
  for (const [i, part] of parts.slice(0, 8).entries()) {
    await part.hover(); await shoot(`hover ${i}`);
    await part.focus(); await page.keyboard.press('Shift'); await shoot(`focus ${i}`);
    await page.mouse.down(); await shoot(`press ${i}`); await page.mouse.up(); await shoot(`after ${i}`);
  }
  for (const summary of await page.locator('summary').all()) { await summary.click(); }
  await page.evaluate(() => document.querySelector('dialog')?.showModal()); await shoot('opened');
  await context.close();
  return { ...found, shots, log };
}

function difference(a, b) {
  let i = 0;
  while (a[i] === b[i]) i++;
  return [a, b].map(t => t.slice(Math.max(0, i - 200), i + 200)).join('\n     and ');
}

let ok = 0, failed = 0, tried = 0, used = 0;
async function site(browser, dir) {
  const name = path.basename(dir), outs = {};
  for (const reuse of ['false', 'true']) {
    outs[reuse] = path.join(temp, `${name}-${reuse}`);
    execFileSync(kiln, ['build', dir, '--out', outs[reuse], '--cache-dir', path.join(temp, 'cache'), '--quiet'], { cwd: temp, env: { ...process.env, KILN_HTML_REUSE_SVG: reuse }, stdio: 'inherit' });
  }
  const [a, b] = [await serve(outs.false), await serve(outs.true)];
  for (const file of pages(dir, +options.pages)) {
    const [before, after] = ['false', 'true'].map(r => fs.readFileSync(path.join(outs[r], file), 'utf8'));
    if (before === after) { console.log(`-- ${name}/${file}: its inline SVGs stay as they are`); continue; }
    tried++; used += after.split('<use href="#k').length - 1;
    const wrong = [];
    for (const viewport of VIEWPORTS) {
      const at = `${viewport.width}x${viewport.height}`, was = await seen(browser, a.url + urlOf(file), viewport), now = await seen(browser, b.url + urlOf(file), viewport);
      for (const [state, shot] of Object.entries(was.shots)) {
        const [p, q] = [shot, now.shots[state]].map(s => PNG.sync.read(s));
        if (!p.data.equals(q.data)) wrong.push(`pixels ${at} ${state}`);
      }
      if (was.tree !== now.tree) wrong.push(`tree ${at}: ${difference(was.tree, now.tree)}`);
      was.boxes.forEach((box, i) => {
        if (box.svg !== now.boxes[i]?.svg) wrong.push(`boxes ${at}: svg ${i}`);
        if (box.hit !== now.boxes[i]?.hit) wrong.push(`hits ${at}: svg ${i}: ${box.hit} | ${now.boxes[i]?.hit}`);
      });
      if (was.log.join() !== now.log.join()) wrong.push(`console ${at}: ${now.log.join(' | ').slice(0, 500)}`);
    }
    wrong.length ? failed++ : ok++;
    console.log(`${wrong.length ? 'FAIL' : 'ok'} ${name}/${file}: ${before.length} to ${after.length} bytes, ${after.split('<use href="#k').length - 1} uses${wrong.slice(0, 20).map(w => `\n     ${w}`).join('')}`);
  }
  await a.close(); await b.close();
}

const browser = await launch();
try {
  for (const dir of given.length ? given : [ownSite()]) await site(browser, path.resolve(dir));
} finally { await browser.close(); fs.rmSync(temp, { recursive: true, force: true }); }
if (!given.length && (tried < 2 || used < 60)) { console.log('FAIL the icons of its own site were left as they are'); failed++; }
console.log(`drawings: ${ok} ok, ${failed} failed`);
process.exit(failed ? 1 : 0);
