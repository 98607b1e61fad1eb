#!/usr/bin/env node
const HELP = `critical.mjs KILN [SITE...] [--base /sub/] [--pages 5]

Builds a site of its own, and each SITE, with --critical=page and with --critical=screen, and opens the pages whose sheets
became part of them or wait at their end, at 390x844, 768x1024 and 1440x900; for "screen" also at 412x915, 1024x1366 and
1920x1080, which kiln does not look at. A page fails if
  paint    Chromium paints nothing before a sheet has come, which the server keeps back until then
  fold     with no sheet at all, more than 0.05 % of the first screen's pixels differ from the whole page's
  styles   once they have come, or for "page" with no sheet at all, an element's computed style differs from that in a
           build without --critical`;
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';
import { launch, pages, urlOf } from './page.mjs';
import { serve } from './server.mjs';

const { values: options, positionals: [program, ...given] } = parseArgs({
  allowPositionals: true, options: { base: { type: 'string', default: '/' }, pages: { type: 'string', default: '5' }, help: { type: 'boolean' } },
});
if (options.help || !program) { console.log(HELP); process.exit(program ? 0 : 2); }
const kiln = path.resolve(program), temp = fs.mkdtempSync(path.join(os.tmpdir(), 'critical-'));
const VIEWPORTS = [{ width: 390, height: 844 }, { width: 768, height: 1024 }, { width: 1440, height: 900 }];
const OTHERS = [{ width: 412, height: 915 }, { width: 1024, height: 1366 }, { width: 1920, height: 1080 }];

/** Pages that need few of a sheet's rules each: layers, queries, generated content, a font, an early script. */
function ownSite() {
  const dir = path.join(temp, 'own'), write = (name, text) => { fs.mkdirSync(path.dirname(path.join(dir, name)), { recursive: true }); fs.writeFileSync(path.join(dir, name), text); };
  const number = (i, by) => (i * 7919 + by * 104729) % 997;
  const rest = Array.from({ length: 900 }, (_, i) => `.other${i}{margin:${number(i, 1)}px ${number(i, 2)}px;padding:${number(i, 3)}px}`).join('\n');
  write('css/main.css', `@layer base, parts;
    @font-face { font-family: Own; src: url(../font/own.woff2) }
    @layer base { :root { --gap: 12px; --unused: 1; --accent: crimson } h1 { font-family: Own, serif } body { margin: 0; font: 16px/1.5 sans-serif } h1:first-child { color: teal } }
    @layer parts { .cards { display: grid; gap: var(--gap); grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)) }
      .cards > *:not(.plain)::before { content: "card " attr(data-n); color: #777 } .card { border: 1px solid; padding: 1em } .card:hover { color: red }
      @media (min-width: 800px) { .card { border-radius: 9px } } @supports (display: grid) { .card { background: url(../img/dot.svg) } } }
    .js nav a { display: inline-block; padding: 4px 12px; background: #eee } .dark body { background: #222; color: #eee }
    @keyframes turn { to { rotate: 1turn } } .other1 { animation: turn 1s } ${rest}`);
  write('css/print.css', '.card { color: #000 }');
  write('font/own.woff2', '');
  write('img/dot.svg', '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><circle cx="4" cy="4" r="2" fill="#ace"/></svg>');
  const page = (title, body, lead = '') => `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title><link rel="icon" href="data:,">
    ${lead}<link rel="stylesheet" href="css/main.css"><link rel="stylesheet" href="css/print.css" media="print"></head><body>${body}</body></html>`;
  const cards = Array.from({ length: 40 }, (_, i) => `<div class="card${i % 3 ? '' : ' plain'}" data-n="${i}">Card ${i}</div>`).join('\n');
  write('index.html', page('early', `<nav><a href="./">Home</a><a href="other.html">Other</a></nav><h1>Cards</h1><div class="cards">${cards}</div><script src="late.js"></script>`,
    '<script>document.documentElement.classList.add("js")</script>'));
  write('plain.html', page('plain', `<h1>Cards</h1><svg width="9" height="9"><path fill="var(--accent)" d="M0 0h9v9"/></svg><div class="cards">${cards}</div>`));
  // Below the first screen, and what only seems to be there: a dialog, a bar at the bottom, a banner pulled up.
  write('css/long.css', `body { margin: 0; font: 16px/1.5 sans-serif } body > * { display: block } header { padding: 40px; background: #dde } header p { max-width: 40em }
    .hero { height: 70vh; background: url(../img/dot.svg) } .hero:hover { background: #fee } .dialog { display: none } .bar { position: fixed; bottom: 0; left: 0; right: 0; padding: 8px; background: #ffd }
    .up { position: absolute; top: 10px; right: 10px; border: 1px solid } .ribbon { transform: translateY(-2400px); margin: 0 20px; background: pink }
    .more { padding: 60px; display: grid; grid-template-columns: 1fr 1fr; gap: 30px } .more p { border-top: 4px double; color: #060 } .foot { background: #222; color: #fff; padding: 90px }
    ${Array.from({ length: 300 }, (_, i) => `.part${i}{margin-top:${number(i, 1)}px;padding:${number(i, 2)}px ${number(i, 3) % 40}px;color:rgb(${number(i, 4) % 255},9,9)}`).join('\n')} ${rest}`);
  const part = i => `<section class="more part${i}"><p>One ${i}</p><p>Two ${i}</p></section>`;
  write('long.html', page('long', `<header><h1>Long</h1><p>A page with a lot below its first screen.</p><button>Go</button></header><div class="hero"></div>
    <div class="dialog"><h2>Sure?</h2></div>${'<p>Text between.</p>'.repeat(60)}<div class="ribbon">Pulled up</div>${Array.from({ length: 200 }, (_, i) => part(i)).join('\n')}
    <div class="bar">Cookies</div><a class="up" href="other.html">Other</a><div class="foot">The end</div>`).replace('main.css', 'long.css'));
  write('other.html', page('other', Array.from({ length: 900 }, (_, i) => `<i class="other${i}">${i}</i>`).join('')));
  write('late.js', 'document.querySelector("h1").dataset.width = document.querySelector("h1").getBoundingClientRect().width;');
  return dir;
}

const STYLES = () => [...document.documentElement.querySelectorAll('body, body *:not(link, style, script, source)')].map(e =>
  [null, '::before', '::after'].map(p => { const s = getComputedStyle(e, p); return [...s].filter(k => !k.startsWith('--')).map(k => s.getPropertyValue(k)).join(';').replaceAll(location.origin, ''); }).join('|'));

async function opened(browser, url, viewport, sheets) {
  const context = await browser.newContext({ viewport, reducedMotion: 'reduce', serviceWorkers: 'block' }), page = await context.newPage();
  let painted, kept = 0;
  const paint = new Promise(ok => { painted = ok; });
  await page.route(u => /\.css($|[?#])/.test(u.pathname), async route => {
    kept++;
    if (sheets === 'none') return route.abort();
    if (sheets === 'late') await Promise.race([paint, new Promise(ok => setTimeout(ok, 5000))]);
    await route.continue();
  });
  const load = page.goto(url, { waitUntil: 'load' });
  let early = true;
  if (sheets === 'late') {
    await page.waitForURL(url, { waitUntil: 'commit' });
    early = await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0, null, { timeout: 4000 }).then(() => true, () => false);
    painted();
  }
  await load;
  await page.waitForLoadState('networkidle').catch(() => {});
  await page.evaluate(() => document.fonts.ready.then(() => true));
  return { page, context, early, kept };
}

let ok = 0, failed = 0, tried = 0;
const sizes = {};
async function site(browser, dir, mode) {
  const name = path.basename(dir), outs = {};
  for (const kind of ['plain', 'critical']) {
    outs[kind] = path.join(temp, `${name}-${mode}-${kind}`);
    execFileSync(kiln, ['build', dir, '--out', outs[kind], '--cache-dir', path.join(temp, 'cache'), '--quiet', ...(kind === 'critical' ? [`--critical=${mode}`] : [])], { cwd: temp });
  }
  const [a, b] = [await serve(outs.plain, options.base), await serve(outs.critical, options.base)];
  for (const file of pages(dir, +options.pages)) {
    const read = out => fs.readFileSync(path.join(out, file), 'utf8'), links = text => (text.match(/<link[^>]*stylesheet/g) ?? []).length;
    const [before, after] = [read(outs.plain), read(outs.critical)], waits = links(after) > 0 && /<\/style>[^]*<link[^>]*stylesheet/.test(after);
    const styles = text => (text.match(/<style/g) ?? []).length;
    if (styles(before) === styles(after)) { console.log(`-- ${name}/${file}: its sheets stay where they are`); continue; }
    tried++;
    (sizes[file] ??= {})[mode] = after.length;
    const wrong = [];
    let worst = 0;
    for (const viewport of mode === 'screen' ? [...VIEWPORTS, ...OTHERS] : VIEWPORTS) {
      const at = `${viewport.width}x${viewport.height}`, url = b.url + urlOf(file);
      const whole = await opened(browser, url, viewport, 'all'), bare = await opened(browser, url, viewport, 'none');
      const [p, q] = await Promise.all([whole, bare].map(async s => PNG.sync.read(await s.page.screenshot({ animations: 'disabled', caret: 'hide' }))));
      const share = pixelmatch(p.data, q.data, null, p.width, p.height, { threshold: 0.1 }) / (p.width * p.height);
      worst = Math.max(worst, share);
      if (share > 0.0005) wrong.push(`fold ${at}: ${(share * 100).toFixed(3)} % differ`);
      await whole.context.close();
      if (OTHERS.includes(viewport)) { await bare.context.close(); continue; }
      const late = await opened(browser, url, viewport, 'late'), reference = await opened(browser, a.url + urlOf(file), viewport, 'all');
      if (waits && late.kept && !late.early) wrong.push(`paint ${at}: waits for a sheet`);
      const [x, y, z] = await Promise.all([reference, late, bare].map(s => s.page.evaluate(STYLES)));
      for (const [when, other] of mode === 'screen' ? [['with', y]] : [['with', y], ['without', z]]) {
        const differ = x.filter((s, i) => s !== other[i]).length;
        if (x.length !== other.length || differ) wrong.push(`styles ${at}: ${differ} of ${x.length} elements differ ${when} sheets`);
      }
      await Promise.all([bare, late, reference].map(s => s.context.close()));
    }
    wrong.length ? failed++ : ok++;
    console.log(`${wrong.length ? 'FAIL' : 'ok'} ${name}/${file}, ${mode}: first screen without sheets differs by ${(worst * 100).toFixed(3)} % ${wrong.map(w => `\n     ${w}`).join('')}`);
  }
  await a.close(); await b.close();
}

const browser = await launch();
try {
  for (const dir of given.length ? given : [ownSite()]) for (const mode of ['page', 'screen']) await site(browser, path.resolve(dir), mode);
} finally { await browser.close(); fs.rmSync(temp, { recursive: true, force: true }); }
const { page, screen } = sizes['long.html'] ?? {};
if (!given.length && !(screen < page * 0.8)) { console.log(`FAIL long.html has ${screen} bytes with what its first screen needs, ${page} with what anything on it needs`); failed++; }
if (!given.length && tried < 5) { console.log('FAIL the pages of its own site were left as they are'); failed++; }
console.log(`critical: ${ok} ok, ${failed} failed`);
process.exit(failed ? 1 : 0);
