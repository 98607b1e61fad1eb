// Opening a page in Chromium until it stands still, and taking down what a visitor gets of it.
import fs from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';

/** Names other than loopback never resolve: a page cannot depend on what the network says today. */
export const launch = () => chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium', headless: true,
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--hide-scrollbars', '--force-color-profile=srgb', '--disable-lcd-text',
    '--font-render-hinting=none', '--disable-partial-raster', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
});

/** At most `n` HTML files: index.html, then evenly over the rest. The same folder gives the same choice. */
export function pages(dir, n) {
  const all = fs.readdirSync(dir, { recursive: true }).filter(f => /\.html$/i.test(f)).map(f => f.split(path.sep).join('/')).sort();
  const first = all.filter(f => f === 'index.html'), rest = all.filter(f => f !== 'index.html'), k = Math.max(0, n - first.length);
  return [...first, ...(rest.length <= k ? rest : Array.from({ length: k }, (_, i) => rest[Math.floor((i + 0.5) * rest.length / k)]))].slice(0, n);
}

/** a/index.html -> a/ */
export const urlOf = file => file.replace(/(^|\/)index\.html$/i, '$1').split('/').map(encodeURIComponent).join('/');

/** A file may be renamed and re-encoded: a/photo.3fa9c1d2.avif and a/photo-800w.jpg are both a/photo; pages stay as they are. */
export function stem(url) {
  if (url.startsWith('data:')) return 'data:';
  const m = /^([^?#]*?)((?:\.(?:png|jpe?g|gif|webp|avif|svg|ico|css|m?js|woff2?|ttf|otf|json|webmanifest|mp4|pdf))+)(?:[?#].*)?$/i.exec(url);
  if (!m) return url;
  let s = m[1];
  for (let t; (t = s.replace(/[._@-](?:\d{2,5}[wx]?|(?=\w*\d)\w{6,32})$/, '')) !== s && !t.endsWith('/');) s = t;
  return s;
}

// In the page, before its own scripts: the same random numbers on every load.
const SEED = () => { let s = 42; Math.random = () => (s = (s * 1664525 + 1013904223) % 2 ** 32) / 2 ** 32; };

// Lazy images load when they come near: the page grows meanwhile, and may have moved what was passed already.
const SCROLL = async () => {
  const atMost = (promise, ms) => Promise.race([promise, new Promise(ok => setTimeout(ok, ms))]);
  const frames = () => atMost(new Promise(ok => requestAnimationFrame(() => requestAnimationFrame(ok))), 500);
  const pause = ms => new Promise(ok => setTimeout(ok, ms));
  for (let y = 0, n = 0; y < document.documentElement.scrollHeight && n < 60; y += innerHeight * 0.8, n++) { scrollTo({ top: y, behavior: 'instant' }); await pause(50); }
  scrollTo({ top: document.documentElement.scrollHeight, behavior: 'instant' }); await pause(100);
  for (const image of document.images) {
    if (image.complete || !image.checkVisibility()) continue;
    image.scrollIntoView({ behavior: 'instant' }); await frames();
  }
};

// Each promise has its limit: an image type that is switched off never decodes, a hidden page gets no frames.
const REST = async () => {
  const atMost = (promise, ms) => Promise.race([promise, new Promise(ok => setTimeout(ok, ms))]);
  scrollTo({ top: 0, behavior: 'instant' });
  if (document.activeElement !== document.body) document.activeElement?.blur?.();
  await atMost(document.fonts.ready, 5000);
  await atMost(Promise.all([...document.images].filter(i => i.naturalWidth).map(i => i.decode().catch(() => {}))), 5000);
  for (const a of document.getAnimations()) try { a.finish(); } catch { a.cancel(); }
  for (const v of document.querySelectorAll('video')) v.pause();
  await atMost(new Promise(ok => requestAnimationFrame(() => requestAnimationFrame(ok))), 1000);
};

const PROBE = () => {
  const own = u => { try { const x = new URL(u, document.baseURI); return x.origin === location.origin ? x.pathname + x.search + x.hash : u; } catch { return u; } };
  const pictures = [];
  for (const e of document.querySelectorAll('body, body *')) {
    const style = getComputedStyle(e), painted = [null, '::before', '::after'].map(p => { const s = getComputedStyle(e, p); return s.backgroundImage + s.maskImage + s.listStyleImage + s.borderImageSource + s.content; });
    if (!/^(img|video|canvas|iframe|object|embed|image)$/i.test(e.tagName) && !painted.some(s => /url\(|image-set\(/.test(s))) continue;
    const r = e.getBoundingClientRect();
    if (r.width >= 1 && r.height >= 1 && style.visibility !== 'hidden') pictures.push({ tag: e.tagName.toLowerCase(), x: r.x + scrollX, y: r.y + scrollY, w: r.width, h: r.height });
  }
  return {
    text: (document.body?.innerText ?? '').split('\n').map(l => l.replace(/\s+/g, ' ').trim()).filter(Boolean),
    links: [...document.querySelectorAll('a[href], area[href], form[action]')].map(a => own(a.getAttribute('href') ?? a.getAttribute('action'))),
    broken: [...document.images].filter(i => i.currentSrc && i.complete && !i.naturalWidth).map(i => own(i.currentSrc)),
    height: document.documentElement.scrollHeight, title: [document.title, document.documentElement.lang], pictures,
  };
};

/** Opens a page; -> { page, context, log, bytes() }. `imageTypes` are switched off, as in a browser without them. */
export async function open(browser, url, { width, height }, imageTypes = []) {
  const mobile = width < 600;
  const context = await browser.newContext({
    viewport: { width, height }, deviceScaleFactor: mobile ? 2 : 1, isMobile: mobile, hasTouch: mobile,
    serviceWorkers: 'block', reducedMotion: 'reduce', locale: 'en-US', timezoneId: 'UTC',
  });
  const page = await context.newPage(), cdp = await context.newCDPSession(page), origin = new URL(url).origin;
  page.setDefaultTimeout(60000);
  await cdp.send('Network.enable');
  await cdp.send('Network.setCacheDisabled', { cacheDisabled: true });
  if (imageTypes.length) await cdp.send('Emulation.setDisabledImageTypes', { imageTypes });
  const log = { console: [], failed: [] }, own = u => u.startsWith(origin + '/'), icon = u => u.endsWith('/favicon.ico');
  let busy = 0, touched = Date.now(), bytes = 0;
  const count = n => { busy += n; touched = Date.now(); };
  page.on('request', () => count(1));
  page.on('requestfinished', () => count(-1));
  page.on('requestfailed', r => { count(-1); if (own(r.url()) && r.failure()?.errorText !== 'net::ERR_ABORTED') log.failed.push(`${r.failure()?.errorText} ${stem(r.url().slice(origin.length))}`); });
  page.on('response', r => { if (r.status() >= 400 && own(r.url()) && !icon(r.url())) log.failed.push(`${r.status()} ${stem(r.url().slice(origin.length))}`); });
  const wire = new Set();
  cdp.on('Network.responseReceived', e => { if (own(e.response.url)) wire.add(e.requestId); });
  cdp.on('Network.loadingFinished', e => { if (wire.has(e.requestId)) bytes += e.encodedDataLength; });
  page.on('console', m => { const at = m.location().url; if (m.type() === 'error' && !icon(at) && !(/^https?:/.test(at) && !own(at)) && !/ERR_NAME_NOT_RESOLVED/.test(m.text())) log.console.push(m.text().replaceAll(origin, '').slice(0, 300)); });
  page.on('pageerror', e => log.console.push(String(e.message ?? e).replaceAll(origin, '').slice(0, 300)));
  page.on('dialog', d => d.dismiss().catch(() => {}));
  await page.addInitScript(SEED);
  const quiet = async ms => { for (const t = Date.now(); Date.now() - t < 15000 && (busy > 0 || Date.now() - touched < ms);) await page.waitForTimeout(40); };
  await page.goto(url, { waitUntil: 'load' });
  await quiet(400); await page.evaluate(SCROLL);
  await quiet(300); await page.evaluate(REST);
  await quiet(200); await page.evaluate(REST);
  return { page, context, cdp, log, bytes: () => bytes };
}

/** Everything that is compared of one page. */
export async function look(browser, url, viewport) {
  const { page, context, cdp, log } = await open(browser, url, viewport);
  try {
    const seen = await page.evaluate(PROBE);
    const { nodes } = await cdp.send('Accessibility.getFullAXTree');
    const roles = nodes.filter(n => !n.ignored && !/^(InlineTextBox|none|generic)$/.test(n.role?.value)).map(n => `${n.role?.value} ${(n.name?.value ?? '').replace(/\s+/g, ' ').trim()}`);
    // Chromium repeats itself beyond 16,384 device pixels.
    const clip = { x: 0, y: 0, width: viewport.width, height: Math.max(viewport.height, Math.min(seen.height, 7000)) };
    const shot = await page.screenshot({ fullPage: true, clip, animations: 'disabled', caret: 'hide' });
    return { ...seen, ...log, links: seen.links.map(stem), broken: seen.broken.map(stem), roles, shot, scale: viewport.width < 600 ? 2 : 1 };
  } finally { await context.close(); }
}
