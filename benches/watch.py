#!/usr/bin/env python3
"""Times `kiln watch` and builds without a change.

  benches/watch.py latency SITE FILE [RUNS]   from saving a file (text, or a JPEG) to the finished output
  benches/watch.py nothing [FILES ...]        a build of a generated site in which nothing has changed

`--kiln PATH` names the program (target/release/kiln), `--reader PATH` the one that only reads and hashes, in one thread
(`cargo build --release --bins --examples` makes both). Everything happens in a temporary folder.
"""
import argparse, json, os, random, shutil, statistics, subprocess, sys, tempfile, time
from pathlib import Path


def edited(file, number):
    """Writes something that no build has seen yet: more text, or the same picture with another comment."""
    mark = f"{number}-{random.getrandbits(60):x}"
    if file.suffix in (".jpg", ".jpeg"):
        jpeg = file.read_bytes()
        comment = b"\xff\xfe" + (len(mark) + 2).to_bytes(2, "big") + mark.encode()
        start = 2 + (int.from_bytes(jpeg[4:6], "big") + 2 if number and jpeg[2:4] == b"\xff\xfe" else 0)
        file.write_bytes(jpeg[:2] + comment + jpeg[start:])
        return
    text = {".css": f"\n.title-{number % 7}, p {{ --mark: m{mark} }}", ".js": f"\nconsole.log('{mark}');"}
    with open(file, "a") as f:
        f.write(text.get(file.suffix, f"\n<p>{mark}</p>"))


def latency(kiln, site, name, runs):
    with tempfile.TemporaryDirectory() as temp:
        dist, out = Path(temp, "dist"), Path(temp, "out")
        shutil.copytree(site, dist)
        command = [kiln, "watch", dist, "--out", out, "--cache-dir", Path(temp, "cache"), "--json"]
        watch = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            json.loads(watch.stdout.readline())
            times, stages = [], {}
            for run in range(runs):
                time.sleep(0.3)
                before = os.stat(out).st_ino
                start = time.perf_counter()
                edited(dist / name, run)
                # The output folder is replaced by another one.
                while os.stat(out).st_ino == before:
                    time.sleep(0.0005)
                times.append((time.perf_counter() - start) * 1000)
                for stage in json.loads(watch.stdout.readline())["stages"]:
                    stages.setdefault(stage["name"], []).append(stage["seconds"] * 1000)
        finally:
            watch.terminate()
            watch.wait()
    times.sort()
    p95 = times[min(len(times) - 1, int(len(times) * 0.95))]
    print(f"{name}: median {statistics.median(times):.0f} ms, p95 {p95:.0f} ms, of {runs}")
    print("  " + ", ".join(f"{n} {statistics.median(t):.0f}" for n, t in stages.items()))


def generate(folder, files):
    """Pages, sheets, scripts, data and SVGs; a tenth of each but the pages."""
    dice = random.Random(files)
    words = [f"word{i}" for i in range(500)]
    for i in range(files):
        text = " ".join(dice.choices(words, k=120))
        kind = i % 10
        name, body = {
            6: (f"s/{i}.css", f".a{i} {{ color: red }} .b{i} {{ margin: {i}px }} /* {text} */"),
            7: (f"j/{i}.js", f"export const t{i} = '{text}';"),
            8: (f"d/{i}.json", json.dumps({"text": text})),
            9: (f"i/{i}.svg", f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M{i % 9} 0h4v4z"/></svg>'),
        }.get(kind, (f"p/{i % 100}/{i}.html", f'<!doctype html><title>{i}</title><link rel="stylesheet" href="../../s/{i // 10 * 10 + 6}.css"><p class="a{i}">{text}</p>'))
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(body)


def nothing(kiln, reader, counts):
    for files in counts:
        with tempfile.TemporaryDirectory() as temp:
            dist, out = Path(temp, "dist"), Path(temp, "out")
            generate(dist, files)
            command = [kiln, "build", dist, "--out", out, "--cache-dir", Path(temp, "cache"), "--quiet"]
            subprocess.run(command, check=True)
            builds, reads = [], []
            for _ in range(5):
                start = time.perf_counter()
                subprocess.run(command, check=True)
                builds.append(time.perf_counter() - start)
                start = time.perf_counter()
                subprocess.run([reader, dist], check=True, stdout=subprocess.DEVNULL)
                reads.append(time.perf_counter() - start)
        build, read = statistics.median(builds), statistics.median(reads)
        print(f"{files} files: no change {build:.3f} s, reading and hashing in one thread {read:.3f} s, ratio {build / read:.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kiln", default="target/release/kiln")
    parser.add_argument("--reader", default="target/release/examples/read_and_hash")
    parser.add_argument("what", choices=["latency", "nothing"])
    parser.add_argument("rest", nargs="*")
    args = parser.parse_args()
    kiln = os.path.abspath(args.kiln)
    if args.what == "latency":
        site, name, *runs = args.rest
        latency(kiln, Path(site), name, int(runs[0]) if runs else 40)
    else:
        nothing(kiln, os.path.abspath(args.reader), [int(n) for n in args.rest] or [1000, 10000, 50000])


if __name__ == "__main__":
    sys.exit(main())
