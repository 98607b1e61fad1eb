#!/usr/bin/env node
const HELP = `offline.mjs KILN

Builds a site that Angular's own service worker keeps (its manifest comes from Angular's own ngsw-config), opens it in Chromium
until the worker has taken it over, switches the network off and opens it again: every picture must show, and the worker must
be in its normal state. Three sites: as built, fired by kiln, and fired with the manifest of before, which must fail.`;
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from './page.mjs';
import { serve } from './server.mjs';

const program = process.argv[2];
if (!program || program === '--help') { console.log(HELP); process.exit(program ? 0 : 2); }
const here = path.dirname(fileURLToPath(import.meta.url)), angular = path.join(here, 'node_modules/@angular/service-worker');
const temp = fs.mkdtempSync(path.join(os.tmpdir(), 'offline-')), site = path.join(temp, 'site');

function ownSite() {
  fs.mkdirSync(path.join(site, 'img'), { recursive: true });
  const write = (name, text) => fs.writeFileSync(path.join(site, name), text);
  const photos = path.join(here, '../../fixtures/sites/photo-journal');
  const found = fs.readdirSync(photos, { recursive: true }).filter(f => /\.jpe?g$/i.test(f)).sort().slice(0, 2);
  found.forEach((file, i) => fs.copyFileSync(path.join(photos, file), path.join(site, `img/${i}.jpg`)));
  write('index.html', `<!doctype html>\n<html lang="en">\n  <head>\n    <meta charset="utf-8">\n    <title>Offline</title>
    <link rel="icon" href="data:,">\n    <link rel="stylesheet" href="styles.css">\n  </head>\n  <body>\n    <app-root>  Loading  </app-root>
    <img src="img/0.jpg" alt="one" width="300">\n    <img src="img/1.jpg" alt="two" width="300">\n    <script src="main.js"></script>\n  </body>\n</html>\n`);
  write('styles.css', 'body  {  margin : 0 ; font-family : sans-serif }\n.hero { background : url(img/0.jpg) }\n');
  write('main.js', 'const  where = "ngsw-worker.js" ;\nnavigator . serviceWorker . register( where ) ;\n');
  fs.copyFileSync(path.join(angular, 'ngsw-worker.js'), path.join(site, 'ngsw-worker.js'));
  const groups = [{ name: 'app', installMode: 'prefetch', resources: { files: ['/*.html', '/*.css', '/*.js', '/img/**'] } }];
  fs.writeFileSync(path.join(temp, 'ngsw-config.json'), JSON.stringify({ index: '/index.html', assetGroups: groups }));
  // It takes no absolute paths.
  execFileSync(process.execPath, [path.join(angular, 'ngsw-config.js'), 'site', 'ngsw-config.json'], { cwd: temp, stdio: 'inherit' });
}

/** What is wrong with the site when the network is gone; nothing when all is well. */
async function trouble(browser, dir) {
  const server = await serve(dir), context = await browser.newContext(), page = await context.newPage();
  try {
    await page.goto(server.url);
    await page.evaluate(() => Promise.race([navigator.serviceWorker.ready, new Promise((_, no) => setTimeout(() => no(new Error('no worker')), 15000))]).then(() => true));
    await page.reload({ waitUntil: 'networkidle' });
    const state = await page.evaluate(() => fetch('/ngsw/state').then(r => r.text()));
    const normal = /Driver state: NORMAL/.test(state) && /Latest manifest hash: [0-9a-f]{40}/.test(state);
    await server.close();
    await page.reload({ waitUntil: 'load', timeout: 15000 });
    const missing = await page.evaluate(() => [...document.images].filter(i => !i.naturalWidth).map(i => i.currentSrc || i.src));
    const styled = await page.evaluate(() => getComputedStyle(document.body).marginTop === '0px');
    return [!normal && `worker: ${state.split('\n')[2] ?? state}`, missing.length > 0 && `no picture: ${missing}`, !styled && 'no style'].filter(Boolean);
  } catch (error) {
    return [String(error.message).split('\n')[0]];
  } finally {
    await context.close();
    await server.close().catch(() => {});
  }
}

ownSite();
const fired = path.join(temp, 'fired'), stale = path.join(temp, 'stale');
execFileSync(path.resolve(program), ['build', site, '--out', fired, '--no-cache', '--quiet'], { stdio: 'inherit' });
fs.cpSync(fired, stale, { recursive: true });
fs.copyFileSync(path.join(site, 'ngsw.json'), path.join(stale, 'ngsw.json'));
const browser = await launch();
let failed = 0;
for (const [name, dir, well] of [['as built', site, true], ['fired', fired, true], ['fired, stale manifest', stale, false]]) {
  const found = await trouble(browser, dir), right = (found.length === 0) === well;
  if (!right) failed++;
  console.log(`${right ? 'ok' : 'FAIL'} ${name}${found.length ? `: ${found.join('; ')}` : ''}`);
}
await browser.close();
fs.rmSync(temp, { recursive: true, force: true });
console.log(`offline: ${3 - failed} ok, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
