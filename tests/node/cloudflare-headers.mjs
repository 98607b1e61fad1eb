// cloudflare-headers.mjs FILE < URLS.json > HEADERS.json
// Cloudflare's reading of a _headers file after its published rules, with real URLs and regular expressions: at most
// 100 rules, 2,000 characters a line; a path that comes again replaces the first; rules that match add up.
import { readFileSync } from 'node:fs';

const rules = new Map();
let current;
for (const raw of readFileSync(process.argv[2], 'utf8').split('\n')) {
  const line = raw.trim();
  if (!line || line.startsWith('#')) continue;
  if (line.length > 2000) throw new Error(`line too long: ${line}`);
  if (line.startsWith('/')) {
    const { pathname } = new URL(`//${line}`, 'relative://');
    rules.set(pathname, current = {});
    continue;
  }
  const [name, ...value] = line.split(':');
  if (!value.length) throw new Error(`not a header: ${line}`);
  const key = name.trim();
  current[key] = (current[key] ? `${current[key]}, ` : '') + value.join(':').trim();
}
if (rules.size > 100) throw new Error(`${rules.size} rules`);

const compiled = [...rules].map(([path, headers]) => {
  const escaped = path.split('*').map(s => s.replace(/[-/\\^$*+?.()|[\]{}]/g, '\\$&')).join('(?<splat>.*)');
  return [new RegExp(`^${escaped.replace(/:([A-Za-z]\w*)/g, '(?<$1>[^/]+)')}$`), headers];
});
const result = JSON.parse(readFileSync(0, 'utf8')).map(url => {
  const { pathname } = new URL(url, 'https://example.com');
  const out = {};
  for (const [regex, headers] of compiled) if (regex.test(pathname)) {
    for (const [name, value] of Object.entries(headers)) out[name] = name in out ? `${out[name]}, ${value}` : value;
  }
  return out;
});
console.log(JSON.stringify(result));
