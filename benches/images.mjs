// The sharp half of images.py, which starts it in benches/.work. Reads one job a line, answers one line of JSON each:
//   {"do": "reference", "from", "to", "width"}                     scaled, written as a JPEG without subsampling
//   {"do": "encode", "from", "to", "format", "options", "png"}     and decoded again to a PNG
//   {"do": "scale", "from", "width"}                               read and scaled to pixels, for the time it takes
//   {"do": "decode", "from", "png"}
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { writeFile } from 'node:fs/promises';

const sharp = createRequire(process.cwd() + '/')('sharp');
sharp.concurrency(1);
sharp.cache(false);

const seconds = (used) => (used.user + used.system) / 1e6;

async function work(job) {
  if (job.do === 'reference') {
    await sharp(job.from).rotate().resize(job.width, null, { withoutEnlargement: true }).flatten({ background: '#888' })
      .jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toFile(job.to);
    return sharp(job.to).metadata().then(({ width, height }) => ({ width, height }));
  }
  if (job.do === 'encode') {
    const { data, info } = await sharp(job.from).raw().toBuffer({ resolveWithObject: true });
    const start = process.cpuUsage();
    const file = await sharp(data, { raw: info })[job.format](job.options).toBuffer();
    const cpu = seconds(process.cpuUsage(start));
    await writeFile(job.to, file);
    await sharp(file).png({ compressionLevel: 1 }).toFile(job.png);
    return { bytes: file.length, cpu };
  }
  if (job.do === 'scale') {
    const start = process.cpuUsage();
    await sharp(job.from).resize(job.width, null, { withoutEnlargement: true }).raw().toBuffer();
    return { cpu: seconds(process.cpuUsage(start)) };
  }
  await sharp(job.from).png({ compressionLevel: 1 }).toFile(job.png);
  return {};
}

console.log(JSON.stringify(sharp.versions));
for await (const line of createInterface({ input: process.stdin })) console.log(JSON.stringify(await work(JSON.parse(line))));
