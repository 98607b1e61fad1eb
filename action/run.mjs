// Runs kiln with the inputs of action.yml, which come as environment variables and go on as arguments: no shell sees them.

import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync } from 'node:fs';
import path from 'node:path';
import { annotation, annotations, failure, findings, inert, log, summary, totals } from './report.mjs';
import { words } from './words.mjs';

/** Results are kept for the whole repository, which has 10 GB for all its caches. */
const CACHE_SIZE = '2G';
/** Arguments that an input decides, so that this script knows what it is. */
const TAKEN = { '--out': 'out', '-o': 'out', '--config': 'config', '--cache-dir': 'cache', '--no-cache': 'cache', '--json': null };

class Wrong extends Error {}

const say = (text) => process.stdout.write(text);
const input = (name) => process.env[`INPUT_${name.toUpperCase().replaceAll('-', '_')}`] ?? '';

function choice(name, ...allowed) {
  const value = input(name);
  if (!allowed.includes(value)) throw new Wrong(`${name}: ${JSON.stringify(value)} is none of ${allowed.join(', ')}`);
  return value;
}

const flag = (name) => choice(name, 'true', 'false') === 'true';

function inputs() {
  if (input('path') === '') throw new Wrong('path: which folder did your build write?');
  let args;
  try {
    args = words(input('args'));
  } catch (e) {
    throw new Wrong(`args: ${e.message}`);
  }
  for (const arg of args) {
    const name = /^-[a-z]*o/.test(arg) ? '-o' : arg.split('=')[0];
    if (arg === '--') throw new Wrong('args: -- is not for here');
    if (TAKEN[name] === null) throw new Wrong(`args: ${name} is always on`);
    if (name in TAKEN) throw new Wrong(`args: ${name} is for the input \`${TAKEN[name]}\``);
  }
  return {
    path: input('path'),
    out: args.includes('--in-place') ? input('path') : input('out') || beside(input('path')),
    args,
    config: input('config'),
    host: input('host'),
    cache: flag('cache'),
    failOn: choice('fail-on', 'error', 'warning', 'never'),
    summary: flag('summary'),
    annotations: flag('annotations'),
  };
}

/** `dist` → `dist-kiln`, as kiln itself would. */
function beside(folder) {
  const named = folder.replace(/[/\\]+$/, '');
  return /(^|[/\\])\.{0,2}$/.test(named) ? `${path.resolve(folder)}-kiln` : `${named}-kiln`;
}

function output(name, value) {
  const end = randomUUID();
  appendFileSync(process.env.GITHUB_OUTPUT, `${name}<<${end}\n${value}\n${end}\n`);
}

/** kiln's environment: the job's, without what is ours. */
function environment(asked) {
  const ours = (name) => /^(INPUT|ACTION)_/.test(name);
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours(name)));
  // kiln has no flag for hosts; its variables win over its file.
  return asked.host === '' ? env : { ...env, KILN_HEADERS_HOSTS: asked.host };
}

function kiln(args, env) {
  const done = spawnSync(process.env.ACTION_PROGRAM, args, { env, maxBuffer: Infinity, encoding: 'utf8' });
  if (done.error) throw new Wrong(`kiln cannot be run: ${done.error.message}`);
  return { ...done, status: done.status ?? `killed by ${done.signal}` };
}

function build(asked) {
  const args = ['build', '--json'];
  if (!asked.args.includes('--in-place')) args.push(`--out=${asked.out}`);
  if (asked.config !== '') args.push(`--config=${asked.config}`);
  args.push(asked.cache ? `--cache-dir=${process.env.ACTION_CACHE_DIR}` : '--no-cache');
  if (asked.failOn === 'warning' && !asked.args.includes('--strict')) args.push('--strict');
  const done = kiln([...args, ...asked.args, '--', asked.path], environment(asked));
  let report = null;
  try {
    report = JSON.parse(done.stdout);
  } catch {
    // It wrote nothing, and has said why; or was asked for something else, like `--help`.
    if (done.status === 0) throw new Wrong('args: with these, kiln builds nothing');
  }
  return { ...done, report };
}

/** Whether there is something worth keeping for later runs, in a cache of bounded size. */
function trimmed(asked, report) {
  if (!asked.cache || report === null || report.cache_misses === 0) return false;
  const done = kiln(['cache', 'gc', '--max', CACHE_SIZE, `--cache-dir=${process.env.ACTION_CACHE_DIR}`], environment(asked));
  say(inert(done.stdout + done.stderr));
  return done.status === 0;
}

/** Where the messages are explained, for the version of the action that runs. */
function docs() {
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_SHA, ACTION_REPOSITORY, ACTION_REF } = process.env;
  // A local copy of the action (`uses: ./`) has neither.
  const [repository, ref] = ACTION_REPOSITORY ? [ACTION_REPOSITORY, ACTION_REF] : [GITHUB_REPOSITORY, GITHUB_SHA];
  return `${GITHUB_SERVER_URL}/${repository}/blob/${encodeURI(ref || 'HEAD')}/action/messages.md`;
}

function told(asked, done) {
  const { report, status } = done;
  const said = done.stderr.trim() || `kiln ended with ${status} and without a report`;
  say(inert(report === null ? said : done.stderr + log(report)));
  if (asked.annotations) {
    say(report === null ? annotation(asked.failOn === 'never' ? 'warning' : 'error', 'kiln', said) : annotations(report));
  }
  if (asked.summary) {
    const text = report === null ? failure(said, status) : summary(report, docs(), asked.out);
    appendFileSync(process.env.GITHUB_STEP_SUMMARY, text);
  }
}

function main() {
  const asked = inputs();
  const done = build(asked);
  const { report, status } = done;
  output('exit-code', status);
  const manifest = path.join(asked.out, 'kiln-manifest.json');
  output('manifest', report !== null && existsSync(manifest) ? manifest : '');
  if (report !== null) {
    const t = totals(report);
    output('bytes-before', t.before);
    output('bytes-after', t.after);
    output('saved-percent', t.saved);
    output('cache-hit-rate', t.hitRate);
  }
  told(asked, done);
  output('cache-grew', trimmed(asked, report));
  if (status === 0 || asked.failOn === 'never') return 0;
  const found = report === null ? 'nothing was written' : `${findings(report).length} errors and warnings`;
  say(`kiln's exit code is ${status}: ${found}. fail-on is ${asked.failOn}.\n`);
  return 1;
}

try {
  process.exitCode = main();
} catch (e) {
  if (!(e instanceof Wrong)) throw e;
  say(annotation('error', 'kiln', e.message));
  process.exitCode = 1;
}
