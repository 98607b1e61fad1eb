#!/usr/bin/env python3
"""Memory and file descriptors of `kiln watch --serve` over time, while files change and pages are asked for.

  benches/watch_soak.py SITE [MINUTES] [--kiln PATH]

Prints a line a minute, and at the end the growth after the first tenth of the time. Linux only.
"""
import argparse, os, random, re, shutil, subprocess, tempfile, time, urllib.request
from pathlib import Path


def status(pid):
    text = Path(f"/proc/{pid}/status").read_text()
    memory = int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) / 1024
    return memory, len(os.listdir(f"/proc/{pid}/fd")), int(re.search(r"Threads:\s+(\d+)", text).group(1))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kiln", default="target/release/kiln")
    parser.add_argument("site")
    parser.add_argument("minutes", nargs="?", type=float, default=60)
    args = parser.parse_args()
    dice, samples = random.Random(1), []
    with tempfile.TemporaryDirectory() as temp:
        dist, out = Path(temp, "dist"), Path(temp, "out")
        shutil.copytree(args.site, dist)
        command = [os.path.abspath(args.kiln), "watch", dist, "--out", out, "--cache-dir", Path(temp, "cache"), "--serve", "--port", "0"]
        log = Path(temp, "log")
        watch = subprocess.Popen(command, stdout=log.open("w"), stderr=subprocess.STDOUT)
        while "built: " not in log.read_text():
            time.sleep(0.2)
        url = re.search(r"http://\S+", log.read_text()).group(0)
        pages = [p for p in dist.rglob("*") if p.suffix in (".html", ".css", ".js")]
        originals = {p: p.read_bytes() for p in pages}
        start, cycles, next_line = time.time(), 0, 0.0
        try:
            while time.time() - start < args.minutes * 60:
                page = dice.choice(pages)
                page.write_bytes(originals[page] + b"\n" * dice.randrange(1, 400))
                cycles += 1
                time.sleep(dice.uniform(0.2, 0.9))
                try:
                    urllib.request.urlopen(url + str(page.relative_to(dist))).read()
                except OSError:
                    pass
                minutes = (time.time() - start) / 60
                samples.append((minutes, *status(watch.pid)))
                if minutes >= next_line:
                    next_line += 1
                    print("%5.1f min: %6.1f MB, %3d descriptors, %2d threads, %d edits" % (*samples[-1], cycles), flush=True)
        finally:
            watch.terminate()
            watch.wait()
    first = [s for s in samples if s[0] >= args.minutes / 10][0]
    last = samples[-1]
    print(f"growth: {last[1] - first[1]:+.1f} MB, {last[2] - first[2]:+d} descriptors in {last[0] - first[0]:.1f} minutes, {cycles} edits")


if __name__ == "__main__":
    main()
