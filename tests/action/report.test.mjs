// What a run is told as, and that scripts, workflows, documents and the source agree.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { annotations, bytes, failure, inert, plain, summary } from '../../action/report.mjs';
import { words } from '../../action/words.mjs';
import { commands } from './runner.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const read = (name) => readFileSync(path.join(root, name), 'utf8');

/** What a browser shows of text with entities. */
const shown = (text) => text.replace(/&#(\d+);/g, (_, n) => String.fromCodePoint(Number(n)));

function report(files, problems, name = (i) => `f${i}.js`) {
  const diagnostic = (i) => ({
    path: name(i), line: i, column: 1, severity: i % 2 ? 'error' : 'warning', code: 'js-syntax', message: '<b>`|*'.repeat(2000), help: 'x'.repeat(2000),
  });
  return {
    kinds: { scripts: { files, before: files * 1000, after: files * 400, extra: 0 } },
    files: Array.from({ length: files }, (_, i) => ({ path: name(i), output: name(i), before: 1000 + i, after: 400 })),
    diagnostics: Array.from({ length: problems }, (_, i) => diagnostic(i)), cache_hits: 1, cache_misses: 3, unchanged: false,
  };
}

test('summaries and annotations stay within what GitHub takes', () => {
  const huge = report(20_000, 5_000, (i) => `${'<|`*'.repeat(5_000)}${i}.js`);
  const text = summary(huge, 'https://github.com/a/b/blob/v1/action/messages.md', 'dist');
  assert.ok(Buffer.byteLength(text) < 1024 * 1024, `${text.length}`);
  assert.ok(text.includes('### 2500 errors, 2500 warnings') && text.includes('… and 4950 more'));
  const found = commands(annotations(huge));
  assert.deepEqual(['error', 'warning'].map((l) => found.filter((c) => c.name === l).length), [10, 10]);
  assert.ok(found.some((c) => c.data === "2491 more errors are in the step's log"));
  assert.ok(found.every((c) => c.data.length < 4000));
  assert.equal(commands(annotations(report(1, 20))).length, 20);
});

test('the biggest come first', () => {
  const lines = summary(report(30, 0), 'x', 'dist').split('\n').filter((l) => l.includes('.js'));
  assert.deepEqual([lines.length, lines[0].includes('f29.js'), lines[9].includes('f20.js')], [20, true, true]);
  const worse = report(1, 0);
  worse.kinds.scripts.after = 1500;
  assert.ok(summary(worse, 'x', 'dist').includes('50.0 % larger'));
  assert.ok(summary({ ...report(0, 0), kinds: {} }, 'x', 'dist').includes('0.0 % smaller'));
});

test('any text is shown as it is', () => {
  for (const text of ['a.b/c-d_e', '<i>&amp;', '`x` | **y** [z](u)', "it's \"q\" $(x) @y #1 ~s~ \\", 'http://www.x.example/?a=b', 'größe 图.png']) {
    const safe = plain(text);
    assert.equal(shown(safe), text);
    assert.ok(!/[<>`|*_[\]@~\\"'$]|www\.|:\/\//.test(safe), safe);
  }
  assert.equal(plain('a\nb\u202ec'), 'a␣b\ufffdc');
  assert.equal([...plain('é'.repeat(500))].length, 120);
  assert.ok(failure('kiln: <b>\n::error::x\n\n<script>', 3).split('\n').length > 5);
});

test('inert text holds no command', () => {
  assert.deepEqual(commands(inert('::error::x\n##[warning]y\n::stop-commands::z\nlast')), []);
  assert.notEqual(inert('x'), inert('x'));
});

test('sizes', () => {
  assert.deepEqual([0, 999, 1000, 1_234_567, 2e9].map(bytes), ['0 B', '999 B', '1.0 kB', '1.23 MB', '2.00 GB']);
});

test('words', () => {
  for (const [text, expected] of [
    ['', []], ['  a  b\n\tc ', ['a', 'b', 'c']], [`'a b' "c d"e`, ['a b', 'c de']], [`a\\ b \\" '\\'`, ['a b', '"', '\\']], [`"a\\"b\\n"`, ['a"b\\n']], [`'' ""`, ['', '']],
    ['$(x) `y` $HOME *.js a;b && # c > d', ['$(x)', '`y`', '$HOME', '*.js', 'a;b', '&&', '#', 'c', '>', 'd']],
  ]) {
    assert.deepEqual(words(text), expected, text);
  }
  assert.throws(() => words('"a'), /" is not closed/);
});

test('every message of kiln is explained', () => {
  const explained = new Set([...read('action/messages.md').matchAll(/^## (\S+)$/gm)].map((m) => m[1]));
  const source = readdirSync(path.join(root, 'src'), { recursive: true }).filter((n) => n.endsWith('.rs')).map((n) => read(path.join('src', n))).join('\n');
  const named = new Set([...source.matchAll(/Diagnostic::new\(\s*[\w:]+,\s*"([a-z0-9-]+)"|\bnote\(\s*"([a-z0-9-]+)"/g)].map((m) => m[1] ?? m[2]));
  assert.ok(named.size >= 12, [...named].join());
  // One place names the severity in a variable: `read`. All else is in both.
  assert.deepEqual([...named, 'read'].filter((n) => !explained.has(n)), []);
  assert.deepEqual([...explained].filter((n) => !named.has(n) && n !== 'read'), []);
});

test('what is released is what is installed', () => {
  const built = parse(read('.github/workflows/release.yml')).jobs.build.strategy.matrix.include.map((m) => m.target).sort();
  const script = read('action/install.sh');
  const looked = [...script.matchAll(/echo "?([a-z0-9_]+-[a-z]+-[a-z]+(?:-[a-z]+)?)/g)].map((m) => m[1]);
  const linux = [...script.matchAll(/echo "([a-z0-9_]+-unknown-linux)-\$\(libc\)"/g)].flatMap((m) => [`${m[1]}-gnu`, `${m[1]}-musl`]);
  const all = [...looked.filter((t) => !t.endsWith('linux')), ...linux].sort();
  assert.deepEqual(built, all);
  assert.equal(built.length, 7);
  // The same names for cargo-binstall.
  assert.match(read('Cargo.toml'), /pkg-url = "\{ repo \}\/releases\/download\/v\{ version \}\/\{ name \}-v\{ version \}-\{ target \}\.tar\.gz"/);
  assert.match(script, /name=kiln-v\$version-\$triple\n/);
});

test('examples use inputs and outputs that there are', () => {
  const action = parse(read('action.yml'));
  const texts = readdirSync(path.join(root, 'examples')).filter((n) => n.endsWith('.yml')).map((n) => read(`examples/${n}`));
  const section = /^## GitHub Action\n([^]*?)^## /m.exec(read('README.md'))[1];
  texts.push(...[...section.matchAll(/```yaml\n([^]*?)```/g)].map((m) => m[1]));
  assert.ok(texts.length >= 2);
  let steps = 0;
  const visit = (node) => {
    if (node === null || typeof node !== 'object') return;
    if (typeof node.uses === 'string' && /\/kiln@/.test(node.uses)) {
      steps += 1;
      for (const name of Object.keys(node.with)) assert.ok(name in action.inputs, name);
      assert.ok('path' in node.with);
    }
    Object.values(node).forEach(visit);
  };
  texts.forEach((t) => visit(parse(t)));
  assert.ok(steps >= 2);
  for (const name of [...Object.keys(action.inputs), ...Object.keys(action.outputs)]) assert.ok(section.includes(`\`${name}\``), name);
});
