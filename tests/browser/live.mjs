#!/usr/bin/env node
// `kiln watch --serve` in Chromium: an edited sheet changes the page without loading it again, an edited page loads
// again, both under a strict policy, and no service worker stays.   node live.mjs PATH_TO_KILN
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';

const kiln = path.resolve(process.argv[2] ?? 'target/debug/kiln');
const temp = fs.mkdtempSync(path.join(os.tmpdir(), 'live-'));
const write = (name, text) => {
  fs.mkdirSync(path.dirname(path.join(temp, 'dist', name)), { recursive: true });
  fs.writeFileSync(path.join(temp, 'dist', name), text);
};
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; worker-src 'self'";
const page = (text, head = '') => `<!doctype html><html><head><meta charset="utf-8">${head}<title>${text}</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="style.css"></head><body><h1 class="title">${text}</h1><script src="script.js"></script></body></html>`;
write('index.html', page('plain'));
write('strict.html', page('strict', `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`));
write('header.html', page('header'));
write('none.html', page('none', `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self'; img-src data:">`));
write('_headers', `/header.html\n  Content-Security-Policy: ${POLICY}\n`);
write('style.css', '.title { color: rgb(1, 2, 3) }');
write('script.js', "navigator.serviceWorker && navigator.serviceWorker.register('sw.js').catch(() => {});");
write('sw.js', "addEventListener('fetch', e => e.respondWith(new Response('old', { headers: { 'content-type': 'text/html' } })));");

const server = spawn(kiln, ['watch', 'dist', '--out', 'out', '--serve', '--port', '0', '--cache-dir', 'cache'], { cwd: temp });
const lines = [];
let log = '';
server.stdout.on('data', d => { log += d; lines.push(d); });
server.stderr.on('data', d => { log += d; });
const until = async (what, met, ms = 20000) => {
  for (const end = Date.now() + ms; Date.now() < end; await new Promise(ok => setTimeout(ok, 50))) {
    const value = await met();
    if (value) return value;
  }
  throw new Error(`never: ${what}\n${log}`);
};

let failed = 0;
const check = (what, ok) => { console.log(`${ok ? 'ok    ' : 'FAILED'} ${what}`); failed += !ok; };
const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(p => fs.existsSync(p));
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  const url = await until('an address', () => /http:\/\/[^/]+\//.exec(log)?.[0]);
  await until('the first build', () => /built: /.test(log));
  let round = 0;
  for (const name of ['', 'strict.html', 'header.html', 'none.html']) {
    round += 1;
    const tab = await browser.newPage();
    const errors = [];
    tab.on('console', m => m.type() === 'error' && errors.push(m.text()));
    const answer = await tab.goto(url + name);
    const which = name || 'the front page';
    check(`${which}: nothing is kept`, answer.headers()['cache-control'] === 'no-store');
    await tab.evaluate(() => { window.same = true; });
    await new Promise(ok => setTimeout(ok, 500));
    const colour = `rgb(${round}, 20, 30)`;
    write('style.css', `.title { color: ${colour} }`);
    const seen = () => tab.evaluate(() => getComputedStyle(document.querySelector('h1')).color);
    await until('the new colour', async () => await seen() === colour);
    check(`${which}: a sheet changes without loading the page`, await tab.evaluate(() => window.same === true));
    check(`${which}: one sheet is left`, await tab.evaluate(async () => {
      await new Promise(ok => setTimeout(ok, 300));
      return document.querySelectorAll('link[rel=stylesheet]').length === 1;
    }));
    const file = name || 'index.html';
    write(file, fs.readFileSync(path.join(temp, 'dist', file), 'utf8').replace('</h1>', ` edited ${round}</h1>`));
    await until('the new text', () => tab.evaluate(n => document.querySelector('h1')?.textContent.includes(`edited ${n}`), round).catch(() => false));
    check(`${which}: an edited page is loaded again`, await tab.evaluate(() => window.same === undefined));
    await until('a page without the client', () => tab.evaluate(() => !document.querySelector('script[src*=kiln]')));
    // Forbidden by the page's own policy, here as everywhere: its script.
    const unexpected = errors.filter(e => !(name === 'none.html' && e.includes('/script.')));
    check(`${which}: no errors ${unexpected.join(' | ')}`, unexpected.length === 0);
    await until('no worker', () => tab.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length === 0));
    check(`${which}: no service worker is left`, true);
    await tab.close();
  }
} catch (error) {
  check(String(error), false);
} finally {
  await browser.close();
  server.kill('SIGINT');
  await new Promise(ok => server.once('exit', ok));
  fs.rmSync(temp, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
