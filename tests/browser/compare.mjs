#!/usr/bin/env node
const HELP = `compare.mjs BEFORE AFTER [--base /sub/] [--pages 3] [--viewports 390x844,1440x900]

Serves both folders on loopback and opens the same pages of both in Chromium (CHROMIUM names the binary; /usr/bin/chromium).
A page fails when AFTER differs from BEFORE in
  pixels   outside of pictures, more than 0.02 % of them       height   by more than a pixel
  picture  structural similarity of a picture below 0.9        image    one that no longer loads
  text, links, title, accessibility (roles and names)          console, request: errors that BEFORE has not
Files may be renamed and re-encoded: links to files are compared without hash, width and extension. A page that differs is
loaded once more on both sides, and fails for what differs again.`;
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';
import { launch, look, pages, urlOf } from './page.mjs';
import { serve } from './server.mjs';

/** What of `a` is not in `b`, counting repetitions. */
function minus(a, b) {
  const rest = [...b];
  return a.filter(x => { const i = rest.indexOf(x); if (i >= 0) rest.splice(i, 1); return i < 0; });
}

/** Mean SSIM (8×8 windows of luma) of a rectangle of two images, scaled down to some 256 pixels as the measure asks for, and
    to CSS pixels at least: what object-fit crops is snapped to pixels of the screen, and another file of the same picture half a
    CSS pixel elsewhere. */
function ssim(a, b, { x, y, w, h }, scale) {
  const f = Math.max(scale, Math.round(Math.min(w, h) / 256)), W = Math.floor(w / f), H = Math.floor(h / f), n = Math.min(8, W, H);
  if (n < 1) return 1;
  const [p, q] = [a, b].map(image => {
    const out = new Float64Array(W * H);
    for (let j = 0; j < H * f; j++) for (let i = 0; i < W * f; i++) {
      const k = ((y + j) * image.width + x + i) * 4, d = image.data;
      out[Math.floor(j / f) * W + Math.floor(i / f)] += (0.299 * d[k] + 0.587 * d[k + 1] + 0.114 * d[k + 2]) / (f * f);
    }
    return out;
  });
  let sum = 0, count = 0;
  for (let j = 0; j + n <= H; j += Math.max(1, n >> 1)) for (let i = 0; i + n <= W; i += Math.max(1, n >> 1)) {
    let sp = 0, sq = 0, pp = 0, qq = 0, pq = 0;
    for (let v = j; v < j + n; v++) for (let u = i; u < i + n; u++) { const s = p[v * W + u], t = q[v * W + u]; sp += s; sq += t; pp += s * s; qq += t * t; pq += s * t; }
    const N = n * n, mp = sp / N, mq = sq / N, vp = pp / N - mp * mp, vq = qq / N - mq * mq, cov = pq / N - mp * mq;
    sum += (2 * mp * mq + 6.5025) * (2 * cov + 58.5225) / ((mp * mp + mq * mq + 6.5025) * (vp + vq + 58.5225)); count++;
  }
  return sum / count;
}

/** Differences as [kind, detail]. */
function differences(a, b) {
  const out = [], short = list => JSON.stringify(list.slice(0, 3)).slice(0, 300);
  for (const [kind, key] of [['text', 'text'], ['links', 'links'], ['title', 'title'], ['accessibility', 'roles']]) {
    if (JSON.stringify(a[key]) !== JSON.stringify(b[key])) out.push([kind, `gone ${short(minus(a[key], b[key]))} new ${short(minus(b[key], a[key]))}`]);
  }
  for (const [kind, key] of [['console', 'console'], ['request', 'failed'], ['image', 'broken']]) {
    const more = minus(b[key], a[key]);
    if (more.length) out.push([kind, short(more)]);
  }
  if (Math.abs(a.height - b.height) > 1) return [...out, ['height', `${a.height} to ${b.height}`]];
  const [p, q] = [a, b].map(s => PNG.sync.read(s.shot)), W = p.width, H = Math.min(p.height, q.height), masked = [p, q].map(i => Buffer.from(i.data.subarray(0, W * H * 4)));
  const bounds = r => { const s = a.scale, x = Math.max(0, Math.floor(r.x * s)), y = Math.max(0, Math.floor(r.y * s)); return { x, y, w: Math.min(W, Math.ceil((r.x + r.w) * s)) - x, h: Math.min(H, Math.ceil((r.y + r.h) * s)) - y }; };
  for (const r of [...a.pictures, ...b.pictures].map(bounds)) for (let y = r.y; y < r.y + r.h; y++) for (const m of masked) m.fill(0, (y * W + r.x) * 4, (y * W + Math.max(r.x, r.x + r.w)) * 4);
  const changed = pixelmatch(masked[0], masked[1], null, W, H, { threshold: 0.1 });
  if (changed > Math.max(30, W * H * 0.0002)) out.push(['pixels', `${changed} of ${W * H}`]);
  for (const picture of a.pictures) {
    const r = bounds(picture), score = r.w > 0 && r.h > 0 ? ssim(p, q, r, a.scale) : 1;
    if (score < 0.9) out.push(['picture', `${picture.tag} at ${Math.round(picture.x)},${Math.round(picture.y)}: SSIM ${score.toFixed(3)}`]);
  }
  return out;
}

/** -> { ok, failed, kinds } ; `say` gets one line for each page and viewport. */
export async function compare(before, after, { base = '/', pages: n = 3, viewports = '390x844,1440x900', say = console.log } = {}) {
  const sites = [await serve(before, base), await serve(after, base)], browser = await launch();
  const result = { ok: 0, failed: 0, kinds: new Set() };
  try {
    for (const file of pages(before, n)) for (const size of viewports.split(',')) {
      const [width, height] = size.split('x').map(Number);
      const once = async () => {
        try {
          return differences(...await Promise.all(sites.map(s => look(browser, s.url + urlOf(file), { width, height }))));
        } catch (error) { return [['crash', String(error).split('\n')[0]]]; }
      };
      let found = await once();
      if (found.length) { const again = new Set((await once()).map(([kind]) => kind)); found = found.filter(([kind]) => again.has(kind)); }
      result[found.length ? 'failed' : 'ok']++;
      say(`${found.length ? 'FAIL' : 'ok  '} ${file} ${size}`);
      for (const [kind, detail] of found) { result.kinds.add(kind); say(`     ${kind}: ${detail}`); }
    }
  } finally { await browser.close(); await Promise.all(sites.map(s => s.close())); }
  return result;
}

if (process.argv[1] === (await import('node:url')).fileURLToPath(import.meta.url)) {
  const options = {}, folders = [];
  for (let i = 2; i < process.argv.length; i++) {
    const arg = process.argv[i];
    if (/^--(base|pages|viewports)$/.test(arg)) options[arg.slice(2)] = arg === '--pages' ? +process.argv[++i] : process.argv[++i];
    else folders.push(arg);
  }
  if (folders.length !== 2 || folders.some(f => f.startsWith('--'))) { console.error(HELP); process.exit(folders.includes('--help') ? 0 : 2); }
  const { ok, failed } = await compare(...folders, options);
  console.log(`${ok} passed, ${failed} failed\ncompare: ${ok} ok, ${failed} failed`);
  // Nothing compared is not a success.
  process.exitCode = failed || !ok ? 1 : 0;
}
