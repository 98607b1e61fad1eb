#!/usr/bin/env node
// kiln's layout against Chromium's.
//
//   node layout.mjs boxes SITE [--base /sub/] [--pages 20] [--layout PATH]   widths, the first screen, its largest image
//   node layout.mjs picks BEFORE AFTER [--base /sub/] [--pages 20] [--worst 1.35]   what is picked at 8 widths and 3 ratios
//
// `boxes` runs `cargo run --example layout` unless --layout names that program. `picks` fails when a picked file is
// narrower than needed, though a wider one is there, when the median of picked over needed pixels is above 1.15 or the
// worst above --worst (for images whose sizes kiln wrote), when an image of the first screen is lazy that was not, or when
// a page preloads more pictures that no image and no background shows than it did.
import { execFileSync } from 'node:child_process';
import { launch, pages, urlOf } from './page.mjs';
import { serve } from './server.mjs';

const args = process.argv.slice(2), option = (name, or) => { const i = args.indexOf(`--${name}`); return i < 0 ? or : args.splice(i, 2)[1]; };
const base = option('base', '/'), limit = +option('pages', 20), program = option('layout', ''), limitWorst = +option('worst', 1.35);
const [mode, before, after] = args;
const WIDTHS = [[360, 800], [390, 844], [412, 915], [768, 1024], [1024, 768], [1280, 800], [1440, 900], [1920, 1080]];

// In the page: every image, what it shows and needs.
const IMAGES = () => [...document.images].map(image => {
  const r = image.getBoundingClientRect(), style = getComputedStyle(image);
  const inner = (edges, length) => length - edges.reduce((sum, e) => sum + parseFloat(style[e] || 0), 0);
  const w = inner(['paddingLeft', 'paddingRight', 'borderLeftWidth', 'borderRightWidth'], image.offsetWidth);
  const h = inner(['paddingTop', 'paddingBottom', 'borderTopWidth', 'borderBottomWidth'], image.offsetHeight);
  const ratio = image.naturalWidth / image.naturalHeight || 0;
  const drawn = style.objectFit === 'cover' ? Math.max(w, h * ratio) : style.objectFit === 'contain' ? Math.min(w, h * ratio) : w;
  const x = r.x + scrollX, y = r.y + scrollY, side = (from, len, end) => Math.max(0, Math.min(from + len, end) - Math.max(from, 0));
  const shown = image.checkVisibility({ visibilityProperty: true }) && r.width > 0 && r.height > 0;
  return { box: [x, y, r.width, r.height], shown, drawn, visible: shown ? side(x, r.width, innerWidth) * side(y, r.height, innerHeight) : 0,
    src: image.currentSrc, lazy: image.loading === 'lazy', high: image.fetchPriority === 'high',
    sizes: image.parentElement?.tagName === 'PICTURE' ? image.parentElement.querySelector('source')?.sizes || '' : image.sizes };
});

// In the page: the pictures that it preloads, and of these the ones that nothing on it shows.
const PRELOADS = () => {
  const links = [...document.querySelectorAll('link[rel=preload][as=image]')].filter(l => !l.media || matchMedia(l.media).matches);
  const backgrounds = [...document.querySelectorAll('*')].map(e => getComputedStyle(e).backgroundImage).join();
  const sources = link => link.imageSrcset ? link.imageSrcset.split(/\s*,\s+/).map(c => new URL(c.trim().split(/\s+/)[0], document.baseURI).href) : [link.href];
  const shown = url => [...document.images].some(i => i.currentSrc === url) || backgrounds.includes(`"${url}"`);
  return { all: links.length, idle: links.filter(l => !sources(l).some(shown)).map(l => l.href || l.imageSrcset) };
};

async function look(browser, url, [width, height], deviceScaleFactor = 1, task = IMAGES) {
  const context = await browser.newContext({ viewport: { width, height }, deviceScaleFactor, reducedMotion: 'reduce' });
  try {
    const page = await context.newPage();
    await page.goto(url, { waitUntil: 'load', timeout: 60000 });
    // All that is lazy, so that sizes are final.
    await page.evaluate(async () => {
      const pause = ms => new Promise(ok => setTimeout(ok, ms));
      for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight) { scrollTo({ top: y, behavior: 'instant' }); await pause(30); }
      for (const i of document.images) if (!i.complete && i.checkVisibility()) { i.scrollIntoView({ behavior: 'instant' }); await pause(50); }
      scrollTo({ top: 0, behavior: 'instant' });
      await Promise.race([document.fonts.ready, pause(2000)]);
    });
    return await page.evaluate(task);
  } finally { await context.close(); }
}

const percent = (n, of) => `${n}/${of}${of ? ` (${(100 * n / of).toFixed(1)} %)` : ''}`;
const median = list => list.length ? list.sort((a, b) => a - b)[list.length >> 1] : NaN;

async function boxes() {
  const run = program ? [program, []] : ['cargo', ['run', '--quiet', '--example', 'layout', '--']];
  const told = JSON.parse(execFileSync(run[0], [...run[1], before, ...(base === '/' ? [] : [base])], { maxBuffer: 1 << 30 }));
  const server = await serve(before, base), browser = await launch();
  let widths = 0, near = 0, first = 0, agree = 0, largest = 0, same = 0, unknown = 0, missed = 0;
  for (const file of pages(before, limit)) {
    const page = told.pages[file];
    if (!page || page.unknown) { unknown++; console.log(`-- ${file}: ${page?.unknown ?? 'not laid out'}`); continue; }
    for (const view of page.views) {
      const real = await look(browser, server.url + urlOf(file), [view.width, view.height]);
      const shown = box => box ? Math.max(0, Math.min(box[0] + box[2], view.width) - Math.max(box[0], 0)) * Math.max(0, Math.min(box[1] + box[3], view.height) - Math.max(box[1], 0)) : 0;
      // Images that scripts added come after the page's own, or the page is another one.
      view.images.slice(0, real.length).forEach((box, i) => {
        if (!box && !real[i].shown) return;
        widths++;
        const off = Math.abs((box?.[2] ?? 0) - (real[i].shown ? real[i].box[2] : 0));
        if (off <= Math.max(1, real[i].box[2] * 0.05)) near++;
        else console.log(`   ${file} ${view.width}: image ${i + 1} is ${real[i].box[2]} wide, not ${box?.[2] ?? 'hidden'}`);
        if (!page.placed) return;
        first++;
        if (shown(box) > 0 === real[i].visible > 0) agree++;
        else if (real[i].visible > 0) { missed++; console.log(`   ${file} ${view.width}: image ${i + 1} is on the first screen`); }
      });
      if (!page.placed) continue;
      const best = areas => areas.reduce((top, area, i) => (area > (areas[top] ?? 0) + 1 ? i : top), -1);
      const [a, b] = [best(view.images.map(shown)), best(real.map(i => i.visible))];
      if (a < 0 && b < 0) continue;
      largest++;
      if (a === b) same++; else console.log(`   ${file} ${view.width}: the largest image is ${b + 1}, not ${a + 1}`);
    }
  }
  await browser.close(); await server.close();
  console.log(`widths within 5 %: ${percent(near, widths)}; on the first screen or not: ${percent(agree, first)}, ${missed} missed; the largest image: ${percent(same, largest)}; ${unknown} pages unknown; ${(told.seconds * 1000 / Object.keys(told.pages).length).toFixed(1)} ms a page`);
  return near < widths * 0.9 || same < largest * 0.9;
}

/** Pixels of the files behind the URLs. */
async function pixels(browser, home, urls) {
  const page = await browser.newPage();
  await page.goto(home);
  const found = new Map();
  for (const url of urls) found.set(url, await page.evaluate(u => new Promise(ok => { const i = new Image(); i.onload = () => ok(i.naturalWidth); i.onerror = () => ok(0); i.src = u; }), url));
  await page.close();
  return found;
}

async function picks() {
  const [a, b] = [await serve(before, base), await serve(after, base)], browser = await launch();
  const looked = [], urls = new Set();
  let preloaded = 0, idle = 0;
  for (const file of pages(before, limit)) for (const view of WIDTHS) for (const ratio of [1, 2, 3]) {
    if (ratio === 1) {
      const was = await look(browser, a.url + urlOf(file), view, 1, PRELOADS), is = await look(browser, b.url + urlOf(file), view, 1, PRELOADS);
      preloaded += is.all;
      if (is.idle.length > was.idle.length) { idle++; console.log(`   ${file} ${view[0]}: preloaded and not shown: ${is.idle.join(' ')}`); }
    }
    const old = ratio === 1 ? await look(browser, a.url + urlOf(file), view) : [];
    const now = await look(browser, b.url + urlOf(file), view, ratio);
    now.forEach(i => i.src && urls.add(i.src));
    looked.push({ file, view, ratio, old, now });
  }
  const size = await pixels(browser, b.url, urls);
  let lazy = 0, high = 0, tops = 0, narrow = 0;
  const ours = [], all = [];
  const widest = new Map();
  for (const { now, file } of looked) now.forEach((i, n) => { const k = `${file} ${n}`; widest.set(k, Math.max(widest.get(k) ?? 0, size.get(i.src) ?? 0)); });
  for (const { file, view, ratio, old, now } of looked) {
    now.forEach((image, n) => {
      if (!image.shown || !/\.(jpe?g|png|webp|avif)([?#]|$)/i.test(image.src)) return;
      const has = size.get(image.src) ?? 0, needed = image.drawn * ratio, most = widest.get(`${file} ${n}`);
      if (!has || !needed) return;
      const own = image.sizes && !/100vw, \d+px$/.test(image.sizes) && /\.(avif|webp)$/.test(image.src);
      // With no wider file there is nothing better to pick.
      if (own && has < needed - 1.5 * ratio && has < most) { narrow++; console.log(`   ${file} ${view[0]}@${ratio}: image ${n + 1} has ${has} px of ${needed.toFixed(0)}`); }
      const over = has / Math.min(needed, most);
      all.push(over);
      if (own) { ours.push(over); if (over > 1.35) console.log(`   ${file} ${view[0]}@${ratio}: image ${n + 1} has ${has} px for ${needed.toFixed(0)}, ${image.sizes}`); }
    });
    if (ratio === 1) {
      const late = now.filter((i, n) => i.lazy && i.visible > 0 && !old[n]?.lazy);
      lazy += late.length;
      late.forEach(i => console.log(`   ${file} ${view[0]}: ${i.src} is lazy and on the first screen`));
      const top = now.reduce((t, i, n) => (i.visible > (t < 0 ? view[0] * view[1] * 0.03 : now[t].visible) ? n : t), -1);
      if (top >= 0) { tops++; high += now[top].high && !now[top].lazy; }
    }
  }
  await browser.close(); await a.close(); await b.close();
  console.log(`picked over needed pixels, sizes from the layout: median ${median(ours).toFixed(2)}, worst ${Math.max(...ours, 0).toFixed(2)} of ${ours.length}; all images: median ${median(all).toFixed(2)}, worst ${Math.max(...all, 0).toFixed(2)} of ${all.length}`);
  console.log(`too narrow: ${narrow}; newly lazy on the first screen: ${lazy}; the largest image of a first screen has priority: ${percent(high, tops)}; pictures preloaded: ${preloaded}, on pages where too few are shown: ${idle}`);
  return narrow > 0 || lazy > 0 || idle > 0 || median(ours) > 1.15 || Math.max(...ours, 0) > limitWorst;
}

process.exitCode = await (mode === 'picks' ? picks() : boxes()) ? 1 : 0;
