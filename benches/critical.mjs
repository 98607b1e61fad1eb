// Critical CSS: kiln beside beasties and penthouse, on pages of real sites.
//
//   PUPPETEER_SKIP_DOWNLOAD=1 npm i --prefix DIR beasties@0.4 penthouse@2
//   npm ci --prefix tests/browser
//   node benches/critical.mjs --kiln target/release/kiln --modules DIR/node_modules [--pages 2] [--base /sub/] SITE...
//
// For each page and tool: the bytes of the rules in the page, as they are and with brotli; how much of the first screen
// differs, at most over three viewports, when no sheet comes at all; and milliseconds. A tool that leaves the page alone
// has a dash. kiln's time is that of a cold build with --critical less that of one without, a page; it is told that the site's
// scripts from elsewhere make no sheets (`css.trusted_scripts`), which the others never ask.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { brotliCompressSync } from 'node:zlib';
import { serve } from '../tests/browser/server.mjs';
import { launch, pages, urlOf } from '../tests/browser/page.mjs';

const { values: options, positionals: sites } = parseArgs({
  allowPositionals: true,
  options: {
    kiln: { type: 'string', default: 'target/release/kiln' }, modules: { type: 'string', default: 'node_modules' },
    pages: { type: 'string', default: '2' }, base: { type: 'string', default: '/' },
  },
});
const own = createRequire(new URL('../tests/browser/x.js', import.meta.url)), given = createRequire(path.resolve(options.modules, 'x.js'));
const pixelmatch = (await import(own.resolve('pixelmatch'))).default, { PNG } = own('pngjs');
const Beasties = given('beasties'), penthouse = given('penthouse'), puppeteer = given('puppeteer');
const temp = fs.mkdtempSync(path.join(os.tmpdir(), 'critical-bench-'));
const VIEWPORTS = [{ width: 390, height: 844 }, { width: 768, height: 1024 }, { width: 1440, height: 900 }];
const chromium = process.env.CHROMIUM || '/usr/bin/chromium';
const started = () => { const from = performance.now(); return () => performance.now() - from; };

/** The text of the `<style>` elements that `after` has more than `before`. */
function added(before, after) {
  const all = html => [...html.matchAll(/<style[^>]*>([^]*?)<\/style>/g)].map(m => m[1]);
  const old = all(before);
  return all(after).filter(text => !old.includes(text)).join('');
}

const links = html => [...html.matchAll(/<link\b[^>]*>/gi)].map(m => m[0]).filter(t => /rel=["']?stylesheet/i.test(t));
const href = tag => /href=["']?([^"'\s>]+)/i.exec(tag)?.[1];

/** The page's own sheets, joined, their URLs as from the page. */
function sheets(dir, file) {
  const html = fs.readFileSync(path.join(dir, file), 'utf8');
  return links(html).map(href).filter(u => u && !/^(https?:)?\/\//.test(u)).map(url => {
    const rooted = url.startsWith('/') ? path.join(dir, url.startsWith(options.base) ? url.slice(options.base.length) : url) : path.join(dir, path.dirname(file), url);
    return rooted.replace(/[?#].*$/, '');
  }).filter(f => fs.existsSync(f)).map(f => fs.readFileSync(f, 'utf8')).join('\n');
}

function kiln(dir, name) {
  const outs = {}, took = {};
  const config = path.join(temp, 'kiln.toml');
  fs.writeFileSync(config, '[css]\ntrusted_scripts = ["*"]\n');
  for (const kind of ['plain', 'critical']) {
    outs[kind] = path.join(temp, `${name}-${kind}`);
    const build = extra => execFileSync(path.resolve(options.kiln), ['build', dir, '--out', outs[kind], '--config', config, '--skip', 'images', '--quiet', '--force', '--no-cache', ...extra], { cwd: temp });
    const extra = kind === 'critical' ? ['--critical'] : [];
    took[kind] = Math.min(...[1, 2, 3].map(() => { const end = started(); build(extra); return end(); }));
  }
  return { outs, ms: Math.max(0, took.critical - took.plain) };
}

/** The most of a first screen that differs when no sheet comes. */
async function fold(browser, url) {
  let worst = 0;
  for (const viewport of VIEWPORTS) {
    const shots = [];
    for (const bare of [false, true]) {
      const context = await browser.newContext({ viewport, reducedMotion: 'reduce', serviceWorkers: 'block' }), page = await context.newPage();
      if (bare) await page.route(u => /\.css($|[?#])/.test(u.pathname), route => route.abort());
      await page.goto(url, { waitUntil: 'load' });
      await page.waitForLoadState('networkidle').catch(() => {});
      await page.evaluate(() => document.fonts.ready.then(() => true));
      shots.push(PNG.sync.read(await page.screenshot({ animations: 'disabled', caret: 'hide' })));
      await context.close();
    }
    const [p, q] = shots;
    worst = Math.max(worst, pixelmatch(p.data, q.data, null, p.width, p.height, { threshold: 0.1 }) / (p.width * p.height));
  }
  return worst;
}

const kb = n => (n / 1000).toFixed(1);
function row(site, file, tool, css, share, ms) {
  const cells = css ? [kb(css.length), kb(brotliCompressSync(Buffer.from(css)).length), `${(share * 100).toFixed(2)} %`, ms.toFixed(0)] : ['–', '–', '–', ms.toFixed(0)];
  console.log(`| ${[site, file, tool, ...cells].join(' | ')} |`);
}

const browser = await launch();
console.log('| site | page | tool | kB | brotli kB | first screen that differs | ms |\n|---|---|---|---|---|---|---|');
for (const given of sites) {
  const dir = path.resolve(given), name = path.basename(dir), chosen = pages(dir, +options.pages), all = pages(dir, Infinity).length;
  const { outs, ms } = kiln(dir, name);
  const [origin, fired] = [await serve(dir, options.base), await serve(outs.critical, options.base)];
  // Both of the others' results stand in a copy of the site.
  const copies = Object.fromEntries(['beasties', 'penthouse'].map(tool => [tool, path.join(temp, `${name}-${tool}`)]));
  Object.values(copies).forEach(copy => fs.cpSync(dir, copy, { recursive: true }));
  for (const file of chosen) {
    const before = fs.readFileSync(path.join(dir, file), 'utf8');
    const read = out => fs.readFileSync(path.join(out, file), 'utf8');
    const rules = added(read(outs.plain), read(outs.critical));
    row(name, file, 'kiln', rules, rules && await fold(browser, fired.url + urlOf(file)), ms / all);

    let end = started();
    const beasties = new Beasties({ path: dir, publicPath: options.base, logLevel: 'silent' });
    const made = await beasties.process(before);
    let took = end();
    fs.writeFileSync(path.join(copies.beasties, file), made);
    let copy = await serve(copies.beasties, options.base);
    row(name, file, 'beasties', added(before, made), await fold(browser, copy.url + urlOf(file)), took);
    await copy.close();

    end = started();
    const css = await penthouse({
      url: origin.url + urlOf(file), cssString: sheets(dir, file), width: 1440, height: 900, keepLargerMediaQueries: true,
      puppeteer: { getBrowser: () => puppeteer.launch({ executablePath: chromium, args: ['--no-sandbox'] }) },
    }).catch(error => (console.error(`penthouse: ${error.message}`), ''));
    took = end();
    const first = links(before).find(tag => href(tag) && !/^(https?:)?\/\//.test(href(tag)));
    fs.writeFileSync(path.join(copies.penthouse, file), first ? before.replace(first, () => `<style>${css}</style>${first}`) : before);
    copy = await serve(copies.penthouse, options.base);
    row(name, file, 'penthouse', css, css && await fold(browser, copy.url + urlOf(file)), took);
    await copy.close();
  }
  await origin.close(); await fired.close();
}
await browser.close();
fs.rmSync(temp, { recursive: true, force: true });
