#!/usr/bin/env python3
"""Times kiln and jampack on the same sites, in the same run, and writes a markdown table.

  benches/run.py [--kiln target/release/kiln] [--sites fixtures/sites] [--runs 3] [SITE ...]
  benches/run.py --memory 1,10,100 SITE        kiln's memory when the site has that many times its pages

Runs alternate (kiln, jampack, kiln, ...) on fresh copies, so that a busy machine is busy for both; figures are medians.
CPU is user and system time of all processes; memory is the highest sum of resident memory over jampack's process tree,
sampled each 20 ms, and the highest resident memory of kiln, which is one process. "warm" is kiln once more with its cache and nothing changed; "read and hash" is a program that reads
every file of the site, hashes it with BLAKE3 and ends (read_and_hash.rs): what any tool must do that looks at all of its
input. Both are timed from start to end of the process, and as the median of eleven goes: they are over in no time.
Bytes per page come from Chromium (see pagebytes.mjs), for a browser that takes AVIF and WebP and for one that does not;
"broken" counts the images that the latter cannot show, over all pages looked at.
jampack comes from npm into benches/.work. Needs Node 20, and `npm ci` in tests/browser.
"""
import argparse, json, os, platform, shutil, statistics, subprocess, sys, tempfile, time
from pathlib import Path

HERE = Path(__file__).resolve().parent
WORK = HERE / '.work'
PAGE = os.sysconf('SC_PAGE_SIZE')


def say(*words):
    print(*words, file=sys.stderr, flush=True)


def resident(pid):
    """Resident bytes of a process and all below it; pages that they share count for each."""
    total, todo = 0, [pid]
    while todo:
        p = todo.pop()
        try:
            total += int(Path(f'/proc/{p}/statm').read_text().split()[1]) * PAGE
            for task in os.listdir(f'/proc/{p}/task'):
                todo += map(int, Path(f'/proc/{p}/task/{task}/children').read_text().split())
        except (OSError, IndexError):
            pass  # It ended while we looked.
    return total


def measure(command, cwd, env, alone=False):
    """Runs a command to its end: wall and CPU seconds, peak memory in bytes. One that is `alone` starts no other."""
    log = Path(cwd) / 'log'
    start, peak = time.monotonic(), 0
    with open(log, 'ab') as out:
        process = subprocess.Popen(command, cwd=cwd, env={**os.environ, **env}, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
        while True:
            pid, status, used = os.wait4(process.pid, 0 if alone else os.WNOHANG)
            if pid:
                break
            peak = max(peak, resident(process.pid))
            time.sleep(0.02)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f'{command[0]} ended with {process.returncode}:\n{log.read_text(errors="replace")[-2000:]}')
    return dict(wall=time.monotonic() - start, cpu=used.ru_utime + used.ru_stime, memory=max(peak, used.ru_maxrss * 1024))


def files(folder):
    return [Path(r) / f for r, _, fs in os.walk(folder) for f in fs]


def size(folder):
    return sum(f.stat().st_size for f in files(folder))


def often(run):
    """The median of some goes at something quick."""
    return middle([run() for _ in range(11)])


def read_and_hash(program, box):
    return measure([program, str(box / 'in')], box, {}, alone=True)


def kiln(program, box, again=False):
    """kiln on BOX/in. Its cache is inside of the box: empty at first, filled when `again`."""
    if not again:
        shutil.rmtree(box / 'out', ignore_errors=True)
    env = {'XDG_CACHE_HOME': str(box / 'cache'), 'HOME': str(box)}
    return measure([program, 'build', str(box / 'in'), '--out', str(box / 'out')], box, env, alone=True)


def jampack(version):
    """Installs it once; returns its entry point."""
    entry = WORK / 'node_modules/.bin/jampack'
    stamp = WORK / 'node_modules/@divriots/jampack/package.json'
    if not stamp.exists() or json.loads(stamp.read_text())['version'] != version:
        say(f'installing jampack {version}')
        WORK.mkdir(exist_ok=True)
        (WORK / 'package.json').write_text('{"private": true}')
        subprocess.run(['npm', 'install', '--silent', '--no-audit', '--no-fund', f'@divriots/jampack@{version}'], cwd=WORK, check=True)
    return entry


def page_bytes(folder, original, pages, base):
    out = subprocess.run(['node', HERE / 'pagebytes.mjs', folder, '--pages-of', original, '--pages', str(pages), '--base', base], stdout=subprocess.PIPE, check=True)
    return json.loads(out.stdout)


def middle(runs):
    return {key: statistics.median(r[key] for r in runs) for key in runs[0]}


def seconds(s):
    return f'{s:.2f} s' if s >= 0.1 else f'{s * 1000:.1f} ms'


def bench(site, args, temp):
    """-> rows of the table for one site."""
    base = dict(b.split('=', 1) for b in args.base).get(site.name, '/')
    runs = {'kiln': [], 'kiln, warm': [], 'read and hash': [], 'jampack': []}
    outputs = {}
    for i in range(args.runs):
        for tool in ('kiln', 'jampack'):
            box = temp / tool
            shutil.rmtree(box, ignore_errors=True)
            shutil.copytree(site, box / 'in')
            say(f'{site.name}: {tool}, run {i + 1} of {args.runs}')
            try:
                if tool == 'kiln':
                    runs[tool].append(kiln(args.kiln, box))
                    runs['kiln, warm'].append(often(lambda: kiln(args.kiln, box, again=True)))
                    runs['read and hash'].append(often(lambda: read_and_hash(args.reader, box)))
                    outputs[tool] = box / 'out'
                else:
                    # It works in place, and keeps a cache of its own below HOME and beside the site.
                    runs[tool].append(measure([str(args.jampack), str(box / 'in')], box, {'HOME': str(box)}))
                    outputs[tool] = box / 'in'
            except RuntimeError as error:
                say(error)
    rows = []
    before = size(site)
    bytes_of = {name: page_bytes(folder, site, args.pages, base) if args.pages else None for name, folder in [('before', site), *outputs.items()]}
    per_page = lambda b: ['', ''] if b is None else [f"{b['modern'] / 1e3:.0f} kB", f"{b['legacy'] / 1e3:.0f} kB" + (f" ({b['broken']['legacy']} broken)" if b['broken']['legacy'] else '')]
    rows.append([site.name, 'as built', '', '', '', f'{before / 1e6:.2f} MB', *per_page(bytes_of['before'])])
    for name, measured in runs.items():
        if not measured:
            rows.append([site.name, name, 'failed', '', '', '', '', ''])
            continue
        m = middle(measured)
        memory = f"{m['memory'] / 1e6:.0f} MB" if 'memory' in m else ''
        out = outputs.get(name)
        after = size(out) if out else 0
        rows.append([site.name, name, seconds(m['wall']), seconds(m['cpu']), memory, f'{after / 1e6:.2f} MB ({100 * (after - before) / before:+.1f} %)' if out else '', *(per_page(bytes_of[name]) if out else ['', ''])])
    return rows


def grown(site, times, target):
    """A copy of the site in which each page is there `times` times, side by side: its relative links still hold."""
    shutil.copytree(site, target)
    for page in [f for f in files(target) if f.suffix == '.html']:
        text = page.read_bytes()
        for i in range(1, times):
            # Different bytes, or a tool that knows equal files would have it easy.
            page.with_name(f'{page.stem}-{i:05}.html').write_bytes(text + b'<!-- %d -->' % i)
    return sum(f.suffix == '.html' for f in files(target))


def memory(sites, args, temp):
    rows = []
    for site in sites:
        for times in map(int, args.memory.split(',')):
            box = temp / 'grown'
            shutil.rmtree(box, ignore_errors=True)
            box.mkdir()
            pages = grown(site, times, box / 'in')
            say(f'{site.name}: {pages} pages')
            m = kiln(args.kiln, box)
            rows.append([site.name, str(pages), f"{size(box / 'in') / 1e6:.1f} MB", f"{m['memory'] / 1e6:.0f} MB", f"{m['wall']:.2f} s", f"{m['cpu']:.2f} s"])
    return rows


def table(head, rows):
    for row in [head, ['---'] * len(head), *rows]:
        print('| ' + ' | '.join(row) + ' |')


def version(command):
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.strip().splitlines()[0]
    except (OSError, IndexError):
        return 'unknown'


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = HERE.parent
    parser.add_argument('names', nargs='*', metavar='SITE', help='folders below --sites; all when left out')
    parser.add_argument('--kiln', default=str(root / 'target/release/kiln'))
    parser.add_argument('--reader', default=str(root / 'target/release/examples/read_and_hash'))
    parser.add_argument('--sites', type=Path, default=root / 'fixtures/sites')
    parser.add_argument('--runs', type=int, default=3)
    parser.add_argument('--pages', type=int, default=3, help='pages a site for bytes per page; 0 leaves it out')
    parser.add_argument('--base', action='append', default=[], metavar='SITE=/path/', help='where a site is built to be served')
    parser.add_argument('--memory', metavar='N,N,...')
    parser.add_argument('--jampack-version', default='0.34.1')
    args = parser.parse_args()
    args.kiln = str(Path(args.kiln).resolve())
    sites = [args.sites.resolve() / n for n in args.names] or sorted(p for p in args.sites.resolve().iterdir() if p.is_dir())
    for path in [Path(args.kiln), Path(args.reader), *sites]:
        if not path.exists():
            sys.exit(f'{path} does not exist; programs come from `cargo build --release --bins --examples`')
    temp = Path(tempfile.mkdtemp(prefix='kiln-bench-'))
    try:
        print(f'{os.cpu_count()} cores, {platform.system()} {platform.machine()}; {version([args.kiln, "--version"])}; Node {version(["node", "--version"])}; load {os.getloadavg()[0]:.1f}\n')
        if args.memory:
            table(['site', 'pages', 'input', 'peak memory', 'wall', 'CPU'], memory(sites, args, temp))
            return
        args.jampack = jampack(args.jampack_version)
        rows = [row for site in sites for row in bench(site, args, temp)]
        print(f'jampack {args.jampack_version}, {args.runs} runs, medians\n')
        table(['site', 'tool', 'wall', 'CPU', 'peak memory', 'output', 'per page, AVIF', 'per page, JPEG/PNG only'], rows)
    finally:
        shutil.rmtree(temp, ignore_errors=True)


if __name__ == '__main__':
    main()
