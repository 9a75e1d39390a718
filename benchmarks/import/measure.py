"""Writes an access log, and has it read by programs that count. See ./run."""

import argparse
import datetime
import gzip
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Tests/System"))

from instance import PROGRAM, Instance  # noqa: E402

EMAIL = "owner@benchmark.test"
AGENTS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{}.1 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_{} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1"
    " Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:{0}.0) Gecko/20100101 Firefox/{0}.0",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Mobile Safari/537.36",
]
REFERRERS = ["https://www.google.com/", "https://duckduckgo.com/", "https://news.ycombinator.com/item?id=1",
             "https://example.org/a/long/way/here?from=there"]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--lines", type=int, default=1_000_000)
    options.add_argument("--days", type=int, default=30, help="that the lines are of")
    options.add_argument("--rounds", type=int, default=3)
    options = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="mochi-import-") as folder, Instance() as mochi:
        log = pathlib.Path(folder) / "access.log"
        first = datetime.datetime.now(datetime.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        write(log, options.lines, first - datetime.timedelta(days=options.days + 1), options.days)
        with log.open("rb") as plain, gzip.open(f"{log}.gz", "wb", 6) as packed:
            shutil.copyfileobj(plain, packed)
        print(f"{options.lines:,} lines of {options.days} days, {log.stat().st_size / 1e6:.0f} MB.\n")
        print("| | lines/s | µs of CPU a line | RSS at most |\n|---|---|---|---|")
        row("`mochi import-log`", options, lambda: importing(mochi, log))
        row("the same, gzip", options, lambda: importing(mochi, f"{log}.gz"))
        if shutil.which("goaccess"):
            row("GoAccess", options, lambda: measured(["goaccess", str(log), "--log-format=COMBINED", "--no-global-config",
                                                       "--no-progress", "-o", f"{folder}/report.json"]))


def row(name, options, run):
    runs = [run() for _ in range(options.rounds)]
    wall, processor = (statistics.median(run[each] for run in runs) for each in (0, 1))
    print(f"| {name} | {options.lines / wall:,.0f} | {processor / options.lines * 1e6:.2f} "
          f"| {max(run[2] for run in runs):.0f} MiB |", flush=True)


def write(log, lines, first, days):
    """A log of visits of five requests on average; a quarter are for assets, one in twenty fails, one in twenty is a bot's."""
    draw = random.Random(1)
    step = days * 86400 / lines
    people = []
    with log.open("w") as file:
        for number in range(lines):
            if not people or draw.random() < 0.2:
                agent = draw.choice(AGENTS).format(draw.randint(1, 130))
                if draw.random() < 0.05:
                    agent = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
                address = f"{draw.randint(1, 223)}.{draw.randint(0, 255)}.{draw.randint(0, 255)}.{draw.randint(1, 254)}"
                people.append((address, agent, draw.choice(REFERRERS) if draw.random() < 0.5 else "-"))
                if len(people) > 50:
                    people.pop(0)
            address, agent, referrer = draw.choice(people)
            path = f"/posts/{int(draw.paretovariate(0.8)) % 3000}"
            if draw.random() < 0.25:
                path = f"/assets/{draw.randint(1, 40)}.{draw.choice(['css', 'js', 'png'])}"
            status = 404 if draw.random() < 0.05 else 200
            moment = (first + datetime.timedelta(seconds=number * step)).strftime("%d/%b/%Y:%H:%M:%S +0000")
            file.write(f'{address} - - [{moment}] "GET {path} HTTP/1.1" {status} {draw.randint(200, 60000)}'
                       f' "{referrer}" "{agent}"\n')


def importing(mochi, path):
    """Into a site of its own; PostgreSQL's processor is not counted."""
    site = f"import-{time.monotonic_ns()}.test"
    mochi.run("admin", "bootstrap", "--email", EMAIL, "--site", site)
    return measured([PROGRAM, "import-log", str(path), "--site", site], mochi.environment)


def measured(command, environment=None):
    """Seconds, seconds of processor, and MiB of one run."""
    start = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    error = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(command)}: {error.decode()[-500:]}")
    return time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


if __name__ == "__main__":
    main()
