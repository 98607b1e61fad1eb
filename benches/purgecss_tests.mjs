// PurgeCSS' own tests, with kiln in the place of PurgeCSS: what its users expect, and where kiln keeps more.
//
//   git clone https://github.com/FullHuman/purgecss DIR; npm i --prefix MODULES esbuild postcss
//   node benches/purgecss_tests.mjs --purgecss DIR --modules MODULES [--kiln target/release/kiln]
//
// Content becomes pages and scripts that use the sheet, patterns of the safelist the names in the sheet that they match,
// and what kiln says it dropped is taken out of the sheet as it was written. Tests of PurgeCSS' own interface (its command line,
// configuration files, globs, source maps, lists of rejected CSS) are left out. "Kept more": a removal that did not come.
// Each test that is answered otherwise stands below with its reason; any further one is "wrong" and ends this with 1.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({ options: { purgecss: { type: 'string' }, modules: { type: 'string' }, kiln: { type: 'string', default: 'target/release/kiln' } } });
if (!options.purgecss || !options.modules) throw new Error('--purgecss and --modules are needed');
const need = createRequire(resolve(options.modules, 'node_modules/x.js'));
const { transformSync } = need('esbuild'), postcss = need('postcss');
const root = resolve(options.purgecss, 'packages/purgecss');
const kiln = resolve(options.kiln);
const SUITES = ['attributes', 'chaining-rules', 'comments', 'css-variables', 'delimited', 'font-faces', 'index', 'keyframes', 'media-queries', 'pseudo-class', 'pseudo-elements', 'rejected', 'safelist'];
// Options without a counterpart in kiln, and what they ask for.
const NOT_BUILT = { 'safelist option: deep': 'no safelist for descendants', 'safelist option: greedy': 'no safelist for whole selectors', 'blocklist option': 'no blocklist', 'Warn if no files are found': 'an interface of its own', 'purgecss with config file': 'an interface of its own', 'do not purge keyframes if option set to false': 'no option: frames that nothing names go', 'returns an empty array': 'an interface of its own', 'does not return the rejected': 'an interface of its own', 'returns the list of rejected': 'an interface of its own' };

// Tests that kiln answers otherwise, and why.
const OTHERWISE = {
  'handles [attribute|=value]': 'lang may change in ways that no script of the site names, as by a translating browser',
  'removes the comment': 'the minifier takes comments out, not the shaking',
  'finds .alone': 'PurgeCSS takes text between elements for names; no element has the class',
  'finds #id-in-media': 'PurgeCSS takes text between elements for names; no element has the id',
  ':where pseudo class › removes': 'a list in :where() stays as it is while one of it can match',
  ':where pseudo class › keeps': 'the same; and no element is .root and .a at once',
  ':is pseudo class › removes': 'a list in :is() stays as it is while one of it can match',
  ':is pseudo class › keeps': 'the same; and no element is .root and .a at once',
  'excludes non-safelisted css variables': 'the safelist holds --b*, and what is kept names the others',
};

/** Names in a sheet that a pattern of a safelist matches, as kiln's globs. */
function names(patterns, css) {
  const all = new Set(css.match(/-{0,2}[A-Za-z_][\w-]*/g));
  return patterns.flatMap(p => typeof p === 'string' ? [p] : [...all].filter(name => p.test(name)));
}

/** The sheet as it was written, without what kiln dropped of it. */
function without(css, dropped) {
  const sheet = postcss.parse(css);
  const at = new Map();
  sheet.walk(node => at.set(`${node.source.start.line}:${node.source.start.column}`, [...(at.get(`${node.source.start.line}:${node.source.start.column}`) ?? []), node]));
  const plain = text => text.replace(/\s+/g, ' ').replace(/ ?([>+~,]) ?/g, '$1').replace(/["']/g, '"').trim();
  for (const { rule, line, column } of dropped) {
    const node = at.get(`${line}:${column}`)?.find(n => n.parent);
    if (!node) throw new Error(`nothing at ${line}:${column}: ${rule}`);
    const rest = node.type === 'rule' ? node.selectors.filter(s => plain(s) !== plain(rule)) : [];
    if (rest.length && rest.length < node.selectors.length) node.selectors = rest;
    else node.remove();
  }
  const empty = node => node.nodes && node.nodes.every(n => n.type === 'comment');
  for (let found = true; found;) {
    found = false;
    sheet.walkAtRules(node => { if (empty(node)) { node.remove(); found = true; } });
  }
  return sheet.toString();
}

class PurgeCSS {
  async purge({ content, css, safelist = [], dynamicAttributes = [], rejected }) {
    const read = item => typeof item === 'string' ? { name: basename(item), text: readFileSync(resolve(root, item), 'utf8') } : { name: `raw.${item.extension ?? 'css'}`, text: item.raw };
    const lists = (Array.isArray(safelist) ? [safelist] : Object.values(safelist)).flat();
    return css.map(read).map(sheet => {
      const work = mkdtempSync(join(tmpdir(), 'purgecss-tests-'));
      try {
        const files = content.map(read), site = join(work, 'in'), link = `<link rel=stylesheet href=sheet-under-test.css>`;
        mkdirSync(site);
        writeFileSync(join(site, 'sheet-under-test.css'), sheet.text);
        const scripts = files.filter(f => f.name.endsWith('.js'));
        for (const f of files) writeFileSync(join(site, f.name), f.name.endsWith('.html') ? `${link}${f.text}` : f.text);
        if (scripts.length) writeFileSync(join(site, 'scripts-under-test.html'), link + scripts.map(f => `<script src=${f.name}></script>`).join(''));
        const keep = [...names(lists, sheet.text), ...dynamicAttributes];
        writeFileSync(join(work, 'kiln.toml'), `[css]\nsafelist = ${JSON.stringify(keep)}\n`);
        const flags = ['--out', join(work, 'out'), '--config', join(work, 'kiln.toml'), '--only', 'css,shake', '--no-cache', '--json'];
        const done = spawnSync(kiln, ['build', site, ...flags], { encoding: 'utf8' });
        const file = JSON.parse(done.stdout).files.find(f => f.path === 'sheet-under-test.css');
        return { css: without(sheet.text, file.dropped), rejected: rejected && file.dropped.map(d => d.rule) };
      } finally {
        rmSync(work, { recursive: true, force: true });
      }
    });
  }
}

// As much of jest as those tests use. `toBe(false)` on what a sheet includes is a wish to have something removed.
const counts = { passed: 0, 'kept more': 0, otherwise: 0, 'left out': 0, wrong: 0 };
let groups = [];
const each = rows => (name, body) => rows.forEach(row => describe(name, () => body(...row)));
function describe(name, body) {
  const group = { name, before: [], tests: [], groups: [] };
  groups.push(group);
  const outer = groups;
  groups = group.groups;
  current.push(group);
  body();
  current.pop();
  groups = outer;
}
describe.each = each;
const current = [];
const expect = value => ({
  toBe: wanted => { if (value !== wanted) throw Object.assign(new Error(`${value}, not ${wanted}`), { more: value === true && wanted === false || typeof value === 'number' && value > wanted }); },
  toContain: wanted => assert.ok(value.includes(wanted)),
});
expect.assertions = () => {};
Object.assign(globalThis, { PurgeCSS, describe, expect, beforeAll: f => current.at(-1).before.push(f), it: (name, f) => current.at(-1).tests.push([name, f]) });

async function run(group, path, befores) {
  const reason = Object.entries(NOT_BUILT).find(([name]) => group.name.startsWith(name))?.[1];
  const before = [...befores, ...group.before];
  if (!reason) for (const f of before) await f();
  for (const [name, test] of group.tests) {
    const why = reason ?? Object.entries(NOT_BUILT).find(([start]) => name.startsWith(start))?.[1];
    let result = 'passed', note = why ?? '';
    try {
      if (why) result = 'left out';
      else await test();
    } catch (error) {
      const otherwise = Object.entries(OTHERWISE).find(([key]) => `${group.name} › ${name}`.includes(key))?.[1];
      result = !otherwise ? 'wrong' : error.more ? 'kept more' : 'otherwise';
      note = otherwise ?? error.message;
    }
    counts[result]++;
    if (result !== 'passed') console.log(`${result.toUpperCase().padEnd(9)}  ${[...path, group.name, name].join(' › ')}${note && `: ${note}`}`);
  }
  for (const inner of group.groups) await run(inner, [...path, group.name], before);
}

for (const suite of SUITES) {
  groups = [];
  const source = readFileSync(join(root, '__tests__', `${suite}.test.ts`), 'utf8').replace(/^import .*$/gm, '').replace(/^import [^;]*;/gm, '');
  const helpers = `const ROOT_TEST_EXAMPLES = '__tests__/test_examples/', purgecssFromHtml = 0, jest = 0;
    const findInCSS = (expect, all, css) => all.forEach(s => expect(css.includes(s)).toBe(true));
    const notFindInCSS = (expect, all, css) => all.forEach(s => expect(css.includes(s)).toBe(false));`;
  new Function(transformSync(`${helpers}\n${source}`, { loader: 'ts' }).code)();
  for (const group of groups) await run(group, [suite], []);
}
console.log(Object.entries(counts).map(([name, n]) => `${n} ${name}`).join(', '));
process.exitCode = counts.wrong ? 1 : 0;
