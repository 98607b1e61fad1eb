// What a run is told as: the log, the annotations, the job summary. File names come from the site and may hold anything.

import { randomUUID } from 'node:crypto';

/** GitHub shows ten of each in a step, and takes no summary above 1 MiB. */
const ANNOTATIONS = 10;
const SUMMARY_BYTES = 1024 * 1024 - 1024;
const ROWS = 50;
const BIGGEST = 10;

/** Decimal units, as kiln prints them. */
export function bytes(n) {
  const [unit, name, digits] = n < 1e3 ? [1, 'B', 0] : n < 1e6 ? [1e3, 'kB', 1] : n < 1e9 ? [1e6, 'MB', 2] : [1e9, 'GB', 2];
  return `${(n / unit).toFixed(digits)} ${name}`;
}

export function totals(report) {
  const sum = { files: 0, before: 0, after: 0, extra: 0 };
  for (const kind of Object.values(report.kinds)) for (const key of Object.keys(sum)) sum[key] += kind[key];
  const asked = report.cache_hits + report.cache_misses;
  return {
    ...sum,
    saved: percent(sum.before - sum.after, sum.before),
    hitRate: percent(report.cache_hits, asked),
  };
}

const percent = (part, whole) => (whole === 0 ? 0 : (100 * part) / whole).toFixed(1);

/** Text that must not be taken for a command, whatever is in it. */
export function inert(text) {
  const token = randomUUID();
  return `::stop-commands::${token}\n${text.endsWith('\n') ? text : text + '\n'}::${token}::\n`;
}

const data = (text) => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const property = (text) => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

export function annotation(level, title, text) {
  return `::${level} title=${property(title)}::${data(text)}\n`;
}

export function place(d) {
  const at = [d.path, d.line, d.column].filter((part) => part !== null);
  return at.join(':');
}

/** Errors, then warnings; notes are for `kiln explain`. */
export function findings(report) {
  const of = (severity) => report.diagnostics.filter((d) => d.severity === severity);
  return [...of('error'), ...of('warning')];
}

export function annotations(report) {
  let text = '';
  for (const level of ['error', 'warning']) {
    const all = findings(report).filter((d) => d.severity === level);
    // One place is kept for the rest.
    const shown = all.length > ANNOTATIONS ? all.slice(0, ANNOTATIONS - 1) : all;
    for (const d of shown) {
      text += annotation(level, `kiln: ${d.code}`, `${shorten(place(d), 200)}: ${shorten(d.message, 500)}${d.help ? `\nhelp: ${d.help}` : ''}`);
    }
    if (shown.length < all.length) {
      text += annotation(level, 'kiln', `${all.length - shown.length} more ${level}s are in the step's log`);
    }
  }
  return text;
}

export function log(report) {
  const t = totals(report);
  const lines = findings(report).map(
    (d) => `${place(d)}: ${d.severity}[${d.code}]: ${d.message}${d.help ? `\n  help: ${d.help}` : ''}`,
  );
  for (const [kind, k] of Object.entries(report.kinds)) {
    lines.push(`${kind}: ${k.files} files, ${bytes(k.before)} to ${bytes(k.after)}, ${bytes(k.extra)} beside them`);
  }
  lines.push(`total: ${t.files} files, ${bytes(t.before)} to ${bytes(t.after)}, ${bytes(t.extra)} beside them`);
  lines.push(`cache: ${report.cache_hits} hits, ${report.cache_misses} misses`);
  if (report.cache_warning) lines.push(`the cache could not be used: ${report.cache_warning}`);
  return lines.join('\n');
}

/** By characters, not in the middle of one. */
function shorten(text, most) {
  const all = [...text];
  return all.length <= most ? text : all.slice(0, most - 1).join('') + '…';
}

/** Text that Markdown and HTML show as it is: no mark-up, mention, link, new line or change of direction. */
export function plain(text, most = 120) {
  const visible = shorten(text, most)
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '␣')
    .replace(/[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g, '\ufffd');
  return visible.replace(/[!-,:-@[-`{-~]|www\./gi, (c) => `&#${c.codePointAt(0)};${c.slice(1)}`);
}

const code = (text) => `<code>${plain(text)}</code>`;

/** The page for a message's code, as this action's own version has it. */
export function link(docs, name) {
  return /^[a-z0-9-]+$/.test(name) ? `[${name}](${docs}#${name})` : plain(name);
}

export function summary(report, docs, out) {
  for (const rows of [ROWS, BIGGEST, 0]) {
    const text = rendered(report, docs, out, rows);
    if (Buffer.byteLength(text) <= SUMMARY_BYTES) return text;
  }
  return '## kiln\n\nThe summary would be too long.\n';
}

function rendered(report, docs, out, rows) {
  const t = totals(report);
  const change = t.after <= t.before ? `**${t.saved} % smaller**` : `${(-t.saved).toFixed(1)} % larger`;
  let text = `## kiln\n\n${t.files} files in ${code(out)}: ${bytes(t.before)} to ${bytes(t.after)}, ${change}`;
  text += report.unchanged ? '. Nothing had changed since an earlier run.\n\n' : `. ${t.hitRate} % of the results came from the cache.\n\n`;
  text += table(
    ['', 'files', 'before', 'after', '', 'beside'],
    [...Object.entries(report.kinds), ['**total**', t]].map(([name, k]) => [
      name, k.files, bytes(k.before), bytes(k.after), `${percent(k.after - k.before, k.before)} %`, k.extra ? bytes(k.extra) : '',
    ]),
  );
  if (t.extra > 0) text += 'Beside: AVIF and WebP versions, of which a browser loads one instead, and renamed files under their old names.\n\n';
  text += problems(report, docs, rows);
  const saved = (f) => f.before - f.after;
  text += listed('Biggest savings', report.files.filter((f) => saved(f) > 0).sort((a, b) => saved(b) - saved(a)), (f) => [
    code(f.path), bytes(f.before), bytes(f.after), `−${bytes(saved(f))}`,
  ], ['file', 'before', 'after', 'saved']);
  text += listed('Biggest files that remain', [...report.files].sort((a, b) => b.after - a.after), (f) => [
    code(f.output), bytes(f.after), `${percent(f.after - f.before, f.before)} %`,
  ], ['file', 'size', 'change']);
  return text;
}

function problems(report, docs, rows) {
  const all = findings(report);
  if (all.length === 0) return '';
  const errors = all.filter((d) => d.severity === 'error').length;
  let text = `### ${count(errors, 'error')}, ${count(all.length - errors, 'warning')}\n\n`;
  text += table(
    ['', 'where', 'what', 'about'],
    all.slice(0, rows).map((d) => [d.severity === 'error' ? '❌' : '⚠️', code(place(d)), plain(d.message, 300), link(docs, d.code)]),
  );
  if (all.length > rows) text += `… and ${all.length - rows} more in the step's log.\n\n`;
  return text;
}

const count = (n, what) => `${n} ${what}${n === 1 ? '' : 's'}`;

function listed(title, files, row, head) {
  if (files.length === 0) return '';
  return `<details open><summary>${title}</summary>\n\n${table(head, files.slice(0, BIGGEST).map(row))}</details>\n\n`;
}

function table(head, rows) {
  if (rows.length === 0) return '';
  const line = (cells) => `| ${cells.join(' | ')} |\n`;
  const align = head.map((name, i) => (i === 0 || /^(where|what|about)$/.test(name) ? '---' : '---:'));
  return line(head) + line(align) + rows.map(line).join('') + '\n';
}

/** For a run that wrote nothing: what kiln said. */
export function failure(said, exitCode) {
  return `## kiln\n\nNothing was written (exit code ${exitCode}):\n\n<pre>${said.trim().split('\n').slice(0, 20).map((line) => plain(line, 500)).join('\n')}</pre>\n`;
}
