#!/usr/bin/env python3
"""Compares kiln's image encoders with sharp's on the same pixels, and writes a markdown table.

  cargo build --release --example images
  benches/images.py [--photos DIR ...] [--widths 320,640,1280] [--score 75] [--limit N] [--every-effort]

Each photograph is written without visible loss, as wide as the widest. kiln makes all widths from that in one go, as a build does,
asked for a score that it searches for; what it scaled for each is where sharp starts. sharp encodes at a row of fixed qualities, and its size at kiln's score is read from the line
between the two qualities around it. Every file, kiln's too, is decoded by sharp and scored by the `ssimulacra2` crate:
another decoder and another implementation of the metric than the search uses. CPU: kiln's covers everything, from reading
the source over scaling and all encodings of the search to the last score; sharp's, reading the source, scaling and one
encoding at the quality nearest below, for each width anew as it is used. Both run on one thread. "lowest" is the lowest score of any file, by that other implementation.
"one quality": the bytes of all files together, beside those of sharp's default at the one quality, the same for all, with
which no file scores below kiln's lowest. Found by encoding: that is how sharp is used to hold a floor.
sharp comes from npm into benches/.work.
"""
import argparse, json, math, os, platform, statistics, subprocess, sys, tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
WORK = HERE / '.work' / 'sharp'
QUALITIES = {'avif': (30, 40, 50, 58, 66, 74, 82), 'webp': (50, 62, 72, 80, 86, 91, 95), 'jpeg': (50, 62, 72, 79, 85, 90, 95)}
SHARP = {
    'avif': {'effort 4, 4:4:4 (default)': {}, 'effort 1': {'effort': 1}, 'effort 0': {'effort': 0}},
    'webp': {'effort 4 (default)': {}},
    'jpeg': {'mozjpeg': {'mozjpeg': True}},
}
# Beside these, every other effort that sharp has.
EVERY = {
    'avif': {f'effort {n}': {'effort': n} for n in (2, 3, 5, 6, 7, 8, 9)},
    'webp': {f'effort {n}': {'effort': n} for n in (0, 1, 2, 3, 5, 6)},
    'jpeg': {'default (libjpeg-turbo)': {}},
}


def say(*words):
    print(*words, file=sys.stderr, flush=True)


class Sharp:
    def __init__(self, version):
        stamp = WORK / 'node_modules/sharp/package.json'
        if not stamp.exists() or json.loads(stamp.read_text())['version'] != version:
            say(f'installing sharp {version}')
            WORK.mkdir(parents=True, exist_ok=True)
            (WORK / 'package.json').write_text('{"private": true}')
            subprocess.run(['npm', 'install', '--silent', '--no-audit', '--no-fund', f'sharp@{version}'], cwd=WORK, check=True)
        self.process = subprocess.Popen(['node', HERE / 'images.mjs'], cwd=WORK, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.versions = json.loads(self.process.stdout.readline())

    def __call__(self, **job):
        self.process.stdin.write(json.dumps(job, default=str) + '\n')
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def scores(program, reference, files):
    done = subprocess.run([program, 'score', reference, *files], stdout=subprocess.PIPE, text=True, check=True)
    return [float(line) for line in done.stdout.split()]


def at(points, score):
    """Bytes at this score, on the line between the neighbours; None beyond them. `points`: (score, bytes, cpu, quality)."""
    for (s0, b0, c0, _), (s1, b1, _, _) in zip(points, points[1:]):
        if s0 <= score <= s1 and s1 > s0:
            part = (score - s0) / (s1 - s0)
            return math.exp(math.log(b0) + part * (math.log(b1) - math.log(b0))), c0
    return None


def one_quality(sharp, args, format, options, pictures, lowest):
    """-> the lowest quality with which sharp's files of all pictures reach this score, and their bytes together."""
    def needed(points):
        for (s0, _, _, q0), (s1, _, _, q1) in zip(points, points[1:]):
            if s1 >= lowest:
                return q0 + (q1 - q0) * max(0, lowest - s0) / (s1 - s0)
        return 100
    quality = math.floor(max(needed(points) for _, points in pictures))
    while quality <= 100:
        total, reached = 0, True
        for reference, _ in pictures:
            png = reference.with_name('one.png')
            made = sharp(do='encode', **{'from': reference, 'to': reference.with_name(f'one.{format}'), 'format': format, 'png': png, 'options': {**options, 'quality': quality}})
            total += made['bytes']
            if scores(args.images, reference, [png])[0] < lowest:
                reached = False
                break
        if reached:
            return quality, total
        quality += 1
    return None


def compare(sharp, args, photo, widths, format, box):
    """One photograph in all widths. -> its references with sharp's default line for each, and for each tool
    (bytes beside sharp's default at the same score, CPU seconds per megapixel, encodings a file, files), sharp's at the
    scores of kiln's balanced effort. `files`: (bytes, score) each."""
    folder = box / f'{format}-{photo.parent.name}-{photo.stem}-{max(widths)}'
    source = folder / 'source.jpg'
    folder.mkdir()
    size = sharp(do='reference', **{'from': photo, 'to': source, 'width': max(widths)})
    widths = sorted({min(w, size['width']) for w in widths})
    kiln, references, pixels = {}, [], []
    for effort in args.efforts:
        out = folder / effort
        out.mkdir()
        done = subprocess.run([args.images, 'encode', source, format, str(args.score), effort, out, *map(str, widths)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            say(done.stderr.strip())
            continue
        made = json.loads(done.stdout)
        references, pixels = [Path(f['reference']) for f in made['files']], [f['pixels'] / 1e6 for f in made['files']]
        for file in made['files']:
            sharp(do='decode', **{'from': file['file'], 'png': out / 'decoded.png'})
            file['other'] = scores(args.images, file['reference'], [out / 'decoded.png'])[0]
        kiln[effort] = made
    scaling = [sharp(do='scale', **{'from': source, 'width': w})['cpu'] for w in widths]
    tools = SHARP[format] | (EVERY[format] if args.every_effort else {})
    lines = {name: [sharp_line(sharp, args, format, options, *of) for of in zip(references, pixels, scaling)] for name, options in tools.items()}
    default = next(iter(lines.values()))
    balanced = [f['other'] for f in kiln.get('balanced', {'files': []})['files']]
    rows = {}
    for effort, made in kiln.items():
        ratios = [f['bytes'] / pivot[0] for f, line in zip(made['files'], default) if (pivot := at(line, f['other']))]
        files = [(f['bytes'], f['other']) for f in made['files']]
        if files:
            rows[f'kiln {effort}'] = (mean(ratios) if ratios else None, made['cpu'] / sum(pixels), made['encodes'] / len(files), files)
    for name, own in lines.items():
        both = [(at(line, score), at(base, score), mp) for line, base, score, mp in zip(own, default, balanced, pixels)]
        both = [(a, b, mp) for a, b, mp in both if a and b]
        if both:
            cpu = sum(a[1] * mp for a, _, mp in both) / sum(mp for *_, mp in both)
            rows[f'sharp {name}'] = (mean(a[0] / b[0] for a, b, _ in both), cpu, 1, [])
    return list(zip(references, default)), rows


def sharp_line(sharp, args, format, options, reference, megapixels, scaling):
    """-> (score, bytes, CPU seconds per megapixel, quality) for each quality, the scores rising."""
    points = []
    for quality in QUALITIES[format]:
        png = reference.with_name(f'sharp-{quality}.png')
        made = sharp(do='encode', **{'from': reference, 'to': reference.with_name(f'sharp.{format}'), 'format': format, 'png': png, 'options': {**options, 'quality': quality}})
        points.append((png, made))
    scored = scores(args.images, reference, [png for png, _ in points])
    for png, _ in points:
        png.unlink()
    return sorted((s, made['bytes'], (made['cpu'] + scaling) / megapixels, q) for s, (_, made), q in zip(scored, points, QUALITIES[format]))


def mean(ratios):
    return math.exp(statistics.fmean(map(math.log, ratios)))


def main():
    root = HERE.parent
    photos = root.parent / 'shared/corpus/photos'
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--photos', type=Path, nargs='*', default=[photos / 'camera', photos / 'small'])
    parser.add_argument('--widths', default='320,640,1280')
    parser.add_argument('--score', type=int, default=75)
    parser.add_argument('--limit', type=int, default=1000, help='photographs of each folder')
    parser.add_argument('--efforts', default='fast,balanced,max')
    parser.add_argument('--every-effort', action='store_true', help='sharp at all of its efforts')
    parser.add_argument('--formats', default='avif,webp,jpeg')
    parser.add_argument('--images', default=str(root / 'target/release/examples/images'))
    parser.add_argument('--sharp-version', default='0.35.5')
    args = parser.parse_args()
    args.efforts = args.efforts.split(',')
    widths = sorted(map(int, args.widths.split(',')))
    files = [f for folder in args.photos for f in sorted(folder.iterdir())[:args.limit] if f.suffix in ('.jpg', '.png')]
    if not files:
        sys.exit(f'no photographs in {args.photos}')
    sharp = Sharp(args.sharp_version)
    print(f"{platform.system()} {platform.machine()}, load {os.getloadavg()[0]:.1f}; sharp {sharp.versions['sharp']} with aom {sharp.versions.get('aom')}, webp {sharp.versions.get('webp')}, mozjpeg {sharp.versions.get('mozjpeg')}; {len(files)} photographs, {args.widths} px wide, score {args.score}\n")
    print('| format | encoder | bytes × | CPU s per MP | encodings | score, median | score, lowest | bytes × at one quality |\n| --- | --- | --- | --- | --- | --- | --- | --- |')
    with tempfile.TemporaryDirectory(prefix='kiln-images-') as box:
        for format in args.formats.split(','):
            table, pictures = {}, []
            # A JPEG is written again in its own width alone.
            series = [[w] for w in widths] if format == 'jpeg' else [widths]
            for file in files:
                for some in series:
                    say(format, file.name, some)
                    made, rows = compare(sharp, args, file, some, format, Path(box))
                    pictures += made
                    for name, row in rows.items():
                        table.setdefault(name, []).append(row)
            options = next(iter(SHARP[format].values()))
            for name, rows in table.items():
                ratio, cpu, encodes, of = zip(*rows)
                made = [file for files in of for file in files]
                last = 'as kiln balanced | | |'
                if made:
                    scored = [score for _, score in made]
                    one = '(not every file was made)'
                    if len(made) == len(pictures) and (found := one_quality(sharp, args, format, options, pictures, min(scored))):
                        one = f'{sum(size for size, _ in made) / found[1]:.3f} ({found[0]})'
                    last = f'{statistics.median(scored):.1f} | {min(scored):.1f} | {one} |'
                print(f"| {format} | {name} | {mean(filter(None, ratio)):.3f} | {mean(cpu):.3f} | {statistics.fmean(encodes):.2f} | {last}", flush=True)


if __name__ == '__main__':
    main()
