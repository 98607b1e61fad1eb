// A static server for one folder, as hosts answer: clean URLs, a base path, 404.html.
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';

const TYPES = {
  html: 'text/html; charset=utf-8', htm: 'text/html; charset=utf-8', xhtml: 'application/xhtml+xml',
  css: 'text/css; charset=utf-8', js: 'text/javascript; charset=utf-8', mjs: 'text/javascript; charset=utf-8',
  json: 'application/json', map: 'application/json', webmanifest: 'application/manifest+json', xml: 'application/xml',
  txt: 'text/plain; charset=utf-8', svg: 'image/svg+xml', png: 'image/png', apng: 'image/apng', jpg: 'image/jpeg',
  jpeg: 'image/jpeg', gif: 'image/gif', webp: 'image/webp', avif: 'image/avif', ico: 'image/x-icon',
  woff: 'font/woff', woff2: 'font/woff2', ttf: 'font/ttf', otf: 'font/otf', wasm: 'application/wasm',
  mp4: 'video/mp4', webm: 'video/webm', mp3: 'audio/mpeg', vtt: 'text/vtt', pdf: 'application/pdf',
};

/** Serves `dir` under `base` on a free loopback port. -> { url, close() } */
export async function serve(dir, base = '/') {
  const root = fs.realpathSync(dir);
  base = `/${base.split('/').filter(Boolean).map(s => s + '/').join('')}`;
  const kind = f => { try { const s = fs.statSync(f); return s.isFile() ? 'file' : s.isDirectory() ? 'dir' : ''; } catch { return ''; } };
  const find = rel => {
    const file = path.join(root, rel);
    if (file !== root && !file.startsWith(root + path.sep)) return {};
    const index = path.join(file, 'index.html');
    if (kind(file) === 'dir' && kind(index)) return rel === '' || rel.endsWith('/') ? { file: index } : { redirect: true };
    if (kind(file) === 'file' && !rel.endsWith('/')) return { file };
    if (!rel.endsWith('/') && kind(file + '.html') === 'file') return { file: file + '.html' };
    return {};
  };
  const server = http.createServer((request, response) => {
    const url = new URL(request.url, 'http://localhost');
    const end = (status, headers = {}, body = '') => response.writeHead(status, headers).end(body);
    let name;
    try { name = decodeURIComponent(url.pathname); } catch { return end(400); }
    if (name.includes('\0')) return end(400);
    if (!name.startsWith(base)) return name === '/' || name + '/' === base ? end(302, { location: base }) : end(404);
    let { file, redirect } = find(name.slice(base.length)), status = 200;
    if (redirect) return end(301, { location: `${url.pathname}/${url.search}` });
    if (!file) [file, status] = [path.join(root, '404.html'), 404];
    if (kind(file) !== 'file') return end(404, { 'content-type': 'text/plain' }, 'not found');
    const type = TYPES[path.extname(file).slice(1).toLowerCase()] ?? 'application/octet-stream';
    const size = fs.statSync(file).size, range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    const headers = { 'content-type': type, 'cache-control': 'no-store', 'accept-ranges': 'bytes' };
    if (range && status === 200 && +range[1] < size) {
      const start = +range[1], stop = Math.min(range[2] ? +range[2] : size - 1, size - 1);
      response.writeHead(206, { ...headers, 'content-range': `bytes ${start}-${stop}/${size}`, 'content-length': stop - start + 1 });
      return fs.createReadStream(file, { start, end: stop }).pipe(response);
    }
    response.writeHead(status, { ...headers, 'content-length': size });
    fs.createReadStream(file).pipe(response);
  });
  await new Promise((ok, no) => server.once('error', no).listen(0, '127.0.0.1', ok));
  const close = () => new Promise(ok => { server.close(ok); server.closeAllConnections(); });
  return { url: `http://127.0.0.1:${server.address().port}${base}`, close };
}
