"""Makes the sites, asks all three, compares answers and times. See ./run."""

import argparse
import datetime
import itertools
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "Tests/System"))

from instance import Instance, late_zone  # noqa: E402

import panels  # noqa: E402

PROGRAM = os.environ["MOCHI_TEST_PROGRAMS"] + "/StatsBenchmark"
EMAIL = "owner@benchmark.test"
LAST = datetime.date.today() - datetime.timedelta(days=1)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--scale", type=float, default=1, help="of all numbers of events")
    options.add_argument("--sites", type=int, default=200)
    options.add_argument("--only", choices=["mochi"], help="leave the others out")
    options.add_argument("--skip-postgres", action="store_true", help="its answers take the longest by far")
    options.add_argument("--skip-year", action="store_true", help="leave out twelve months of 60 M events")
    options.add_argument("--skip-today", action="store_true")
    options.add_argument("--skip-sites", action="store_true")
    options = options.parse_args()
    with Instance() as mochi, tempfile.TemporaryDirectory(prefix="mochi-stats-") as directory:
        if not options.skip_sites:
            many_sites(mochi, options, pathlib.Path(directory))
        if not options.skip_year:
            year(mochi, options)
        if not options.skip_today:
            today(mochi, options)


def bootstrap(mochi, domain, zone="UTC"):
    return mochi.run("admin", "bootstrap", "--email", EMAIL, "--site", domain, "--time-zone", zone)["api_key"]


def seed(mochi, domain, days, events, until=LAST):
    start = time.perf_counter()
    counts = mochi.run(
        "seed-demo", "--site", domain, "--days", str(days), "--events", str(events), "--until", str(until))
    return counts, time.perf_counter() - start


def measured(mochi, *arguments):
    done = subprocess.run(
        [PROGRAM, "measure", "--last", str(LAST), *arguments], env=mochi.environment, check=True,
        capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return [json.loads(line) for line in done.stdout.splitlines()]


def row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def ms(number):
    return f"{number:,.1f}" if number < 100 else f"{number:,.0f}"


def many_sites(mochi, options, directory):
    sizes = {"large.test": 5_000_000, "middle.test": 1_000_000, "small.test": 100_000}
    rest = options.sites - len(sizes)
    sizes |= {f"site{number}.test": (10_000_000 - sum(sizes.values())) // rest for number in range(rest)} if rest else {}
    keys, made, took = {}, 0, 0
    for domain, events in sizes.items():
        keys[domain] = bootstrap(mochi, domain)
        counts, seconds = seed(mochi, domain, 90, max(int(events * options.scale), 90))
        made += counts["events"]
        took += seconds if domain == "large.test" else 0
    stored = mochi.sql(
        "SELECT sum(events), sum(octet_length(summary) + octet_length(core) + octet_length(detail) "
        "+ octet_length(properties)), (SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('site_days')) "
        "FROM site_days")[0]
    print(
        f"{made:,} events of {len(sizes)} sites; {int(stored[1]) / int(stored[0]):.1f} bytes an event in columns, "
        f"{int(stored[2]) / int(stored[0]):.1f} in the database; the largest site was made in {took:.1f} s\n",
        flush=True)
    peers = None
    if not options.only:
        subprocess.run([PROGRAM, "export", str(directory)], env=mochi.environment, check=True)
        peers = load_peers(mochi, directory, options)
    row("site", "days", "filters", "Mochi warm, ms", "cold", "ClickHouse warm", "cold", "ratio warm", "ratio cold",
        "PostgreSQL", "ClickHouse's best way")
    row(*["---"] * 11)
    for domain in list(sizes)[:3]:
        # One after the other with its peers, so that what else the machine does meets all of them.
        for days, filters in itertools.product((30, 90), (0, 1, 2)):
            [result] = measured(
                mochi, "--days", str(days), "--filters", str(filters), f"{keys[domain]}={domain}")
            compare(result, peers)


def load_peers(mochi, directory, options):
    from clickhouse import ClickHouse
    from postgres import PostgreSQL

    clickhouse = ClickHouse(directory / "clickhouse", directory)
    if options.skip_postgres:
        return clickhouse, None
    postgres = PostgreSQL(f"host={mochi.data}/state/run user=mochi dbname=mochi", directory)
    return clickhouse, postgres


def compare(result, peers):
    warm, cold = statistics.median(result["warm"]), statistics.median(result["cold"])
    cells = [result["site"], result["days"], result["filters"], ms(warm), ms(cold)]
    if not peers:
        return row(*cells)
    clickhouse, postgres = peers
    question = (result["site"], LAST - datetime.timedelta(days=result["days"] - 1), LAST, result["filters"])
    check(result, clickhouse.answers(panels.Question(*question, "uniqExact({})")))
    best, best_cold, way = clickhouse.best(*question)
    row(*cells, ms(best), ms(best_cold), f"{best / warm:.1f}", f"{best_cold / cold:.1f}",
        ms(postgres.time(*question)) if postgres else "", way)


def check(result, others):
    """Each figure of each panel is the same."""
    for name, expected in others.items():
        ours = result["panels"][name]
        if name == "day":
            # Days with nothing are rows of ours alone.
            ours = [line for line in ours if float(line[1]) > 0]
        same = len(ours) == len(expected) and all(
            is_same(left, right) for mine, theirs in zip(ours, expected) for left, right in zip(mine, theirs))
        if not same:
            sys.exit(f"{result['site']}, {result['days']} days, {result['filters']} filters, {name}:\n{ours}\n{expected}")


def is_same(left, right):
    try:
        return abs(float(left) - float(right)) <= 1e-5 * max(1, abs(float(right)))
    except ValueError:
        return left == right


def year(mochi, options):
    key = bootstrap(mochi, "year.test")
    counts, seconds = seed(mochi, "year.test", 365, int(60_000_000 * options.scale))
    print(f"\nTwelve months, {counts['events']:,} events (made in {seconds:.0f} s):\n")
    row("filters", "warm, ms", "cold")
    row("---", "---", "---")
    for result in measured(mochi, f"{key}=year.test", "--days", "365", "--warm", "5", "--cold", "3", "--filters", "0", "--filters", "1"):
        row(result["filters"], ms(statistics.median(result["warm"])), ms(statistics.median(result["cold"])))


def today(mochi, options):
    zone, ahead = late_zone()
    key = bootstrap(mochi, "today.test", zone)
    day = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=ahead))).date()
    counts, _ = seed(mochi, "today.test", 1, int(740_000 * options.scale), until=day)
    print(f"\nToday, {counts['events_today']:,} events:\n", flush=True)
    condition = "day = '%s' AND site_id = (SELECT id FROM sites WHERE domain = 'today.test')" % day
    without = first_look(mochi, key)
    deadline = time.monotonic() + 240
    while mochi.sql(f"SELECT count(*) FROM open_blocks WHERE {condition}")[0] == ["0"]:
        if time.monotonic() > deadline:
            sys.exit("the worker has written no checkpoint")
        time.sleep(2)
    restarts = [first_look(mochi, key)[0] for _ in range(9)]
    looks = first_look(mochi, key, 9)[1:]
    row("", "median ms", "fastest", "slowest")
    row(*["---"] * 4)
    for name, times in (("first look, no checkpoint", without), ("first look after a restart", restarts),
                        ("refresh after 1,000 events", looks)):
        row(name, ms(statistics.median(times)), ms(min(times)), ms(max(times)))


def first_look(mochi, key, refreshes=0):
    """Milliseconds of the first look of a program that has just been started, then of others, each after 1,000 events
    that the collector took and the loader loaded."""
    with subprocess.Popen(
        [PROGRAM, "today", f"{key}=today.test"], env=mochi.environment, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True
    ) as program:
        times, visitors = [], 0
        for number in range(refreshes + 1):
            if number:
                more(mochi, 1_000, number)
            program.stdin.write("\n")
            program.stdin.flush()
            time_taken, now = program.stdout.readline().split()
            if number and int(now) <= visitors:
                sys.exit(f"no visitor was added: {visitors}, {now}")
            times.append(float(time_taken))
            visitors = int(now)
        program.stdin.close()
    return times


def more(mochi, count, number):
    """Events of new visitors, through the collector; back when all are loaded."""
    tracking_key = mochi.sql(
        "SELECT k.key FROM tracking_keys k JOIN sites s ON s.id = k.site_id WHERE s.domain = 'today.test'")[0][0]
    rows = "SELECT count(*) FROM events WHERE site_id = (SELECT id FROM sites WHERE domain = 'today.test')"
    before = int(mochi.sql(rows)[0][0])
    generator = random.Random(number)
    import http.client
    connection = http.client.HTTPConnection("127.0.0.1", mochi.ingest, timeout=60)
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
    for _ in range(count):
        address = ".".join(str(generator.randrange(1, 250)) for _ in range(4))
        body = json.dumps({"n": "pageview", "u": "https://today.test/more", "k": tracking_key})
        connection.request(
            "POST", "/api/event", body,
            {"Content-Type": "text/plain", "User-Agent": agent, "X-Forwarded-For": address})
        answer = connection.getresponse()
        answer.read()
    connection.close()
    deadline = time.monotonic() + 60
    while int(mochi.sql(rows)[0][0]) < before + count * 0.99:
        if time.monotonic() > deadline:
            sys.exit("the events were not loaded")
        time.sleep(0.1)


if __name__ == "__main__":
    main()
