// Serves a folder on this machine and prints the address: `node serve.mjs FOLDER`.

import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';

const root = path.resolve(process.argv[2]);
const server = createServer((request, response) => {
  const file = path.join(root, path.normalize(decodeURIComponent(request.url)));
  if (!file.startsWith(root + path.sep) || !existsSync(file)) return response.writeHead(404).end('no');
  response.end(readFileSync(file));
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
