#!/usr/bin/env node
const HELP = `colours.mjs KILN [FILE.jpg|FILE.png|FILE.gif...]

Builds a site of pictures (fixtures/images, and the given ones) by eye at 90, so that hardly more than colours can differ, and has Chromium decode each file and every version that was made of it,
in the wide gamut of Display P3. A version fails if its colours are off by more than a mean of 2 (CIE76, over a grid of 16 by 16 means)
or if it has another ratio. It fails, too, if no picture with a wide gamut has a version.`;
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { launch } from './page.mjs';
import { serve } from './server.mjs';

const { values: options, positionals: [kiln, ...given] } = parseArgs({ allowPositionals: true, options: { help: { type: 'boolean' } } });
if (options.help || !kiln) { console.log(HELP); process.exit(options.help ? 0 : 2); }
const site = fs.mkdtempSync(path.join(os.tmpdir(), 'colours-')), out = `${site}-out`;
const fixtures = fileURLToPath(new URL('../../fixtures/images', import.meta.url));
const own = fs.readdirSync(fixtures).filter(f => /\.(jpe?g|png|gif)$/.test(f)).map(f => path.join(fixtures, f));
// Of several files with one name the given one.
for (const file of [...own, ...given]) fs.copyFileSync(file, path.join(site, path.basename(file)));
const names = fs.readdirSync(site).sort();
fs.writeFileSync(path.join(site, 'index.html'), `<!doctype html><title>t</title>${names.map(n => `<p><img src="${encodeURIComponent(n)}" alt=a>`).join('\n')}`);
execFileSync(path.resolve(kiln), ['build', site, '--out', out, '--no-cache', '--quiet'], { env: { ...process.env, KILN_IMAGES_QUALITY: '90' }, stdio: ['ignore', 'ignore', 'ignore'] });
const { files } = JSON.parse(fs.readFileSync(path.join(out, 'kiln-manifest.json'), 'utf8'));

// Runs in the page: mean colours of a grid, as CIELAB, and the ratio. Null for what Chromium cannot decode.
const SEEN = async url => {
  const image = new Image(); image.src = url;
  if (!await image.decode().then(() => true, () => false)) return null;
  const side = 16, width = Math.min(512, image.naturalWidth), height = Math.min(512, image.naturalHeight);
  const canvas = new OffscreenCanvas(width, height), context = canvas.getContext('2d', { colorSpace: 'display-p3', willReadFrequently: true });
  context.imageSmoothingQuality = 'high';
  // Not the colour of nothing.
  context.fillStyle = '#808080'; context.fillRect(0, 0, width, height);
  context.drawImage(image, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height), sums = Array.from({ length: side * side }, () => [0, 0, 0, 0]);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) {
    const sum = sums[Math.floor(y * side / height) * side + Math.floor(x * side / width)], i = (y * width + x) * 4;
    for (const k of [0, 1, 2]) sum[k] += data[i + k] / 255;
    sum[3]++;
  }
  const linear = v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4, f = t => t > 216 / 24389 ? Math.cbrt(t) : (24389 / 27 * t + 16) / 116;
  const lab = sums.filter(s => s[3]).map(s => {
    const [r, g, b] = s.slice(0, 3).map(v => linear(v / s[3]));
    const x = f((0.4866 * r + 0.2657 * g + 0.1982 * b) / 0.9505), y = f(0.229 * r + 0.6917 * g + 0.0793 * b), z = f((0.0451 * g + 1.0439 * b) / 1.0891);
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
  });
  return { lab, ratio: image.naturalWidth / image.naturalHeight };
};

const browser = await launch(), [before, after] = [await serve(site), await serve(out)];
const tab = await (await browser.newContext()).newPage();
let ok = 0, failed = 0, wide = 0, worst = 0;
const show = async (server, file) => { await tab.goto(server.url); return tab.evaluate(SEEN, `/${encodeURIComponent(file)}`); };
for (const name of names) {
  const entry = files[name];
  const versions = [...(entry?.variants ?? []).map(v => v.url), ...(entry && !fs.readFileSync(path.join(out, entry.url)).equals(fs.readFileSync(path.join(site, name))) ? [entry.url] : [])];
  if (!versions.length) continue;
  const was = await show(before, name);
  if (!was) continue;
  for (const file of versions) {
    const now = await show(after, file);
    const far = now ? was.lab.reduce((sum, a, n) => sum + Math.hypot(...a.map((v, k) => v - now.lab[n][k])), 0) / was.lab.length : Infinity;
    worst = Math.max(worst, far);
    if (far > 2 || Math.abs(now.ratio / was.ratio - 1) > 0.02) { failed++; console.log(`FAIL ${file}: off by ${far.toFixed(2)}, ratio ${was.ratio} -> ${now?.ratio}`); } else ok++;
    if (/p3|adobe/.test(name) && /\.(avif|webp)$/.test(file)) wide++;
  }
}
await browser.close(); await before.close(); await after.close();
fs.rmSync(site, { recursive: true }); fs.rmSync(out, { recursive: true });
if (!wide) { failed++; console.log('FAIL no version of a picture with a wide gamut'); }
console.log(`colours: ${ok} ok, ${failed} failed; ${wide} versions with a wide gamut; off by ${worst.toFixed(2)} at most`);
process.exit(failed ? 1 : 0);
