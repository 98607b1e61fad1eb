// What can be said of an action.yml without running it. Returns a list of mistakes.

import { inside, reads } from './expressions.mjs';

/** What the actions that are used give out. */
export const USED = {
  'actions/cache/restore': { inputs: ['path', 'key', 'restore-keys'], outputs: ['cache-hit', 'cache-primary-key', 'cache-matched-key'] },
  'actions/cache/save': { inputs: ['path', 'key'], outputs: [] },
};
const CONTEXTS = ['inputs', 'steps', 'github', 'runner', 'env'];

export function mistakes(action) {
  const found = [];
  const inputs = Object.keys(action.inputs ?? {});
  const read = new Set();
  const steps = action.runs.steps;
  const ids = new Map();

  function look(where, text, bare = false) {
    const sources = inside(text);
    if (bare && sources.length === 0) sources.push(String(text));
    for (const names of sources.flatMap(reads)) {
      const [context, name, part, output] = names;
      if (!CONTEXTS.includes(context)) found.push(`${where}: no context ${context}`);
      if (context === 'inputs') {
        read.add(name);
        if (!inputs.includes(name)) found.push(`${where}: no input ${name}`);
      }
      if (context === 'steps') {
        if (!ids.has(name)) found.push(`${where}: no step ${name} before`);
        else if (part === 'outputs' && ids.get(name) && !ids.get(name).includes(output)) found.push(`${where}: ${name} has no output ${output}`);
        else if (!['outputs', 'outcome', 'conclusion'].includes(part)) found.push(`${where}: a step has no ${part}`);
      }
    }
  }

  for (const [index, step] of steps.entries()) {
    const where = step.id ?? step.name ?? `step ${index + 1}`;
    if (step.run !== undefined) {
      if (step.shell === undefined) found.push(`${where}: no shell`);
      if (inside(step.run).length > 0) found.push(`${where}: an expression in run`);
    } else {
      const [name, ref] = String(step.uses).split('@');
      if (!/^[0-9a-f]{40}$/.test(ref ?? '')) found.push(`${where}: ${step.uses} is not pinned to a commit`);
      const known = USED[name];
      if (!known) found.push(`${where}: ${name} is not known here`);
      for (const key of Object.keys(step.with ?? {})) if (known && !known.inputs.includes(key)) found.push(`${where}: ${name} has no input ${key}`);
    }
    if (step.if !== undefined) look(`${where}: if`, step.if, true);
    for (const [key, value] of Object.entries({ ...step.env, ...step.with })) look(`${where}: ${key}`, value);
    if (step.id !== undefined) {
      if (ids.has(step.id)) found.push(`${where}: the id is there twice`);
      // What a script gives out is known when it has run.
      ids.set(step.id, step.uses ? USED[step.uses.split('@')[0]]?.outputs : undefined);
    }
  }
  for (const [name, output] of Object.entries(action.outputs ?? {})) {
    if (inside(output.value).length !== 1) found.push(`output ${name}: no value`);
    look(`output ${name}`, output.value);
  }
  for (const name of inputs) {
    if (!read.has(name)) found.push(`input ${name} is never read`);
    look(`input ${name}`, action.inputs[name].default ?? '');
  }
  return found;
}
