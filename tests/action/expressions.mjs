// GitHub's expressions, as far as an action needs them, and strict: what cannot be known is an error, where GitHub would
// give an empty text.

const TOKEN = /\s*(?:(?<text>'(?:[^']|'')*')|(?<number>-?\d+(?:\.\d+)?)|(?<name>[A-Za-z_][A-Za-z0-9_-]*)|(?<mark>\|\||&&|==|!=|<=|>=|[<>!().,[\]]))/y;

function tokens(source) {
  const found = [];
  TOKEN.lastIndex = 0;
  while (source.slice(TOKEN.lastIndex).trim() !== '') {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(source);
    if (match === null) throw new Error(`not an expression: ${source.slice(at)}`);
    const [kind, value] = Object.entries(match.groups).find(([, v]) => v !== undefined);
    found.push({ kind, value });
  }
  return found;
}

const truthy = (v) => !(v === false || v === null || v === '' || v === 0 || Number.isNaN(v));

function number(v) {
  if (v === null || v === false) return 0;
  if (v === true) return 1;
  return typeof v === 'string' && v.trim() === '' ? 0 : Number(v);
}

function equal(a, b) {
  if (typeof a === 'string' && typeof b === 'string') return a.toLowerCase() === b.toLowerCase();
  return typeof a === typeof b ? a === b : number(a) === number(b);
}

const shown = (v) => (v === null ? '' : String(v));
const has = (a, b) => shown(a).toLowerCase().includes(shown(b).toLowerCase());

const FUNCTIONS = {
  format: (text, ...values) => text.replace(/\{(\d+)\}/g, (_, i) => shown(values[i])),
  contains: has,
  startsWith: (a, b) => shown(a).toLowerCase().startsWith(shown(b).toLowerCase()),
  endsWith: (a, b) => shown(a).toLowerCase().endsWith(shown(b).toLowerCase()),
};

/** The value of an expression. `contexts`: `inputs`, `github` …; `status`: what success(), cancelled() … give. */
export function evaluate(source, contexts, status = {}) {
  const list = tokens(source);
  let i = 0;
  const is = (value) => list[i]?.kind === 'mark' && list[i].value === value;
  const take = (value) => is(value) && ++i > 0;
  const need = (value) => {
    if (!take(value)) throw new Error(`${value} is missing in: ${source}`);
  };

  function or() {
    let left = and();
    while (take('||')) {
      const right = and();
      left = truthy(left) ? left : right;
    }
    return left;
  }
  function and() {
    let left = compared();
    while (take('&&')) {
      const right = compared();
      left = truthy(left) ? right : left;
    }
    return left;
  }
  function compared() {
    const left = unary();
    if (take('==')) return equal(left, unary());
    if (take('!=')) return !equal(left, unary());
    for (const [mark, test] of [['<=', (a, b) => a <= b], ['>=', (a, b) => a >= b], ['<', (a, b) => a < b], ['>', (a, b) => a > b]]) {
      if (take(mark)) return test(number(left), number(unary()));
    }
    return left;
  }
  function unary() {
    return take('!') ? !truthy(unary()) : primary();
  }
  function primary() {
    if (take('(')) {
      const value = or();
      need(')');
      return value;
    }
    const token = list[i++];
    if (token?.kind === 'text') return token.value.slice(1, -1).replaceAll("''", "'");
    if (token?.kind === 'number') return Number(token.value);
    if (token?.kind !== 'name') throw new Error(`not an expression: ${source}`);
    const words = { true: true, false: false, null: null };
    if (token.value in words) return words[token.value];
    return is('(') ? called(token.value) : member(token.value);
  }
  function called(name) {
    need('(');
    const values = [];
    while (!is(')')) {
      values.push(or());
      if (!take(',')) break;
    }
    need(')');
    const run = status[name] ?? FUNCTIONS[name];
    if (!run) throw new Error(`${name}() is no function: ${source}`);
    return run(...values);
  }
  function member(name) {
    const steps = [name];
    while (is('.') || is('[')) {
      if (take('[')) {
        steps.push(shown(or()));
        need(']');
      } else {
        i++;
        steps.push(list[i++]?.value);
      }
    }
    let value = contexts;
    for (const [at, step] of steps.entries()) {
      // Outputs of a step and optional parts of an event may be missing; their names are checked by who makes them.
      const open = at > 0 && (steps[at - 1] === 'outputs' || steps[0] === 'github');
      if (value === null || typeof value !== 'object' || !(step in value)) {
        if (open) return null;
        throw new Error(`${steps.slice(0, at + 1).join('.')} is not known: ${source}`);
      }
      value = value[step];
    }
    return value;
  }

  const value = or();
  if (i !== list.length) throw new Error(`not an expression: ${source}`);
  return value;
}

/** The expressions within `${{ }}` of a text. */
export const inside = (text) => [...String(text).matchAll(/\$\{\{(.*?)\}\}/gs)].map((m) => m[1]);

/** A text with its `${{ }}` filled in. */
export function filled(text, contexts, status) {
  return String(text).replace(/\$\{\{(.*?)\}\}/gs, (_, source) => shown(evaluate(source, contexts, status)));
}

/** Whether a step runs. An `if:` that asks for no status means success() as well. */
export function runs(condition, contexts, status) {
  if (condition === undefined) return status.success();
  const source = /^\s*\$\{\{(.*)\}\}\s*$/s.exec(String(condition))?.[1] ?? String(condition);
  const asks = /\b(success|failure|always|cancelled)\s*\(/.test(source);
  const value = truthy(evaluate(source, contexts, status));
  return asks ? value : status.success() && value;
}

/** What an expression reads: `[['steps', 'run', 'outputs', 'x'], …]`, from its names, not from its texts. */
export function reads(source) {
  const found = [];
  const bare = source.replace(/'(?:[^']|'')*'/g, "''");
  for (const match of bare.matchAll(/[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)+/g)) found.push(match[0].split('.'));
  return found;
}
