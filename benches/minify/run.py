#!/usr/bin/env python3
"""Minified sizes and CPU time of kiln beside esbuild, terser, oxc and swc, on twelve libraries as they are published.

  npm install --prefix benches/minify
  python3 benches/minify/run.py [--kiln target/release/kiln] [--runs 1] [LIBRARY ...]

Each tool keeps names at the top level (these are classic scripts), drops comments, and is otherwise at its defaults
(esbuild with platform neutral, or it takes NODE_ENV to be set). CPU is
user and system time of the whole process, start of Node included, the lowest of the runs. gzip is level 9, brotli 11.
Every output is used by smoke.cjs, and "works" says whether that printed the same as with the original file; lodash's and
moment's own tests are not part of their packages: `--lodash DIR` and `--moment DIR` name checkouts of their repositories.
"""
import argparse, gzip, json, os, re, shutil, subprocess, sys, tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
MODULES = HERE / 'node_modules'
LIBRARIES = {
    'react': 'react/cjs/react.development.js', 'moment': 'moment/moment.js', 'jquery': 'jquery/dist/jquery.js',
    'vue': 'vue/dist/vue.js', 'lodash': 'lodash/lodash.js', 'd3': 'd3/dist/d3.js', 'terser': 'terser/dist/bundle.min.js',
    'three': 'three/build/three.js', 'victory': 'victory/dist/victory.js', 'echarts': 'echarts/dist/echarts.js',
    'antd': 'antd/dist/antd.js', 'typescript': 'typescript/lib/typescript.js',
}
TOOLS = ['kiln', 'esbuild', 'terser', 'swc', 'oxc']


def timed(command):
    """CPU seconds of a process that must end well."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    errors = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}: {errors.decode(errors='replace')[-500:]}")
    return used.ru_utime + used.ru_stime


def minify(tool, kiln, source, target, box):
    if tool == 'kiln':
        site, out = box / 'in', box / 'out'
        for folder in (site, out):
            shutil.rmtree(folder, ignore_errors=True)
        site.mkdir()
        (site / 'index.html').write_text('<script src=library.js></script>')
        shutil.copy(source, site / 'library.js')
        (box / 'kiln.toml').write_text('[js]\nlicenses = "drop"\n')
        cpu = timed([kiln, 'build', str(site), '--out', str(out), '--config', str(box / 'kiln.toml'), '--only', 'js', '--no-cache', '--quiet'])
        shutil.copy(out / 'library.js', target)
        return cpu
    if tool == 'esbuild':
        return timed([str(MODULES / '.bin/esbuild'), str(source), '--minify', '--legal-comments=none', '--platform=neutral', f'--outfile={target}', '--log-level=error'])
    return timed(['node', str(HERE / 'tool.mjs'), tool, str(source), str(target)])


def printed(name, file):
    """What smoke.cjs prints. The file lies among the bench's own modules, so that what it asks for is found."""
    done = subprocess.run(['node', str(HERE / 'smoke.cjs'), name, str(file)], capture_output=True, env={**os.environ, 'TZ': 'UTC'})
    return done.stdout if done.returncode == 0 and done.stdout else None


def brotli(file):
    code = "const z=require('zlib'),b=require('fs').readFileSync(process.argv[1]);console.log(z.brotliCompressSync(b,{params:{[z.constants.BROTLI_PARAM_QUALITY]:11,[z.constants.BROTLI_PARAM_LGWIN]:22}}).length)"
    return int(subprocess.run(['node', '-e', code, str(file)], capture_output=True, check=True).stdout)


def own_tests(name, checkout, file, box):
    """What the library's own tests say of a minified file, from a checkout of its repository."""
    place = box / 'tests'
    shutil.rmtree(place, ignore_errors=True)
    if name == 'lodash':
        shutil.copytree(Path(checkout) / 'test', place / 'test')
        (place / 'node_modules').symlink_to(MODULES)
        command = ['node', 'test/test', str(file)]
    else:
        shutil.copytree(Path(checkout) / 'src', place / 'src')
        # It loads languages from beside itself.
        library = Path(shutil.copy(file, place / 'moment.js'))
        (place / 'locale').symlink_to(MODULES / 'moment/locale')
        (place / 'src/moment.js').write_text(f'module.exports = require({json.dumps(str(library))})')
        tests = sorted((place / 'src/test/moment').glob('*.js'))
        (place / 'all.js').write_text(''.join(f"import './src/test/moment/{test.name}';\n" for test in tests))
        bundle = [str(MODULES / '.bin/esbuild'), 'all.js', '--bundle', '--platform=node', f'--external:{library}', '--outfile=bundle.js', '--log-level=error']
        subprocess.run(bundle, cwd=place, check=True)
        command = ['node', str(MODULES / 'qunit/bin/qunit.js'), 'bundle.js']
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, env={**os.environ, 'TZ': 'UTC'})
    told = [line.strip(' #') for line in done.stdout.splitlines() if re.match(r'^\s*(# (pass|fail)|PASS:|FAIL:)', line)]
    return ', '.join(told[-2:]) or f'no result: {done.stderr[-300:]}'


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('names', nargs='*', metavar='LIBRARY')
    parser.add_argument('--kiln', default=str(HERE.parent.parent / 'target/release/kiln'))
    parser.add_argument('--runs', type=int, default=1)
    parser.add_argument('--lodash', metavar='DIR')
    parser.add_argument('--moment', metavar='DIR')
    args = parser.parse_args()
    if not MODULES.is_dir():
        sys.exit('first: npm install --prefix benches/minify')
    kiln = os.path.abspath(args.kiln)
    names = args.names or list(LIBRARIES)
    totals = {tool: [0, 0, 0, 0.0, 0] for tool in TOOLS}
    print('| library | ' + ' | '.join(TOOLS) + ' |\n| --- |' + ' --- |' * len(TOOLS))
    box = Path(tempfile.mkdtemp(prefix='minify-', dir=HERE))
    try:
        for name in names:
            source, cells = MODULES / LIBRARIES[name], []
            expected = printed(name, source)
            if expected is None:
                sys.exit(f'{name} does not work as published')
            checkout = vars(args).get(name)
            if checkout:
                print(f'{name} as published: {own_tests(name, checkout, source, box)}', file=sys.stderr)
            for tool in TOOLS:
                target = box / f'{name}.{tool}.js'
                try:
                    cpu = min(minify(tool, kiln, source, target, box) for _ in range(args.runs))
                except RuntimeError as error:
                    print(error, file=sys.stderr)
                    cells.append('failed')
                    continue
                code, works = target.read_bytes(), printed(name, target) == expected
                sizes = [len(code), len(gzip.compress(code, 9, mtime=0)), brotli(target)]
                for i, value in enumerate([*sizes, cpu, works]):
                    totals[tool][i] += value
                cells.append(' / '.join(f'{size:,}' for size in sizes) + f' / {cpu:.2f} s' + ('' if works else ' **broken**'))
                if checkout:
                    print(f'{name}, {tool}: {own_tests(name, checkout, target, box)}', file=sys.stderr)
            print(f'| {name} | ' + ' | '.join(cells) + ' |', flush=True)
        total = [f'{raw:,} / {gz:,} / {br:,} / {cpu:.1f} s, {works} of {len(names)} work' for raw, gz, br, cpu, works in totals.values()]
        print('| all | ' + ' | '.join(total) + ' |')
    finally:
        shutil.rmtree(box, ignore_errors=True)


if __name__ == '__main__':
    main()
