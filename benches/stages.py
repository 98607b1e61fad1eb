#!/usr/bin/env python3
"""Times kiln's stages for styles, scripts and pages beside the npm tools for the same work, and writes markdown tables.

  benches/stages.py [--kiln target/release/kiln] [--sites DIR] [--runs 3] [--base SITE=/path/ ...] [SITE ...]

kiln: `build --only css,shake,js,html,fingerprint --critical --no-cache`. No images, no layout, nothing remembered. It still reads
and hashes every file of the site, names files by content and rewrites what points to them, and copies the images. Names by
content stay on because without them kiln copies scripts and sheets that carry a bundler's hash. Old names are not kept, or their
files would count twice. Scripts of other origins are trusted (`css.trusted_scripts`), because the peers never ask about them.

Peers: one Node process (stages.mjs). Each .js and .mjs goes through esbuild; each .css through PurgeCSS, with all pages and
scripts as content and with its options for keyframes, fonts and variables on, and lightningcss; each .html through beasties and
html-minifier-terser (collapseWhitespace, conservativeCollapse, minifyCSS, minifyJS: what kiln does to pages; --no-inline
leaves the last two out). They write these files only.

Runs alternate (kiln, peers, kiln, ...); figures are medians. Wall is from the start of the process to its end, CPU is user and
system time of all its processes, esbuild's service too. "start-up" is the peers' time until their modules are there. "unchanged"
counts pages, sheets and scripts whose bytes are in the output as they were; "failed" counts files on which a peer threw and
which were copied. Nothing is asserted. Whether the pages still work is not looked at.
The tools come from npm into benches/.work. Needs Linux, Node 20 and npm.
"""
import argparse, ctypes, hashlib, json, os, platform, resource, shutil, statistics, subprocess, sys, tempfile, time
from pathlib import Path

from run import version

HERE = Path(__file__).resolve().parent
WORK = HERE / '.work' / 'stages'
PEERS = {'esbuild': '0.28.2', 'purgecss': '8.0.0', 'lightningcss': '1.33.0', 'beasties': '0.5.4', 'html-minifier-terser': '7.2.0'}
KINDS = {'HTML': ('.html', '.htm'), 'CSS': ('.css',), 'JS': ('.js', '.mjs')}
SETTINGS = 'keep_originals = "none"\n[css]\ntrusted_scripts = ["*"]\n'
PR_SET_CHILD_SUBREAPER = 36


def say(*words):
    print(*words, file=sys.stderr, flush=True)


def cpu():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(command, cwd):
    """Runs a command to its end: wall and CPU seconds, and what it printed."""
    env = {k: v for k, v in os.environ.items() if not k.startswith('KILN_')}
    with open(cwd / 'printed', 'w+b') as out, open(cwd / 'errors', 'w+b') as errors:
        before, start = cpu(), time.monotonic()
        process = subprocess.Popen(command, cwd=cwd, env=env, stdout=out, stderr=errors, stdin=subprocess.DEVNULL)
        code = process.wait()
        wall = time.monotonic() - start
        # Children that it left come to us, who are their reaper: esbuild's service ends a moment after Node.
        try:
            while True:
                os.waitpid(-1, 0)
        except ChildProcessError:
            pass
        used = cpu() - before
        out.seek(0), errors.seek(0)
        if code:
            raise RuntimeError(f'{command[0]} ended with {code}:\n{errors.read().decode(errors="replace")[-2000:]}')
        return dict(wall=wall, cpu=used), out.read()


def files(folder):
    """The pages, sheets and scripts of a folder: kind -> their bytes."""
    found = {kind: [] for kind in KINDS}
    for root, _, names in os.walk(folder):
        for name in names:
            for kind, extensions in KINDS.items():
                if Path(name).suffix.lower() in extensions:
                    found[kind].append((Path(root) / name).read_bytes())
    return found


def sizes(found):
    return {kind: sum(map(len, texts)) for kind, texts in found.items()}


def unchanged(before, after):
    digests = lambda found: [hashlib.sha256(text).digest() for texts in found.values() for text in texts]
    there = set(digests(after))
    return sum(d in there for d in digests(before))


def install():
    there = lambda name: WORK / 'node_modules' / name / 'package.json'
    if any(not there(n).exists() or json.loads(there(n).read_text())['version'] != v for n, v in PEERS.items()):
        say('installing', *(f'{n} {v}' for n, v in PEERS.items()))
        WORK.mkdir(parents=True, exist_ok=True)
        (WORK / 'package.json').write_text('{"private": true}')
        command = ['npm', 'install', '--silent', '--no-audit', '--no-fund', '--save-exact', *(f'{n}@{v}' for n, v in PEERS.items())]
        if subprocess.run(command, cwd=WORK).returncode:
            sys.exit('npm could not install the peers; is the registry reachable?')


def bench(site, base, args, temp):
    """-> medians of both tools, their bytes, and the files that the peers failed on."""
    box = temp / site.name
    box.mkdir()
    shutil.copytree(site, box / 'in', copy_function=shutil.copyfile)
    (box / 'kiln.toml').write_text(SETTINGS)
    commands = {
        'kiln': [args.kiln, 'build', 'in', '--out', 'kiln', '--only', 'css,shake,js,html,fingerprint', '--critical', '--no-cache', '--quiet', '--config', 'kiln.toml', '--base-url', base],
        'peers': ['node', str(HERE / 'stages.mjs'), '--modules', str(WORK), '--in', 'in', '--out', 'peers', '--base', base, *(['--no-inline'] if args.no_inline else [])],
    }
    runs, report = {tool: [] for tool in commands}, {}
    for i in range(args.runs):
        for tool, command in commands.items():
            say(f'{site.name}: {tool}, run {i + 1} of {args.runs}')
            shutil.rmtree(box / tool, ignore_errors=True)
            measured, printed = measure(command, box)
            if tool == 'peers':
                report = json.loads(printed)
                measured |= {f'start {key}': value for key, value in report['start'].items()}
            runs[tool].append(measured)
    for kind in ('failed', 'inside'):
        for f in report[kind]:
            say(f"{site.name}: {f['name']}: {f.get('tool', 'html-minifier-terser, inside of the page')}: {f['message']}")
    before, after = files(box / 'in'), {tool: files(box / tool) for tool in commands}
    shutil.rmtree(box)
    return dict(
        name=site.name,
        **{tool: {key: statistics.median(r[key] for r in measured) for key in measured[0]} for tool, measured in runs.items()},
        count={kind: len(texts) for kind, texts in before.items()},
        bytes={tool: sizes(found) for tool, found in [('as built', before), *after.items()]},
        unchanged={tool: unchanged(before, found) for tool, found in after.items()},
        failed=len(report['failed']),
    )


def add(results):
    """The sum of results, for the last row."""
    def plus(a, b):
        if isinstance(a, dict):
            return {key: plus(a[key], b[key]) for key in a}
        return 'together' if isinstance(a, str) else a + b
    total = {**results[0], 'name': 'together'}
    for result in results[1:]:
        total = plus(total, result)
    return total


def seconds(s):
    return f'{s:.2f} s' if s >= 0.0995 else f'{s * 1000:.0f} ms'


def times(r):
    kiln, peers = r['kiln'], r['peers']
    cells = [r['name']]
    for key in ('wall', 'cpu'):
        start = peers[f'start {key}']
        cells += [seconds(kiln[key]), seconds(peers[key]), seconds(start), f'{kiln[key] / peers[key]:.2f}', f'{kiln[key] / max(peers[key] - start, 1e-3):.2f}']
    return cells


def amounts(r):
    kb = lambda n: f'{n / 1e3:.1f}'
    parts = lambda tool: ' / '.join(kb(r['bytes'][tool][kind]) for kind in KINDS)
    total = {tool: sum(sizes.values()) for tool, sizes in r['bytes'].items()}
    return [r['name'], ' / '.join(str(r['count'][kind]) for kind in KINDS), parts('as built'), parts('kiln'), parts('peers'),
            *(kb(total[tool]) for tool in ('as built', 'kiln', 'peers')), f"{total['kiln'] / max(total['peers'], 1):.2f}",
            f"{r['unchanged']['kiln']} / {r['unchanged']['peers']}", str(r['failed'])]


def table(head, rows):
    for row in [head, ['---'] + ['---:'] * (len(head) - 1), *rows]:
        print('| ' + ' | '.join(row) + ' |')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = HERE.parent
    parser.add_argument('names', nargs='*', metavar='SITE', help='folders below --sites; all when left out')
    parser.add_argument('--kiln', default=str(root / 'target/release/kiln'), help='the program; target/release/kiln when left out')
    parser.add_argument('--sites', type=Path, default=root / 'fixtures/sites', help='the folder that holds the sites; fixtures/sites when left out')
    parser.add_argument('--runs', type=int, default=3, help='runs of each tool on each site; 3 when left out')
    parser.add_argument('--base', action='append', default=[], metavar='SITE=/path/', help='where a site is built to be served; / when left out')
    parser.add_argument('--no-inline', action='store_true', help='html-minifier-terser leaves what is inside of <style> and <script> (kiln does not)')
    args = parser.parse_args()
    if args.runs < 1:
        parser.error('--runs must be at least 1')
    bases = {}
    for given in args.base:
        name, _, base = given.partition('=')
        if not (base.startswith('/') and base.endswith('/')):
            parser.error(f'--base {given}: give it as SITE=/path/')
        bases[name] = base
    if not args.sites.is_dir():
        sys.exit(f'{args.sites} is no folder; name one with --sites')
    sites = [args.sites.resolve() / n for n in args.names] or sorted(p for p in args.sites.resolve().iterdir() if p.is_dir())
    for site in sites:
        if not site.is_dir():
            sys.exit(f'{site} is no folder')
    if not sites:
        sys.exit(f'{args.sites} holds no sites')
    for name in bases.keys() - {s.name for s in sites}:
        parser.error(f'--base {name}=...: no such site is measured')
    args.kiln = str(Path(args.kiln).resolve())
    if not os.access(args.kiln, os.X_OK):
        sys.exit(f'{args.kiln} is no program; `cargo build --release` makes it')
    node = version(['node', '--version'])
    if not node or int(node.lstrip('v').split('.')[0]) < 20:
        sys.exit(f'Node 20 or newer is needed, not {node or "none"}')
    if platform.system() != 'Linux' or ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        sys.exit('needs Linux, to count the CPU time of all processes')
    install()
    temp = Path(tempfile.mkdtemp(prefix='kiln-bench-'))
    try:
        print(f'{os.cpu_count()} cores, {platform.system()} {platform.machine()}; {version([args.kiln, "--version"])}; Node {node}; load {os.getloadavg()[0]:.1f}\n')
        results = []
        for site in sites:
            try:
                results.append(bench(site, bases.get(site.name, '/'), args, temp))
            except RuntimeError as error:
                say(f'{site.name} is left out: {error}')
        if not results:
            sys.exit('no site could be measured')
        missing = len(sites) - len(results)
        if len(results) > 1:
            results.append(add(results))
        print(', '.join(f'{n} {v}' for n, v in PEERS.items()) + f'; {args.runs} {"run" if args.runs == 1 else "runs"}, medians\n')
        table(['site', 'wall: kiln', 'peers', 'their start-up', 'kiln / peers', 'without start-up', 'CPU: kiln', 'peers', 'their start-up', 'kiln / peers', 'without start-up'], map(times, results))
        print('\nHTML / CSS / JS, kB:\n')
        table(['site', 'files', 'as built', 'kiln', 'peers', 'all: as built', 'kiln', 'peers', 'kiln / peers', 'unchanged: kiln / peers', 'failed'], map(amounts, results))
        if missing:
            sys.exit(f'{missing} of {len(sites)} sites are left out')
    finally:
        for folder, _, _ in os.walk(temp):
            os.chmod(folder, 0o755)
        shutil.rmtree(temp, ignore_errors=True)


if __name__ == '__main__':
    main()
