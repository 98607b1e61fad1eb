#!/usr/bin/env node
// pagebytes.mjs SITE [--pages-of DIR] [--pages 3] [--base /sub/]
// Bytes on the wire (headers and bodies, no transfer compression) that a page costs, scrolled to its end, on a phone and a
// desktop: the mean for a browser that takes AVIF and WebP, and for one that takes only JPEG, PNG, GIF and SVG. Prints JSON.
// The pages are those of --pages-of, so that a tool that adds or drops pages is measured on the same ones.
import { launch, open, pages, urlOf } from '../tests/browser/page.mjs';
import { serve } from '../tests/browser/server.mjs';

const options = { pages: 3, base: '/' }, folders = [];
for (let i = 2; i < process.argv.length; i++) {
  const arg = process.argv[i];
  if (arg.startsWith('--')) options[arg.slice(2)] = process.argv[++i]; else folders.push(arg);
}
const [dir] = folders, site = await serve(dir, options.base), browser = await launch();
const sum = { modern: 0, legacy: 0 }, broken = { modern: 0, legacy: 0 };
let count = 0;
for (const file of pages(options['pages-of'] ?? dir, +options.pages)) for (const viewport of [{ width: 390, height: 844 }, { width: 1440, height: 900 }]) {
  for (const [kind, off] of [['modern', []], ['legacy', ['avif', 'webp']]]) {
    const { page, context, bytes } = await open(browser, site.url + urlOf(file), viewport, off);
    sum[kind] += bytes();
    broken[kind] += await page.evaluate(() => [...document.images].filter(i => i.currentSrc && i.complete && !i.naturalWidth).length);
    await context.close();
  }
  count++;
}
await browser.close(); await site.close();
const mean = n => Math.round(n / Math.max(count, 1));
console.log(JSON.stringify({ modern: mean(sum.modern), legacy: mean(sum.legacy), broken }));
