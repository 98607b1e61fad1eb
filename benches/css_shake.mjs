// Unused CSS: kiln beside PurgeCSS, on sheets of real frameworks and pages of real sites.
//
//   npm i --prefix DIR purgecss@8 bootstrap bulma foundation-sites element-plus tailwindcss@2
//   node benches/css_shake.mjs --kiln target/release/kiln --modules DIR/node_modules --sites DIR SITE...
//
// Prints, for each site and sheet, the bytes that each tool keeps (kiln without minifying is not possible, so PurgeCSS'
// output is minified by kiln too), and the rules that PurgeCSS removes and kiln keeps.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const options = { kiln: 'target/release/kiln', modules: 'node_modules', sites: '.' };
const sites = [];
const args = process.argv.slice(2);
while (args.length) {
  const arg = args.shift();
  if (arg.startsWith('--')) options[arg.slice(2)] = args.shift();
  else sites.push(arg);
}
const { PurgeCSS } = createRequire(resolve(options.modules, 'x.js'))('purgecss');

const sheets = {
  bootstrap: 'bootstrap/dist/css/bootstrap.css',
  bulma: 'bulma/css/bulma.css',
  foundation: 'foundation-sites/dist/css/foundation.css',
  tailwind: 'tailwindcss/dist/tailwind.css',
  'element-plus': 'element-plus/dist/index.css',
};

const files = dir => readdirSync(dir, { withFileTypes: true })
  .flatMap(e => e.isDirectory() ? files(join(dir, e.name)) : [join(dir, e.name)]);

/** The site with `css` as one more sheet of every page; its bytes after kiln, and what kiln dropped of it. */
function fired(site, css, shake) {
  const work = mkdtempSync(join(tmpdir(), 'css-shake-'));
  try {
    cpSync(site, join(work, 'in'), { recursive: true });
    writeFileSync(join(work, 'in/peer-sheet.css'), css);
    for (const page of files(join(work, 'in')).filter(f => f.endsWith('.html'))) {
      const html = readFileSync(page, 'utf8');
      writeFileSync(page, html.replace(/<head[^>]*>/i, m => `${m}<link rel=stylesheet href=/peer-sheet.css>`));
    }
    const skip = ['images', 'html', 'js', ...(shake ? [] : ['shake'])].join();
    // PurgeCSS does not ask what scripts of other origins do; so that both answer the same question, kiln is told to trust them.
    const config = join(work, 'kiln.toml');
    writeFileSync(config, '[css]\ntrusted_scripts = ["*"]\n');
    const flags = ['--config', config, '--base-url', '/', '--skip', skip, '--no-cache', '--json'];
    const out = execFileSync(options.kiln, ['build', join(work, 'in'), '--out', join(work, 'out'), ...flags],
      { maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'ignore'] });
    const file = JSON.parse(out).files.find(f => f.path === 'peer-sheet.css');
    return { bytes: file.after, dropped: file.dropped.map(d => d.rule) };
  } finally {
    rmSync(work, { recursive: true });
  }
}

const normal = s => s.replace(/\s+/g, ' ').replace(/\s*([>+~,])\s*/g, '$1').trim();

console.log('| site | sheet | whole, minified | PurgeCSS 8 | kiln | selectors only PurgeCSS removes |');
console.log('| --- | --- | ---: | ---: | ---: | --- |');
for (const name of sites) {
  const site = join(options.sites, name);
  const content = files(site).filter(f => /\.(html|m?js|json|svg|xml|txt|md)$/.test(f) && statSync(f).size < 1 << 24);
  for (const [sheet, path] of Object.entries(sheets)) {
    const file = join(options.modules, path);
    if (!existsSync(file)) continue;
    const css = readFileSync(file, 'utf8');
    const [purged] = await new PurgeCSS().purge({ content, css: [{ raw: css }], rejected: true, keyframes: true, fontFace: true, variables: true });
    const whole = fired(site, css, false);
    const theirs = fired(site, purged.css, false);
    const ours = fired(site, css, true);
    const gone = new Set(ours.dropped.flatMap(s => [s, ...s.split(',')]).map(normal));
    const only = purged.rejected.map(normal).filter(s => !gone.has(s) && !s.split(',').every(p => gone.has(normal(p))));
    const shown = [...new Set(only)].slice(0, 4).map(s => `\`${s.slice(0, 60).replaceAll('|', '\\|')}\``).join(', ');
    console.log(`| ${name} | ${sheet} | ${whole.bytes} | ${theirs.bytes} | ${ours.bytes} | ${only.length}: ${shown} |`);
  }
}
