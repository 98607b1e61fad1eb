// netlify-headers.mjs FILE < URLS.json > HEADERS.json
// What Netlify's own parser makes of a _headers file, for each URL path: all matches are merged, later ones win.
import { readFileSync } from 'node:fs';
import { parseAllHeaders } from '@netlify/headers-parser';

const { headers, errors } = await parseAllHeaders({ headersFiles: [process.argv[2]], minimal: false });
if (errors.length) throw new Error(errors.map(String).join('\n'));
const urls = JSON.parse(readFileSync(0, 'utf8'));
const result = urls.map(url => Object.assign({}, ...headers.filter(h => h.forRegExp.test(url)).map(h => h.values)));
console.log(JSON.stringify(result));
