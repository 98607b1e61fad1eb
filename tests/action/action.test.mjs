// The action's steps, executed as GitHub would, with the kiln in $KILN or the one just built.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { mistakes } from './check.mjs';
import { Runner, tree } from './runner.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const action = path.join(root, 'action.yml');
const kiln = path.resolve(process.env.KILN ?? path.join(root, 'target/debug/kiln'));
const text = readFileSync(action, 'utf8');

const all = [];
after(() => all.forEach((r) => r.remove()));

/** A runner whose workspace holds the photo journal's build as `dist`. */
function runner(site = path.join(root, 'fixtures/sites/photo-journal')) {
  const made = new Runner();
  all.push(made);
  if (site) cpSync(site, path.join(made.workspace, 'dist'), { recursive: true });
  return made;
}

function put(r, name, content) {
  const file = path.join(r.workspace, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
}

/** The action of this repository on `dist`, with the kiln just built. */
const run = (r, given = {}, more = {}) => r.run(action, { path: 'dist', 'kiln-path': kiln, ...given }, more);

const empty = (done) => Object.entries(done.outputs).filter(([, v]) => v === '').map(([k]) => k);
const of = (done, name) => done.commands.filter((c) => c.name === name);
const fresh = (r) => rmSync(path.join(r.workspace, 'dist-kiln'), { recursive: true, force: true });
const lost = (n) => Array.from({ length: n }, (_, i) => `<img src=/x/${i}.png>`).join('');

test('action.yml makes no mistakes', () => {
  assert.deepEqual(mistakes(parse(text)), []);
});

test('mistakes in an action.yml are found', () => {
  const broken = [
    ['steps.run.outputs.manifest', 'steps.kiln.outputs.manifest', 'output manifest: no step kiln before'],
    ['steps.install.outputs.program', 'steps.instal.outputs.program', 'run: ACTION_PROGRAM: no step instal before'],
    ['- id: install', '- id: setup', 'no step install before'],
    ['INPUT_CACHE: ${{ inputs.cache }}', 'INPUT_CACHE: ${{ inputs.cash }}', 'run: INPUT_CACHE: no input cash'],
    ['INPUT_HOST: ${{ inputs.host }}', '', 'input host is never read'],
    ["if: inputs.cache == 'true'", "if: steps.run.outputs.cache-grew == 'true'", 'no step run before'],
    ['      shell: bash\n', '', 'install: no shell'],
    ['action/run.sh"', 'action/run.sh" "${{ inputs.path }}"', 'run: an expression in run'],
    ['actions/cache/save@27d5ce7f107fe9357f9df03efb73ab90386fccae', 'actions/cache/save@v5', 'is not pinned'],
    ['- id: run', '- id: install', 'install: the id is there twice'],
    ['value: ${{ steps.run.outputs.exit-code }}', "value: '0'", 'output exit-code: no value'],
    ['restore-keys:', 'restore-key:', 'has no input restore-key'],
    ['steps.run.outputs.bytes-after', 'steps.run.output.bytes-after', 'a step has no output'],
    ['- name: Restore results of earlier runs', '- id: restore\n      name: x', null],
  ];
  for (const [from, to, expected] of broken) {
    assert.ok(text.includes(from), from);
    const found = mistakes(parse(text.replace(from, to)));
    if (expected === null) assert.deepEqual(found, []);
    else assert.ok(found.some((m) => m.includes(expected)), `${to}: ${JSON.stringify(found)}`);
  }
  const known = text.replace('- name: Restore results of earlier runs', '- id: restore').replace('steps.run.outputs.manifest', 'steps.restore.outputs.cache-hitt');
  assert.deepEqual(mistakes(parse(known)), ['output manifest: restore has no output cache-hitt']);
});

test('an output that no step gives is seen when it runs', () => {
  const r = runner();
  const folder = path.join(r.root, 'broken');
  mkdirSync(folder);
  cpSync(path.join(root, 'action'), path.join(folder, 'action'), { recursive: true });
  writeFileSync(path.join(folder, 'action.yml'), text.replace('outputs.bytes-after', 'outputs.bytes-aftr'));
  const done = r.run(path.join(folder, 'action.yml'), { path: 'dist', 'kiln-path': kiln });
  assert.deepEqual([done.ok, empty(done)], [true, ['bytes-after']]);
});

test('the first run', () => {
  const r = runner();
  const done = run(r);
  assert.ok(done.ok, done.log);
  assert.deepEqual(empty(done), []);
  assert.deepEqual(done.ran, ['install', 'Restore results of earlier runs', 'run', 'Keep results for later runs']);
  assert.equal(done.outputs.manifest, 'dist-kiln/kiln-manifest.json');
  assert.ok(existsSync(path.join(r.workspace, done.outputs.manifest)));
  // What kiln itself says of the same build.
  const said = spawnSync(kiln, ['build', 'dist', '--json', '--no-cache', '--out', '../own'], { cwd: r.workspace, encoding: 'utf8' });
  const kinds = Object.values(JSON.parse(said.stdout).kinds);
  const sum = (key) => kinds.reduce((n, k) => n + k[key], 0);
  const [before, after] = [sum('before'), sum('after')];
  assert.equal(done.outputs['bytes-before'], String(before));
  assert.equal(done.outputs['bytes-after'], String(after));
  assert.equal(done.outputs['saved-percent'], ((100 * (before - after)) / before).toFixed(1));
  assert.equal(done.outputs['exit-code'], '0');
  assert.deepEqual(tree(path.join(r.workspace, 'dist-kiln')), tree(path.join(r.root, 'own')));
  assert.equal(done.commands.length, 0);
  for (const part of [`**${done.outputs['saved-percent']} % smaller**`, '| images | 7 |', 'Biggest savings', 'Biggest files that remain', '<code>img/ridge.jpg</code>']) {
    assert.ok(done.summary.includes(part), `${part}: ${done.summary}`);
  }
  assert.ok(!existsSync(path.join(r.workspace, '.kiln')), 'nothing beside the output in the workspace');
});

test('later runs reuse results', () => {
  const r = runner();
  const first = run(r);
  fresh(r);
  const rate = (done) => Number(done.outputs['cache-hit-rate']);
  const second = run(r);
  assert.ok(second.ok && rate(second) === 100 && rate(first) < 50, `${rate(first)} ${rate(second)}`);
  assert.ok(second.summary.includes('Nothing had changed'));
  assert.equal(r.saved.length, 1, 'nothing new, nothing kept');
  fresh(r);
  put(r, 'dist/new.html', '<!doctype html><title>new</title><p>new');
  const third = run(r);
  assert.ok(rate(third) > rate(first) && rate(third) < 100 && r.saved.length === 2, `${rate(third)}`);
  assert.notEqual(r.saved[0], r.saved[1]);
  // Another branch reads and does not write.
  fresh(r);
  put(r, 'dist/newer.html', '<!doctype html><title>newer</title><p>newer');
  const branch = run(r, {}, { github: { ref: 'refs/pull/1/merge' } });
  assert.ok(branch.ok && rate(branch) > rate(first) && r.saved.length === 2);
  // Other arguments start from the newest of any.
  fresh(r);
  assert.ok(rate(run(r, { args: '--skip html' })) > rate(first));
});

test('without a cache', () => {
  const r = runner();
  const done = run(r, { cache: 'false' });
  assert.deepEqual([done.ok, done.ran, r.saved, readdirSync(path.join(r.root, 'temp/kiln-cache'))], [true, ['install', 'run'], [], []]);
});

test('a kept cache is trimmed, and one that cannot be trimmed is not kept', () => {
  const r = runner();
  const log = path.join(r.root, 'calls');
  const bin = r.programs({ kiln: `#!/bin/sh\nprintf '%s\\n' "$*" >>"${log}"\nexec "${kiln}" "$@"\n` });
  assert.ok(run(r, { 'kiln-path': path.join(bin, 'kiln') }).ok);
  assert.match(readFileSync(log, 'utf8'), /^cache gc --max 2G --cache-dir=/m);
  const other = runner();
  const old = other.programs({ kiln: `#!/bin/sh\nif [ "$1" = cache ]; then echo "what is cache?" >&2; exit 2; fi\nexec "${kiln}" "$@"\n` });
  const done = run(other, { 'kiln-path': path.join(old, 'kiln') });
  assert.deepEqual([done.ok, other.saved], [true, []]);
});

test('a build with errors fails the step, and its results are kept all the same', () => {
  const r = runner(null);
  put(r, 'dist/index.html', lost(20));
  const done = run(r);
  assert.equal(done.ok, false);
  assert.deepEqual([done.outputs['exit-code'], done.outputs.manifest], ['1', 'dist-kiln/kiln-manifest.json']);
  assert.deepEqual([of(done, 'error').length, of(done, 'warning').length], [1, 10]);
  assert.match(of(done, 'error')[0].data, /20 of 20 references/);
  assert.equal(of(done, 'warning')[9].data, '11 more warnings are in the step\'s log');
  assert.ok(done.summary.includes('### 1 error, 20 warnings'), done.summary);
  assert.ok(done.summary.includes('[wrong-base-url](https://github.com/someone/kiln/blob/v0.1.0/action/messages.md#wrong-base-url)'));
  assert.equal(r.saved.length, 1);
});

test('what fails the step', () => {
  const r = runner(null);
  put(r, 'dist/index.html', lost(20));
  put(r, 'warned/index.html', lost(1));
  for (const [folder, failOn, ok, exit] of [
    ['dist', 'error', false, '1'], ['dist', 'warning', false, '1'], ['dist', 'never', true, '1'], ['warned', 'error', true, '0'],
    ['warned', 'warning', false, '1'], ['warned', 'never', true, '0'], ['gone', 'error', false, '3'], ['gone', 'never', true, '3'],
  ]) {
    const done = run(r, { path: folder, 'fail-on': failOn });
    assert.deepEqual([done.ok, done.outputs['exit-code']], [ok, exit], `${folder} ${failOn}: ${done.log}`);
  }
});

test('a missing folder', () => {
  const r = runner(null);
  const done = run(r);
  assert.equal(done.ok, false);
  assert.deepEqual([done.outputs['exit-code'], done.outputs.manifest, r.saved], ['3', '', []]);
  assert.equal(of(done, 'error').length, 1);
  assert.match(of(done, 'error')[0].data, /dist is not a folder[^]*help: /);
  assert.match(done.summary, /Nothing was written \(exit code 3\)/);
  assert.ok(!existsSync(path.join(r.workspace, 'dist-kiln')));
});

test('no summary and no annotations when none are wanted', () => {
  const r = runner(null);
  put(r, 'dist/index.html', lost(20));
  const done = run(r, { summary: 'false', annotations: 'false' });
  assert.deepEqual([done.ok, done.summary, done.commands], [false, '', []]);
  assert.ok(done.log.includes('error[wrong-base-url]'));
});

test('file names are never commands, mark-up or code', () => {
  const r = runner(null);
  const names = [
    '::error::owned.js', '::stop-commands::x.js', '##[error]owned.js', 'a\n::error::owned.js', 'a\r::warning::owned.js', 'two words.js', '$(touch owned).js', '`touch owned`.js',
    '| a | b |.js', '<img src=x onerror=alert(1)>.js', '[a](https:evil.example).js', '**bold** _it_ ~no~ @someone #1.js', '\u202egpj.js', 'www.evil.example.js', '%0A::error::owned.js', '&lt;b&gt;.js',
  ];
  for (const name of names) put(r, `dist/${name}`, `let  a  = ( ;\n${'x'.repeat(300)}`);
  put(r, 'dist/index.html', '<!doctype html><title>a</title>');
  const done = run(r);
  assert.ok(done.ok, done.log);
  assert.deepEqual([...new Set(done.commands.map((c) => `${c.name} ${c.properties.title}`))], ['warning kiln: js-syntax', 'warning kiln']);
  assert.equal(of(done, 'warning').length, 10);
  assert.ok(done.log.includes('::error::owned.js'), 'the log has the names as they are');
  const made = readdirSync(r.root, { recursive: true }).filter((n) => path.basename(n) === 'owned');
  assert.deepEqual(made, [], 'no command ran');
  for (const raw of ['<img', 'onerror=', '](https:evil', '**bold**', '@someone', '\u202e', 'www.evil', '::error', '$(touch', '`', '&lt;b']) {
    assert.ok(!done.summary.includes(raw), `${raw}: ${done.summary}`);
  }
  const rows = done.summary.split('\n').filter((l) => l.startsWith('|'));
  const cells = new Set(rows.map((l) => l.split('|').length));
  assert.ok([...cells].every((n) => [5, 6, 8].includes(n)), `rows are whole: ${[...cells]}`);
  assert.equal(rows.filter((l) => l.includes('js-syntax')).length, names.length);
});

test('inputs are never code', () => {
  const evil = ['$(touch owned)', '`touch owned`', '; touch owned', '"; touch owned; "', "'; touch owned; '", '&& touch owned', 'a\ntouch owned', '--help', '| touch owned #', '\nkiln=owned\n', '${{ github.token }}', 'x\nEND\nowned=1'];
  const r = runner();
  const allowed = new Set(['manifest', 'bytes-before', 'bytes-after', 'saved-percent', 'cache-hit-rate', 'exit-code', 'cache-grew']);
  const names = ['path', 'out', 'args', 'version', 'config', 'host', 'fail-on', 'summary', 'kiln-path', 'cache', 'annotations'];
  // Nothing to download or to build with: what matters is what else happens.
  for (const name of names) {
    for (const value of evil) {
      const done = run(r, { ...(name === 'version' ? { 'kiln-path': '' } : {}), [name]: value }, { env: { ACTION_TEST_RELEASES: 'http://127.0.0.1:9' } });
      const place = `${name}: ${value}\n${done.log}`;
      assert.ok(!existsSync(path.join(r.workspace, 'owned')), place);
      for (const key of Object.keys(done.steps.run?.outputs ?? {})) assert.ok(allowed.has(key), place);
      // A name for the output folder may be anything.
      if (name !== 'out') assert.equal(done.ok, false, place);
      assert.ok(done.commands.every((c) => ['error', 'warning'].includes(c.name)), place);
    }
  }
});

test('arguments', () => {
  const r = runner();
  const done = run(r, { args: "--base-url /docs/ --exclude 'img/**'\n--exclude=\"a b\"", out: 'my site/out', config: '' });
  assert.ok(done.ok, done.log);
  assert.equal(done.outputs.manifest, 'my site/out/kiln-manifest.json');
  const manifest = JSON.parse(readFileSync(path.join(r.workspace, done.outputs.manifest), 'utf8'));
  assert.equal(manifest.base, '/docs/');
  assert.ok(Object.entries(manifest.files).every(([name, f]) => !name.startsWith('img/') || !f.variants));
  for (const [args, said] of [
    ['--out x', '--out is for the input `out`'], ['-ox', '-o is for the input `out`'], ['--json', '--json is always on'], ['--cache-dir=x', 'the input `cache`'],
    ['--config x', 'the input `config`'], ['-- x', '-- is not for here'], ["'open", "a ' is not closed"],
  ]) {
    const refused = run(r, { args });
    assert.ok(!refused.ok && of(refused, 'error')[0].data.includes(said), `${args}: ${refused.log}`);
  }
  const unknown = run(r, { args: '--no-such-flag' });
  assert.deepEqual([unknown.ok, unknown.outputs['exit-code']], [false, '2']);
});

test('in place', () => {
  const r = runner();
  const done = run(r, { args: '--in-place', path: 'dist/' });
  assert.ok(done.ok, done.log);
  assert.equal(done.outputs.manifest, 'dist/kiln-manifest.json');
  assert.ok(existsSync(path.join(r.workspace, 'dist/kiln-manifest.json')));
});

test('the folder that is written by default', () => {
  const r = runner();
  assert.equal(run(r, { path: './dist//' }).outputs.manifest, 'dist-kiln/kiln-manifest.json');
  const whole = path.join(r.workspace, 'dist');
  assert.equal(run(r, { path: whole }).outputs.manifest, `${whole}-kiln/kiln-manifest.json`);
});

test('settings and hosts', () => {
  const r = runner();
  put(r, 'my settings.toml', '[headers]\nhosts = ["netlify"]\n[images]\nwidths = [480]\n');
  const done = run(r, { config: 'my settings.toml', host: 'nginx' });
  const written = readdirSync(path.join(r.workspace, 'dist-kiln'));
  assert.ok(done.ok && written.includes('kiln-server.conf') && !written.includes('_headers'), done.log);
  const both = run(r, { config: 'my settings.toml', host: 'nginx, cloudflare' });
  assert.ok(both.ok && readdirSync(path.join(r.workspace, 'dist-kiln')).includes('_headers'), both.log);
  assert.ok(readdirSync(path.join(r.workspace, 'dist-kiln')).includes('kiln-server.conf'));
  const unknown = run(r, { host: 'geocities' });
  assert.deepEqual([unknown.ok, unknown.outputs['exit-code']], [false, '2']);
  assert.match(of(unknown, 'error')[0].data, /geocities/);
});

test('choices are checked', () => {
  const r = runner();
  for (const [name, value] of [['fail-on', 'errors'], ['cache', 'yes'], ['summary', ''], ['annotations', 'True']]) {
    const done = run(r, { [name]: value });
    assert.ok(!done.ok && of(done, 'error')[0].data.startsWith(`${name}: `), done.log);
  }
});

test('a kiln by its name on PATH, by a relative path, and none', () => {
  const r = runner();
  const bin = r.programs({ 'my-kiln': `#!/bin/sh\nexec "${kiln}" "$@"\n` });
  const PATH = `${bin}:${process.env.PATH}`;
  assert.ok(run(r, { 'kiln-path': 'my-kiln' }, { env: { PATH } }).ok);
  assert.ok(run(r, { 'kiln-path': path.relative(r.workspace, path.join(bin, 'my-kiln')) }).ok);
  const none = run(r, { 'kiln-path': 'no-such-kiln' });
  assert.ok(!none.ok && of(none, 'error')[0].data.includes('no-such-kiln is no program'), none.log);
  assert.ok(!run(r, { 'kiln-path': 'dist/index.html' }).ok);
});

test('without node the reason is told', () => {
  const r = runner();
  const bin = r.folder('few');
  for (const tool of ['bash', 'sh', 'dirname', 'basename', 'mkdir', 'sha256sum', 'shasum', 'cut', 'cat', 'env']) {
    const found = spawnSync('bash', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).stdout.trim();
    if (found) r.programs.call({ folder: () => bin, number: 0 }, { [tool]: `#!${found.endsWith('/bash') ? found : '/bin/sh'}\nexec ${found} "$@"\n` });
  }
  const done = run(r, { cache: 'false' }, { env: { PATH: bin } });
  assert.ok(!done.ok && of(done, 'error')[0].data.includes('node (18 or newer) is needed'), done.log);
});

// Releases.

const version = /^version = "(.*)"$/m.exec(readFileSync(path.join(root, 'Cargo.toml'), 'utf8'))[1];
const exe = process.platform === 'win32' ? '.exe' : '';

const releasing = parse(readFileSync(path.join(root, '.github/workflows/release.yml'), 'utf8')).jobs;

/** Runs a step of release.yml in a folder. */
function releaseStep(job, name, cwd, env) {
  const step = releasing[job].steps.find((s) => s.name === name);
  const done = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run], {
    cwd: path.join(cwd, step['working-directory'] ?? ''), encoding: 'utf8', env: { PATH: process.env.PATH, RUNNER_OS: process.platform === 'win32' ? 'Windows' : 'Linux', ...env },
  });
  assert.equal(done.status, 0, done.stderr);
}

/** A folder with the release of this version, made by the steps of release.yml from stand-ins, and a server for it. */
async function release(r) {
  const checkout = r.folder('checkout');
  for (const name of ['README.md', 'CHANGELOG.md', 'LICENSE-MIT', 'LICENSE-APACHE']) cpSync(path.join(root, name), path.join(checkout, name));
  const files = r.folder('checkout', 'files');
  for (const { target } of releasing.build.strategy.matrix.include) {
    const made = r.folder('checkout', 'target', target, 'release');
    if (exe) cpSync(kiln, path.join(made, `kiln${exe}`));
    else writeFileSync(path.join(made, 'kiln'), `#!/bin/sh\nexec "${kiln}" "$@"\n`, { mode: 0o755 });
    const NAME = `kiln-v${version}-${target}`;
    releaseStep('build', 'Pack', checkout, { TARGET: target, NAME });
    cpSync(path.join(checkout, 'packed', `${NAME}.tar.gz`), path.join(files, `${NAME}.tar.gz`));
  }
  writeFileSync(path.join(files, `kiln-v${version}.cdx.json`), '{}');
  releaseStep('publish', 'Checksums', checkout, {});
  const folder = path.join(r.folder('releases'), `v${version}`);
  cpSync(files, folder, { recursive: true });
  const server = spawn(process.execPath, [path.join(root, 'tests/action/serve.mjs'), path.dirname(folder)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const address = await new Promise((done) => server.stdout.once('data', (line) => done(String(line).trim())));
  return { folder, address, stop: () => server.kill() };
}

/** What a machine may or may not have; `gh` without attestations is as good as none. */
function tools(r, scripts = {}) {
  const bin = r.programs({ gh: '#!/bin/sh\nexit 1\n', 'cargo-binstall': '#!/bin/sh\nexit 1\n', ...scripts });
  return `${bin}:${process.env.PATH}`;
}

test('a release is installed, once', async () => {
  const r = runner();
  const served = await release(r);
  const env = { ACTION_TEST_RELEASES: served.address, PATH: tools(r) };
  const done = run(r, { 'kiln-path': '' }, { env });
  assert.ok(done.ok, done.log);
  assert.match(done.log, /SHA-256 [0-9a-f]{64}, as the release lists it/);
  assert.match(done.log, /where it was built is not checked/);
  assert.ok(done.steps.install.outputs.program.startsWith(path.join(r.root, 'tools', 'kiln', version)));
  served.stop();
  fresh(r);
  const again = run(r, { 'kiln-path': '', version: `v${version}` }, { env });
  assert.ok(again.ok && again.log.includes(`kiln ${version} is here already`), again.log);
});

test('a release that is damaged, unlisted, missing or not attested', async () => {
  const r = runner();
  const served = await release(r);
  const attempt = (scripts = {}, given = {}) => {
    rmSync(path.join(r.root, 'tools'), { recursive: true, force: true });
    const done = run(r, { 'kiln-path': '', ...given }, { env: { ACTION_TEST_RELEASES: served.address, PATH: tools(r, scripts) } });
    const left = existsSync(path.join(r.root, 'tools/kiln')) ? Object.keys(tree(path.join(r.root, 'tools/kiln'))) : [];
    return { ...done, left, error: of(done, 'error')[0]?.data ?? '' };
  };
  // gh knows who built it, and is asked about this repository's workflow.
  const calls = path.join(r.root, 'gh-calls');
  const gh = (code) => ({ gh: `#!/bin/sh\ncase "$*" in *--help) exit 0 ;; esac\nprintf '%s\\n' "$*" >>"${calls}"\nexit ${code}\n` });
  assert.ok(attempt(gh(0)).ok);
  assert.match(readFileSync(calls, 'utf8'), /^attestation verify archive\.tar\.gz --repo someone\/kiln --signer-workflow someone\/kiln\/\.github\/workflows\/release\.yml\n$/);
  const forged = attempt(gh(1));
  assert.ok(!forged.ok && forged.error.includes('nothing shows that') && forged.left.length === 0, forged.log);
  // A release that is not there may be had from cargo-binstall: from this repository, with this action's manifest.
  const binstall = `#!/bin/sh\nprintf '%s\\n' "$@" >"${calls}"\nwhile [ "$1" != --install-path ]; do shift; done\nmkdir -p "$2" && ln -s "${kiln}" "$2/kiln"\n`;
  const other = attempt({ 'cargo-binstall': binstall }, { version: '99.0.0' });
  assert.ok(other.ok && other.log.includes('has no kiln-v99.0.0-'), other.log);
  const asked = readFileSync(calls, 'utf8').split('\n');
  for (const word of ['crate-meta-data', '=99.0.0', 'kiln', root]) assert.ok(asked.includes(word), `${word}: ${asked}`);
  assert.ok(asked.some((a) => a.startsWith('https://github.com/someone/kiln/releases/')));
  const missing = attempt({}, { version: '99.0.0' });
  assert.ok(!missing.ok && missing.error.includes('has no kiln-v99.0.0-') && missing.left.length === 0, missing.log);
  assert.deepEqual(missing.ran.filter((s) => s === 'run'), []);
  // Damage is never a reason to take it from elsewhere.
  for (const file of readdirSync(served.folder).filter((n) => n.endsWith('.gz'))) writeFileSync(path.join(served.folder, file), 'not what was released');
  const damaged = attempt({ 'cargo-binstall': binstall });
  assert.ok(!damaged.ok && damaged.error.includes('is damaged') && damaged.left.length === 0, damaged.log);
  writeFileSync(path.join(served.folder, 'SHA256SUMS'), `${'0'.repeat(64)}  other.tar.gz\n`);
  const unlisted = attempt();
  assert.ok(!unlisted.ok && unlisted.error.includes('do not list'), unlisted.log);
  served.stop();
  const away = attempt();
  assert.ok(!away.ok && away.error.includes('could not be downloaded'), away.log);
});

test('a release has its version everywhere', () => {
  const r = runner(null);
  const ready = {
    'Cargo.toml': '[package]\nname = "kiln"\nversion = "1.2.3"\nrepository = "https://github.com/someone/kiln"\n',
    'Cargo.lock': '[[package]]\nname = "kiln"\nversion = "1.2.3"\n',
    'CHANGELOG.md': '# Changelog\n\n## Unreleased\n\n- next\n\n## 1.2.3 (2030-01-01)\n\n- this\n\n## 1.2.2\n\n- last\n',
  };
  const attempt = (changed = {}, tag = 'v1.2.3') => {
    for (const [name, content] of Object.entries({ ...ready, ...changed })) put(r, name, content);
    put(r, 'output', '');
    const env = { PATH: process.env.PATH, GITHUB_REF_NAME: tag, GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'someone/kiln', GITHUB_OUTPUT: 'output' };
    const done = spawnSync('bash', [path.join(root, '.github/release-version.sh')], { cwd: r.workspace, env, encoding: 'utf8' });
    return `${done.status} ${done.stdout}${readFileSync(path.join(r.workspace, 'output'), 'utf8')}`.trim();
  };
  assert.equal(attempt(), '0 version=1.2.3');
  for (const [wrong, tag, said] of [
    [{}, 'v1.2.4', 'Cargo.toml is of version 1.2.3'], [{}, 'v1.2', 'is no version'], [{}, 'v1.2.3; x', 'is no version'],
    [{ 'Cargo.lock': ready['Cargo.lock'].replace('1.2.3', '1.2.2') }, 'v1.2.3', 'Cargo.lock'],
    [{ 'CHANGELOG.md': '## 1.2.30\n' }, 'v1.2.3', 'CHANGELOG.md has no part'],
    [{ 'Cargo.toml': ready['Cargo.toml'].replace('someone', 'other') }, 'v1.2.3', 'needs repository'],
  ]) {
    const told = attempt(wrong, tag);
    assert.ok(told.startsWith('1 ::error') && told.includes(said), told);
  }
  attempt();
  releaseStep('publish', "Notes, the changelog's part on this version", r.workspace, { VERSION: '1.2.3' });
  assert.equal(readFileSync(path.join(r.workspace, 'notes.md'), 'utf8').trim(), '- this');
});

test('only this machine can stand in for the releases', () => {
  const r = runner();
  const curl = path.join(r.root, 'curl-calls');
  const PATH = tools(r, { curl: `#!/bin/sh\nprintf '%s\\n' "$*" >>"${curl}"\nexit 1\n` });
  for (const elsewhere of ['http://evil.example', 'https://127.0.0.1.evil.example:1', 'http://127.0.0.1:80@evil.example:1', 'http://127.0.0.1:1/x', 'file:///x']) {
    rmSync(curl, { force: true });
    assert.ok(!run(r, { 'kiln-path': '' }, { env: { ACTION_TEST_RELEASES: elsewhere, PATH } }).ok);
    const asked = readFileSync(curl, 'utf8');
    assert.ok(asked.includes('https://github.com/someone/kiln/releases/download/') && asked.includes('--proto =https'), asked);
  }
});
