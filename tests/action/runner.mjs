// Executes a composite action as GitHub's runner would, on this machine.

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { filled, runs } from './expressions.mjs';

const OS = { linux: 'Linux', darwin: 'macOS', win32: 'Windows' };
const ARCH = { x64: 'X64', arm64: 'ARM64' };

/** `name=value` lines and `name<<END` blocks. */
export function pairs(text) {
  const found = {};
  const lines = text.split('\n');
  while (lines.length > 0) {
    const line = lines.shift();
    const block = /^([^=]+?)<<(.+)$/.exec(line);
    if (block) {
      const end = lines.indexOf(block[2]);
      if (end < 0) throw new Error(`${line} has no end`);
      found[block[1]] = lines.splice(0, end).join('\n');
      lines.shift();
    } else if (line.includes('=')) {
      found[line.slice(0, line.indexOf('='))] = line.slice(line.indexOf('=') + 1);
    } else if (line !== '') {
      throw new Error(`neither name=value nor name<<END: ${line}`);
    }
  }
  return found;
}

const unescaped = (text) => text.replaceAll('%3A', ':').replaceAll('%2C', ',').replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');

/** The commands that the runner would take out of a step's log. */
export function commands(log) {
  const found = [];
  let stopped = null;
  for (const line of log.split(/\r\n|\n|\r/)) {
    const match = /^\s*::([^\s:]+)(?: ([^]*?))?::(.*)$/.exec(line) ?? /##\[(\S+?)(?: (.*?))?\](.*)$/.exec(line);
    if (!match) continue;
    const [, name, properties, data] = match;
    if (stopped !== null) {
      if (name === stopped) stopped = null;
      continue;
    }
    if (name === 'stop-commands') stopped = data;
    else found.push({ name, properties: Object.fromEntries((properties ?? '').split(',').filter(Boolean).map((p) => [p.split('=')[0], unescaped(p.slice(p.indexOf('=') + 1))])), data: unescaped(data) });
  }
  if (stopped !== null) throw new Error('commands were never started again');
  return found;
}

/** A runner with one repository's workspace and caches; runs follow each other on it. */
export class Runner {
  constructor() {
    this.root = mkdtempSync(path.join(tmpdir(), 'action-'));
    this.workspace = this.folder('workspace');
    this.caches = this.folder('caches');
    this.saved = [];
    this.number = 0;
  }

  folder(...parts) {
    const place = path.join(this.root, ...parts);
    mkdirSync(place, { recursive: true });
    return place;
  }

  /** A folder put first on PATH, with programs of these names and texts. */
  programs(scripts) {
    const bin = this.folder(`bin-${this.number++}`);
    for (const [name, text] of Object.entries(scripts)) writeFileSync(path.join(bin, name), text, { mode: 0o755 });
    return bin;
  }

  remove() {
    rmSync(this.root, { recursive: true, force: true });
  }

  /** Runs the action of `file` with these inputs. */
  run(file, given, { env = {}, github = {}, cancelled = false } = {}) {
    const action = parse(readFileSync(file, 'utf8'));
    const number = ++this.number;
    // Gone after each job, as on GitHub.
    rmSync(path.join(this.root, 'temp'), { recursive: true, force: true });
    const temp = this.folder('temp');
    const runner = { os: OS[process.platform], arch: ARCH[process.arch], temp, tool_cache: this.folder('tools') };
    const contexts = {
      runner,
      github: {
        action_repository: 'someone/kiln', action_ref: 'v0.1.0', repository: 'someone/site', run_id: String(number), run_attempt: '1', token: 'token',
        ref: 'refs/heads/main', event: { repository: { default_branch: 'main' } }, ...github,
      },
      inputs: {},
      steps: {},
    };
    const declared = Object.entries(action.inputs ?? {});
    for (const name of Object.keys(given)) if (!declared.some(([d]) => d === name)) throw new Error(`no input ${name}`);
    for (const [name, input] of declared) contexts.inputs[name] = given[name] ?? filled(input.default ?? '', contexts);
    const base = {
      PATH: process.env.PATH, HOME: this.folder('home'), LANG: 'C.UTF-8', CI: 'true', GITHUB_ACTIONS: 'true',
      GITHUB_ACTION_PATH: path.dirname(path.resolve(file)), GITHUB_WORKSPACE: this.workspace, GITHUB_REPOSITORY: contexts.github.repository,
      GITHUB_SERVER_URL: 'https://github.com', GITHUB_SHA: '0'.repeat(40), GITHUB_REF: contexts.github.ref, GITHUB_JOB: 'build', GITHUB_WORKFLOW: 'Site',
      GITHUB_RUN_ID: String(number), GITHUB_RUN_ATTEMPT: '1',
      RUNNER_OS: runner.os, RUNNER_ARCH: runner.arch, RUNNER_TEMP: temp, RUNNER_TOOL_CACHE: runner.tool_cache, ...env,
    };
    const job = { base, contexts, failed: false, log: '', summary: '', ran: [], cancelled };
    const status = {
      success: () => !job.failed && !cancelled, failure: () => job.failed && !cancelled, always: () => true, cancelled: () => cancelled,
    };
    for (const [index, step] of action.runs.steps.entries()) {
      const name = step.id ?? step.name ?? String(index + 1);
      if (!runs(step.if, contexts, status)) {
        if (step.id) contexts.steps[step.id] = { outputs: {}, outcome: 'skipped', conclusion: 'skipped' };
        continue;
      }
      job.ran.push(name);
      const done = step.run === undefined ? this.use(step, contexts, status, job) : this.shell(step, contexts, status, job, `${number}-${index}`);
      if (!done.ok && !step['continue-on-error']) job.failed = true;
      if (step.id) contexts.steps[step.id] = { outputs: done.outputs, outcome: done.ok ? 'success' : 'failure', conclusion: done.ok ? 'success' : 'failure' };
    }
    const outputs = {};
    for (const [name, output] of Object.entries(action.outputs ?? {})) outputs[name] = filled(output.value, contexts, status);
    return { ok: !job.failed, outputs, log: job.log, summary: job.summary, ran: job.ran, commands: commands(job.log), steps: contexts.steps };
  }

  shell(step, contexts, status, job, number) {
    if (step.shell !== 'bash') throw new Error(`${step.id}: shell ${step.shell}`);
    const place = this.folder('files', number);
    const files = {};
    for (const name of ['OUTPUT', 'ENV', 'PATH', 'STEP_SUMMARY', 'STATE']) {
      files[`GITHUB_${name}`] = path.join(place, name);
      writeFileSync(files[`GITHUB_${name}`], '');
    }
    const script = path.join(place, 'script.sh');
    writeFileSync(script, filled(step.run, contexts, status));
    const own = Object.fromEntries(Object.entries(step.env ?? {}).map(([k, v]) => [k, filled(v, contexts, status)]));
    const done = spawnSync('bash', ['--noprofile', '--norc', '-e', '-o', 'pipefail', script], {
      cwd: this.workspace, env: { ...job.base, ...files, ...own }, encoding: 'utf8', maxBuffer: Infinity, timeout: 300_000,
    });
    if (done.error) throw done.error;
    const read = (name) => readFileSync(files[`GITHUB_${name}`], 'utf8');
    Object.assign(job.base, pairs(read('ENV')));
    for (const folder of read('PATH').split('\n').filter(Boolean)) job.base.PATH = `${folder}${path.delimiter}${job.base.PATH}`;
    // The runner reads both as one log.
    job.log += done.stdout + done.stderr;
    job.summary += read('STEP_SUMMARY');
    return { ok: done.status === 0, outputs: pairs(read('OUTPUT')) };
  }

  /** actions/cache, with a folder for GitHub's store. */
  use(step, contexts, status, job) {
    const given = Object.fromEntries(Object.entries(step.with ?? {}).map(([k, v]) => [k, filled(v, contexts, status)]));
    const { path: folder, key } = given;
    if (!folder || !key || key.length > 512 || key.includes(',')) throw new Error(`${step.uses}: path ${folder}, key ${key}`);
    const stored = (name) => path.join(this.caches, encodeURIComponent(name));
    const copy = (from, to) => cpSync(from, to, { recursive: true, preserveTimestamps: true });
    if (step.uses.startsWith('actions/cache/save@')) {
      if (existsSync(stored(key))) {
        job.log += `cannot save: ${key} is taken\n`;
      } else {
        copy(folder, stored(key));
        this.saved.push(key);
      }
      return { ok: true, outputs: {} };
    }
    if (!step.uses.startsWith('actions/cache/restore@')) throw new Error(`${step.uses} is not known here`);
    const prefixes = [key, ...(given['restore-keys'] ?? '').split('\n').filter(Boolean)];
    const newest = (prefix) => this.saved.filter((k) => k.startsWith(prefix)).at(-1);
    const found = prefixes.map(newest).find(Boolean);
    if (found) copy(stored(found), folder);
    return { ok: true, outputs: { 'cache-hit': String(found === key), 'cache-primary-key': key, 'cache-matched-key': found ?? '' } };
  }
}

/** Every file of a folder with its bytes. */
export function tree(folder, below = '') {
  const found = {};
  for (const name of readdirSync(path.join(folder, below))) {
    const place = path.join(below, name);
    if (statSync(path.join(folder, place)).isDirectory()) Object.assign(found, tree(folder, place));
    else found[place] = readFileSync(path.join(folder, place)).toString('latin1');
  }
  return found;
}
