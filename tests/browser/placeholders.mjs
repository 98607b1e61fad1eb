#!/usr/bin/env node
const HELP = `placeholders.mjs KILN SITE [--pages 5]

Builds SITE with images.placeholder = "color" and "blur", and opens its pages at 390x844 and 1440x900. A page fails if
  before   while no picture has come, a box with a placeholder is far from the colours that its picture turns out to have
  after    once all have come, anything looks different from a build without placeholders
  console  Chromium complains of something that it did not complain of there`;
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { PNG } from 'pngjs';
import { launch, pages, urlOf } from './page.mjs';
import { serve } from './server.mjs';

const { values: options, positionals: [kiln, site] } = parseArgs({ allowPositionals: true, options: { pages: { type: 'string', default: '5' }, help: { type: 'boolean' } } });
if (options.help || !site) { console.log(HELP); process.exit(options.help ? 0 : 2); }
const temp = fs.mkdtempSync(path.join(os.tmpdir(), 'placeholders-'));
/** Steps of 0 to 255 in the mean of each channel: a blurred picture has the colours of its own, a dominant one is one of them. */
const FAR = { blur: 24, color: 110 };

function built(placeholder) {
  const out = path.join(temp, placeholder);
  execFileSync(path.resolve(kiln), ['build', site, '--out', out, '--cache-dir', path.join(temp, 'cache'), '--quiet'], { env: { ...process.env, KILN_IMAGES_PLACEHOLDER: placeholder }, stdio: 'inherit' });
  return out;
}

const BOXES = () => [...document.images].filter(i => i.style.backgroundImage).map(i => {
  const s = getComputedStyle(i), r = i.getBoundingClientRect(), n = k => parseFloat(s[k]);
  return { x: r.x + scrollX + n('paddingLeft') + n('borderLeftWidth'), y: r.y + scrollY + n('paddingTop') + n('borderTopWidth'), width: i.clientWidth - n('paddingLeft') - n('paddingRight'), height: i.clientHeight - n('paddingTop') - n('paddingBottom') };
});

async function look(browser, url, viewport, pictures) {
  const context = await browser.newContext({ viewport, reducedMotion: 'reduce', serviceWorkers: 'block' }), page = await context.newPage(), log = [];
  page.on('console', m => { if (m.type() === 'error') log.push(m.text().replace(/:\d+/g, '')); });
  // Held back, not refused: a broken picture would show its text.
  if (!pictures) await page.route(u => u.protocol !== 'data:' && /\.(avif|webp|jpe?g|png)$/.test(u.pathname), () => {});
  await page.goto(url, { waitUntil: pictures ? 'load' : 'domcontentloaded' });
  if (pictures) await page.evaluate(async () => { for (const i of document.images) { i.loading = 'eager'; await i.decode().catch(() => {}); } });
  else await page.waitForTimeout(300);
  const boxes = await page.evaluate(BOXES), shot = PNG.sync.read(await page.screenshot({ fullPage: true, animations: 'disabled', caret: 'hide', scale: 'css' }));
  await context.close();
  return { boxes, shot, log };
}

function mean(shot, { x, y, width, height }) {
  const sums = [0, 0, 0]; let n = 0;
  for (let r = Math.ceil(y) + 2; r < Math.min(shot.height, y + height - 2); r++) for (let c = Math.ceil(x) + 2; c < Math.min(shot.width, x + width - 2); c++, n++) for (const k of [0, 1, 2]) sums[k] += shot.data[(r * shot.width + c) * 4 + k];
  return sums.map(s => s / Math.max(1, n));
}

let ok = 0, failed = 0, seen = 0;
const browser = await launch(), plain = built('none'), before = await serve(plain);
for (const placeholder of ['color', 'blur']) {
  const server = await serve(built(placeholder));
  for (const file of pages(plain, Number(options.pages))) for (const viewport of [{ width: 390, height: 844 }, { width: 1440, height: 900 }]) {
    const wrong = [], was = await look(browser, before.url + urlOf(file), viewport, true), now = await look(browser, server.url + urlOf(file), viewport, true), early = await look(browser, server.url + urlOf(file), viewport, false);
    if (!now.shot.data.equals(was.shot.data)) wrong.push('after: it looks different');
    if (now.log.join('\n') !== was.log.join('\n')) wrong.push(`console: ${now.log.join(' | ')}`);
    for (const [i, box] of early.boxes.entries()) {
      const a = mean(early.shot, box), b = mean(now.shot, now.boxes[i]), off = Math.max(...a.map((v, k) => Math.abs(v - b[k])));
      if (off > FAR[placeholder]) wrong.push(`before: box ${i} is ${a.map(Math.round)}, its picture ${b.map(Math.round)}`);
    }
    seen += early.boxes.length;
    wrong.length ? failed++ : ok++;
    console.log(`${wrong.length ? 'FAIL' : 'ok'} ${placeholder} ${viewport.width}x${viewport.height} ${file}: ${early.boxes.length} placeholders${wrong.map(w => `\n     ${w}`).join('')}`);
  }
  await server.close();
}
await browser.close(); await before.close(); fs.rmSync(temp, { recursive: true });
if (!seen) { console.log('FAIL: no placeholder anywhere'); failed++; }
console.log(`placeholders: ${ok} ok, ${failed} failed`);
process.exit(failed ? 1 : 0);
