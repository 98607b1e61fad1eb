#!/usr/bin/env node
const HELP = `animations.mjs KILN [FILE.gif|FILE.png...]

Puts animated GIFs and PNGs into a page (100 that are made here, with every way to dispose of a frame, and the given ones), builds it,
and has Chromium decode what it was and what it is now. A file fails if
  plays    it is repeated more or less often
  time     it takes longer or shorter, or a picture comes at another time
  picture  a picture is another one: by more than 1 of 255 on average, or of the given ones, which may be films, by more than 12
It fails, too, if fewer than 50 became WebP.`;
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import zlib from 'node:zlib';
import { launch } from './page.mjs';
import { serve } from './server.mjs';

const { values: options, positionals: [kiln, ...given] } = parseArgs({ allowPositionals: true, options: { help: { type: 'boolean' } } });
if (options.help || !kiln) { console.log(HELP); process.exit(options.help ? 0 : 2); }
const site = fs.mkdtempSync(path.join(os.tmpdir(), 'animations-')), out = `${site}-out`;

let seed = 7;
const random = n => (seed = (seed * 1664525 + 1013904223) % 4294967296, Math.floor(seed / 4294967296 * n));
const pick = list => list[random(list.length)];
const u16 = n => [n & 255, n >> 8], u32 = n => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];

/** A frame of 32 to 64 by 32 to 64 pixels within 96 by 64: bars and dots, as indexes from 0 to 7; 7 may be transparent. */
function frame(first) {
  const whole = first && random(3), w = whole ? 96 : 32 + random(33), h = whole ? 64 : 32 + random(33);
  const bar = 1 + random(9), turn = random(7), dots = random(3);
  const at = (x, y) => dots && random(5) === 0 ? random(8) : (Math.floor((x + (turn & 1) * y) / bar) + turn) % 8;
  const indexes = []; for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) indexes.push(at(x, y));
  return { x: whole ? 0 : random(97 - w), y: whole ? 0 : random(65 - h), w, h, indexes, clear: random(3) > 0 };
}

const PALETTE = [[0, 0, 0], [255, 255, 255], [220, 30, 40], [30, 160, 60], [40, 70, 220], [240, 200, 40], [128, 128, 128], [250, 120, 0]];

/** LZW without a dictionary: a clear code before it would grow. */
function lzw(indexes) {
  const bytes = []; let bits = 0, held = 0, since = 0;
  const put = code => { held |= code << bits; bits += 4; while (bits >= 8) { bytes.push(held & 255); held >>>= 8; bits -= 8; } };
  put(8);
  for (const i of indexes) { if (since === 5) { put(8); since = 0; } put(i); since++; }
  put(9); if (bits) bytes.push(held & 255);
  const blocks = []; for (let i = 0; i < bytes.length; i += 255) { const block = bytes.slice(i, i + 255); blocks.push(block.length, ...block); }
  return [3, ...blocks, 0];
}

function gif() {
  const repeats = pick([null, 0, 0, 1, 3]);
  const file = [...Buffer.from('GIF89a'), ...u16(96), ...u16(64), 0x82, random(8), 0];
  // Eight colours need three bits: the table of the packed field above has as many.
  file.push(...PALETTE.flat());
  if (repeats !== null) file.push(0x21, 0xff, 11, ...Buffer.from('NETSCAPE2.0'), 3, 1, ...u16(repeats), 0);
  for (let n = 0, count = 2 + random(6); n < count; n++) {
    const { x, y, w, h, indexes, clear } = frame(n === 0);
    file.push(0x21, 0xf9, 4, (random(4) << 2) | (clear ? 1 : 0), ...u16(pick([0, 1, 2, 5, 10, 33])), 7, 0);
    file.push(0x2c, ...u16(x), ...u16(y), ...u16(w), ...u16(h), 0, ...lzw(indexes));
  }
  return Buffer.from([...file, 0x3b]);
}

function apng() {
  const chunk = (name, data) => { const body = Buffer.concat([Buffer.from(name), Buffer.from(data)]); return Buffer.concat([Buffer.from(u32(data.length)), body, Buffer.from(u32(zlib.crc32 ? zlib.crc32(body) : crc(body)))]); };
  const be16 = n => [n >> 8, n & 255], count = 2 + random(6), alpha = () => pick([255, 255, 0, 128]);
  const parts = [Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]), chunk('IHDR', [...u32(96), ...u32(64), 8, 6, 0, 0, 0]), chunk('acTL', [...u32(count), ...u32(pick([0, 1, 4]))])];
  // A picture of its own for browsers that know no animated PNG, or none.
  const apart = random(4) === 0;
  if (apart) parts.push(chunk('IDAT', zlib.deflateSync(Buffer.alloc(64 * 385, 255))));
  for (let n = 0, sequence = 0; n < count; n++) {
    let { x, y, w, h, indexes } = frame(false);
    if (n === 0) ({ x, y, w, h, indexes } = { x: 0, y: 0, w: 96, h: 64, indexes: Array.from({ length: 96 * 64 }, (_, i) => (i % 96) >> 4) });
    const colours = PALETTE.map(c => [...c, alpha()]), rows = [];
    for (let r = 0; r < h; r++) rows.push(0, ...indexes.slice(r * w, (r + 1) * w).flatMap(i => colours[i]));
    const data = zlib.deflateSync(Buffer.from(rows), { level: 0 });
    parts.push(chunk('fcTL', [...u32(sequence++), ...u32(w), ...u32(h), ...u32(x), ...u32(y), ...be16(pick([0, 1, 1, 7])), ...be16(pick([0, 10, 60, 100])), random(3), random(2)]));
    parts.push(n === 0 && !apart ? chunk('IDAT', data) : chunk('fdAT', [...u32(sequence++), ...data]));
  }
  return Buffer.concat([...parts, chunk('IEND', [])]);
}

function crc(bytes) {
  let c = 0xffffffff;
  for (const b of bytes) { c ^= b; for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1; }
  return (c ^ 0xffffffff) >>> 0;
}

// Runs in the page: what is to be seen of a file, and when.
const DECODE = async url => {
  const response = await fetch(url), type = { gif: 'image/gif', png: 'image/png', webp: 'image/webp' }[url.split('.').pop()];
  const decoder = new ImageDecoder({ data: await response.arrayBuffer(), type });
  await decoder.tracks.ready;
  await decoder.completed;
  if (!decoder.tracks.selectedTrack) throw new Error(`${url} (${response.status}) cannot be decoded`);
  const { frameCount, repetitionCount } = decoder.tracks.selectedTrack, frames = [];
  let at = 0, canvas;
  for (let n = 0; n < frameCount; n++) {
    const { image } = await decoder.decode({ frameIndex: n });
    canvas ??= new OffscreenCanvas(image.displayWidth, image.displayHeight);
    const context = canvas.getContext('2d', { willReadFrequently: true });
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 0, 0);
    const data = context.getImageData(0, 0, canvas.width, canvas.height).data;
    // Browsers show frames of 10 ms or less for a tenth of a second.
    const shown = image.duration <= 10_000 ? 100_000 : image.duration;
    frames.push({ at, data });
    at += shown; image.close();
  }
  return { plays: repetitionCount === Infinity ? 'on' : repetitionCount, end: at, frames };
};

const COMPARE = async ([before, after, decode]) => {
  const run = eval(decode), [a, b] = [await run(before), await run(after)], wrong = [];
  if (a.frames.length < 2) return null;
  if (a.plays !== b.plays) wrong.push(`plays: ${a.plays} -> ${b.plays}`);
  // Chromium tells the time of a PNG's frame in whole milliseconds.
  if (Math.abs(a.end - b.end) > 1000 * a.frames.length) wrong.push(`time: ${a.end} -> ${b.end} µs`);
  const far = (x, y) => { let most = 0, sum = 0; for (let i = 0; i < x.length; i += 4) { const clear = x[i + 3] === 0 && y[i + 3] === 0; for (let k = 0; k < 4; k++) { const d = clear ? 0 : Math.abs(x[i + k] - y[i + k]); sum += d; if (d > most) most = d; } } return { most, mean: sum / x.length }; };
  const at = (movie, time) => movie.frames.findLast(f => f.at <= time) ?? movie.frames[0];
  let worst = { most: 0, mean: 0 };
  const times = new Set([...a.frames, ...b.frames].map(f => f.at));
  // Next to a change either may be shown: looked at is what surely stands.
  for (const time of times) {
    const near = m => m.frames.some(f => f.at !== time && Math.abs(f.at - (time + 2000)) < 3000 && f.at > time);
    if (near(a) || near(b)) continue;
    const d = far(at(a, time + 2000).data, at(b, time + 2000).data);
    if (d.mean > worst.mean) worst = d;
  }
  return { wrong, worst, frames: [a.frames.length, b.frames.length] };
};

for (let n = 0; n < 60; n++) fs.writeFileSync(path.join(site, `made-${n}.gif`), gif());
for (let n = 0; n < 40; n++) fs.writeFileSync(path.join(site, `made-${n}.png`), apng());
for (const file of given) fs.copyFileSync(file, path.join(site, path.basename(file)));
const names = fs.readdirSync(site).sort();
fs.writeFileSync(path.join(site, 'index.html'), `<!doctype html><title>t</title>${names.map(n => `<p><img src="${n}" alt=a>`).join('\n')}`);
execFileSync(path.resolve(kiln), ['build', site, '--out', out, '--no-cache', '--quiet'], { stdio: 'inherit' });

const page = fs.readFileSync(path.join(out, 'index.html'), 'utf8');
const browser = await launch(), [before, after] = [await serve(site), await serve(out)];
const tab = await (await browser.newContext()).newPage();
await tab.goto(after.url);
let ok = 0, failed = 0, became = 0;
for (const name of names) {
  const made = page.split('<p>').find(p => p.includes(`src="${name}"`))?.match(/type="image\/webp" srcset="([^" ]+)/)?.[1];
  if (!made) { ok++; continue; }
  // Both from the site that the page is of.
  const seen = await tab.evaluate(COMPARE, [`/${name}`, `/${made}`, `(${DECODE})`]);
  if (!seen) continue;
  became++;
  const { wrong, worst, frames } = seen;
  const lossless = worst.most <= 1, limit = given.some(f => path.basename(f) === name) ? 12 : 1;
  if (worst.mean > limit) wrong.push(`picture: ${worst.mean.toFixed(2)} off on average, ${worst.most} at most, ${frames} frames`);
  if (wrong.length) { failed++; console.log(`FAIL ${name} ${wrong.join('; ')}`); } else { ok++; if (!lossless) console.log(`ok ${name}: ${worst.mean.toFixed(2)} off on average`); }
}
await browser.close(); await before.close(); await after.close();
fs.rmSync(site, { recursive: true }); fs.rmSync(out, { recursive: true });
if (became < 50) { failed++; console.log(`FAIL only ${became} became WebP`); }
console.log(`animations: ${ok} ok, ${failed} failed; ${became} of ${names.length} became WebP`);
process.exit(failed ? 1 : 0);
