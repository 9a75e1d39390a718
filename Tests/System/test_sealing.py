"""Days are sealed once and exactly, whatever happens to the workers; afterwards nothing links a visitor."""

import datetime
import http.client
import json
import os
import random
import re
import shutil
import subprocess
import time

from instance import AGENT, PROGRAM, PostgresServer, free_ports, wait_for
from test_midnight import Fleet, contents

LONG = bool(os.environ.get("MOCHI_TEST_LONG"))

STORED = """
    SELECT concat_ws(' ', 'part', s.domain, day, part, origin, format, visitors, visits, page_views, events, inexact,
        encode(checksum, 'hex')) FROM site_days d JOIN sites s ON s.id = d.site_id
    UNION ALL SELECT concat_ws(' ', 'day', s.domain, date, page_views, unique_visitors, visits, bounces, visit_seconds,
        events) FROM daily_site_metrics d JOIN sites s ON s.id = d.site_id
    UNION ALL SELECT concat_ws(' ', 'page', s.domain, date, path, is_rest, page_views, unique_visitors, visits)
        FROM daily_page_metrics d JOIN sites s ON s.id = d.site_id
    UNION ALL SELECT concat_ws(' ', 'state', s.domain, day, state, vector, dropped)
        FROM aggregation_state d JOIN sites s ON s.id = d.site_id
    UNION ALL SELECT concat_ws(' ', 'drops', s.domain, hour, reason, count) FROM drops d JOIN sites s ON s.id = d.site_id
    ORDER BY 1
"""

# Of each site a day that is over, as if collectors had loaded it: page views and some engagement.
EVENTS = """
    SELECT make_event_partitions(current_date - 2);
    INSERT INTO events
    SELECT current_date - 2, s.account_id, 1, n * 100 + row_number() OVER (PARTITION BY n ORDER BY s.domain), s.id,
        (current_date - 2) + (hashint8(n * 31 + hashtext(s.domain)) & 65535) * interval '1.3 s',
        hashint8(n % {visitors})::bigint * 4294967296 + n % {visitors},
        CASE WHEN n % 7 = 0 THEN 'engagement' ELSE 'pageview' END, s.domain, '/' || n % 30, '', '', '', '', '', '', '', '',
        '', '', 'DE', '', '', '', 'Firefox', '', '', '', '', '', true, n % 1000, NULL, NULL, '', '{{}}'
    FROM sites s, generate_series(1, {events}) AS n;
    INSERT INTO ingest_positions (stream, collector, sequence, loaded_through)
    VALUES (1, gen_random_uuid(), 1000000000, now());
    INSERT INTO aggregation_state (account_id, site_id, day) SELECT account_id, id, current_date - 2 FROM sites;
"""


class Workers:
    """PostgreSQL with sites whose days wait to be sealed, and workers that may die."""

    def __init__(self, postgres):
        self.postgres = postgres
        self.processes = []
        self.environment = {**os.environ, "DATABASE_URL": postgres.url, "MOCHI_DATA": str(postgres.folder / "state")}

    def mochi(self, *arguments):
        subprocess.run([PROGRAM, *arguments], env=self.environment, check=True, capture_output=True)

    def sql(self, query):
        return subprocess.run(
            ["psql", self.postgres.url, "--no-psqlrc", "-At", "-v", "ON_ERROR_STOP=1", "-c", query], check=True,
            capture_output=True, text=True).stdout.splitlines()

    def start(self):
        environment = {**self.environment, "MOCHI_WORKER_PORT": str(free_ports(1)[0])}
        log = open(self.postgres.folder / "worker.log", "ab")
        self.processes.append(subprocess.Popen(
            [PROGRAM, "worker"], env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL))

    def kill(self):
        for process in self.processes:
            process.kill()
            process.wait()
        self.processes = []

    def unsealed(self):
        return int(self.sql("SELECT count(*) FROM aggregation_state WHERE state <> 'sealed'")[0])

    def reopen(self):
        self.sql("""
            TRUNCATE site_days, daily_site_metrics, daily_page_metrics, drops, schedules;
            UPDATE aggregation_state SET state = 'open', vector = '{}', dropped = 0, sealed_at = NULL, format = NULL""")


def test_days_sealed_by_workers_that_are_killed_are_what_an_undisturbed_one_makes_of_them():
    generator = random.Random(int(os.environ.get("MOCHI_TEST_SEED", "1")))
    sites, rounds = (60, 20) if LONG else (25, 1)
    with PostgresServer() as postgres:
        workers = Workers(postgres)
        workers.mochi("migrate")
        for number in range(sites):
            workers.sql(f"""
                WITH a AS (INSERT INTO accounts (name) VALUES ('a{number}') RETURNING id),
                    s AS (INSERT INTO sites (account_id, domain, name)
                        SELECT id, 'site{number}.example', 'x' FROM a RETURNING id, account_id)
                INSERT INTO site_zones (account_id, site_id, from_day, zone)
                SELECT account_id, id, '1970-01-01', 'UTC' FROM s""")
        workers.sql(EVENTS.format(events=1_000, visitors=120))
        # Or else the partition is gone before the second time.
        workers.sql("INSERT INTO aggregation_state (account_id, site_id, day, state) "
                    "SELECT account_id, id, current_date - 2, 'open' FROM sites ON CONFLICT DO NOTHING")
        keep_partition = "UPDATE schedules SET next_run = now() + interval '250 s' WHERE name = 'closed_days'"
        workers.sql("INSERT INTO schedules (name, next_run) VALUES ('closed_days', now() + interval '250 s')")
        try:
            workers.start()
            wait_for(lambda: workers.unsealed() == 0, 120, "that all is sealed")
            workers.kill()
            undisturbed = workers.sql(STORED)
            assert len([row for row in undisturbed if row.startswith("part")]) == sites
            for _ in range(rounds):
                workers.reopen()
                workers.sql("INSERT INTO schedules (name, next_run) VALUES ('closed_days', now() + interval '250 s')")
                kills = 0
                while workers.unsealed() > 0:
                    for _ in range(2):
                        workers.start()
                    # From before the first look to the middle of the work.
                    time.sleep(generator.uniform(0.3, 2.5))
                    workers.kill()
                    # A killed worker's round is due again in a minute; that is not what is tested here.
                    workers.sql("UPDATE schedules SET next_run = now() WHERE name = 'sealing'")
                    workers.sql(keep_partition)
                    kills += 1
                    assert kills < 200, "nothing is ever sealed"
                # What was loaded in the middle is not lost either: here, that nothing was.
                assert workers.sql(STORED) == undisturbed
        finally:
            workers.kill()


# libfaketime moves CLOCK_BOOTTIME and timers whatever it is told, and the kernel does not: who sleeps sleeps for ever.
TRUE_TIMERS = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *time) {
    static int (*faked)(clockid_t, struct timespec *);
    if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE) return syscall(SYS_clock_gettime, clock, time);
    if (!faked) faked = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    return faked(clock, time);
}

int timerfd_settime(int timer, int flags, const struct itimerspec *set, struct itimerspec *was) {
    return syscall(SYS_timerfd_settime, timer, flags, set, was);
}
"""


class Nights(Fleet):
    """A fleet whose calendar is far ahead, and whose timers are not."""

    def __enter__(self):
        source, self.timers = self.folder / "timers.c", self.folder / "timers.so"
        source.write_text(TRUE_TIMERS)
        compiler = next(name for name in ("clang", "cc", "gcc") if shutil.which(name))
        subprocess.run([compiler, "-shared", "-fPIC", "-o", self.timers, source, "-ldl"], check=True)
        return super().__enter__()

    def environment(self, name):
        environment = super().environment(name)
        return {**environment, "LD_PRELOAD": f"{self.timers} {environment['LD_PRELOAD']}"}


class Day:
    """A fleet's clock, in days and hours of a calendar that is ahead of ours."""

    def __init__(self, fleet, names):
        self.fleet, self.names = fleet, names
        now = datetime.datetime.now(datetime.timezone.utc)
        self.start = (now + datetime.timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)

    def set(self, days, hours):
        then = self.start + datetime.timedelta(days=days, hours=hours)
        ahead = (then - datetime.datetime.now(datetime.timezone.utc)).total_seconds()
        for name in self.names:
            self.fleet.clocks[name].set(ahead)

    def name(self, days):
        return (self.start + datetime.timedelta(days=days)).strftime("%Y-%m-%d")


def send(fleet, key, domain, count, sent):
    connection = http.client.HTTPConnection("127.0.0.1", fleet.ports["first"], timeout=60)
    for _ in range(count):
        page = f"/{len(sent)}"
        body = json.dumps({"n": "pageview", "u": f"https://{domain}{page}", "k": key})
        connection.request("POST", "/api/event", body, {
            "Content-Type": "text/plain", "User-Agent": AGENT, "X-Forwarded-For": f"198.51.100.{random.randrange(20)}"})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 202 and not answer.getheader("x-mochi-dropped"), answer.getheaders()
        sent.append(page)


def test_midnights_with_events_flowing():
    midnights = 30 if LONG else 2
    zones = {"utc.example": "UTC", "east.example": "Pacific/Kiritimati", "west.example": "Etc/GMT+11"}
    with Nights() as fleet:
        day = Day(fleet, ["first", "worker"])
        day.set(0, 20)
        fleet.run("migrate")
        keys = {
            domain: json.loads(fleet.run(
                "admin", "bootstrap", "--email", "a@night.example", "--site", domain, "--time-zone", zone))["tracking_key"]
            for domain, zone in zones.items()}
        fleet.start("worker")
        fleet.start("first")
        sent = {domain: [] for domain in zones}

        def flow(seconds=0.0, count=5):
            deadline = time.monotonic() + seconds
            while True:
                for domain, key in keys.items():
                    send(fleet, key, domain, count, sent[domain])
                if time.monotonic() >= deadline:
                    break

        def loaded():
            total = int(fleet.sql("""SELECT (SELECT coalesce(sum(events), 0) FROM site_days)
                + (SELECT count(*) FROM events e WHERE NOT EXISTS (SELECT FROM aggregation_state a
                    WHERE a.account_id = e.account_id AND a.site_id = e.site_id AND a.day = e.day AND a.state = 'sealed'))
                + (SELECT count(*) FROM late_events)""")[0])
            return total == sum(len(pages) for pages in sent.values())

        visitors, salts = set(), set()
        for night in range(midnights):
            for hour in (21, 22):
                day.set(night, hour)
                flow()
            day.set(night, 23 + 59 / 60 + 58 / 3600)
            flow(seconds=5)
            wait_for(loaded, 60, "that everything is loaded")
            visitors |= set(fleet.sql("SELECT DISTINCT visitor FROM events"))
            salts |= {bytes.fromhex(salt) for salt in fleet.sql("SELECT encode(salt, 'hex') FROM salts")}
            for hour in (1.2, 8, 12.2):
                day.set(night + 1, hour)
                flow()
            # Sealed in all zones, closed and dropped, in a few rounds of the worker.
            gone = f"events_{day.name(night).replace('-', '')}"
            hour = 13.2

            def dropped():
                nonlocal hour
                if fleet.sql(f"SELECT to_regclass('{gone}') IS NULL") == ["t"]:
                    return True
                hour = min(hour + 0.1, 19.9)
                day.set(night + 1, hour)
                flow(seconds=3)

            wait_for(dropped, 240, f"that {gone} is dropped")
            wait_for(loaded, 60, "that everything is loaded")

        assert fleet.sql("SELECT origin, inexact, count(*) FROM site_days GROUP BY 1, 2") == [
            f"seal|f|{len(fleet.sql('SELECT 1 FROM site_days'))}"], "nothing came too late"
        # The days after everything.
        hours = 62

        def over():
            nonlocal hours
            hours += 0.2
            day.set(midnights, hours)
            time.sleep(4)
            return fleet.sql("""SELECT (SELECT count(*) FROM aggregation_state WHERE state <> 'sealed')
                + (SELECT count(*) FROM events) + (SELECT count(*) FROM late_events)""") == ["0"]

        day.set(midnights, hours)
        wait_for(over, 240, "that all is sealed and dropped")
        assert {
            row.split("|")[0]: int(row.split("|")[1]) for row in fleet.sql(
                "SELECT s.domain, sum(events) FROM site_days d JOIN sites s ON s.id = d.site_id GROUP BY 1")
        } == {domain: len(pages) for domain, pages in sent.items()}
        # Each page was seen once: nothing is counted twice.
        assert fleet.sql("SELECT max(page_views) FROM daily_page_metrics WHERE NOT is_rest") == ["1"]
        assert fleet.sql("SELECT count(*) FROM pg_class WHERE relispartition "
                         "AND pg_get_expr(relpartbound, oid) = 'DEFAULT'") == ["0"]
        assert fleet.sql("SELECT count(*) FROM scrub_findings") == ["0"]

        dump = subprocess.run(
            ["pg_dump", fleet.postgres.url, "--inserts"], check=True, capture_output=True, text=True).stdout
        numbers = set(re.findall(r"-?\d{12,}", dump))
        assert visitors and not visitors & numbers
        for visitor in visitors:
            for order in ("big", "little"):
                assert int(visitor).to_bytes(8, order, signed=True).hex() not in dump
        wait_for(lambda: fleet.sql(
            "SELECT count(*) FROM salts WHERE encode(salt, 'hex') IN ('" + "','".join(salt.hex() for salt in salts) + "')"
        ) == ["0"], 60, "that the salts are gone")
        fleet.sql("CHECKPOINT")
        kept = [content for content in contents(fleet) if any(salt in content for salt in salts)]
        assert salts and not kept, "a salt is still in a file"

        fleet.stop("first")
        fleet.stop("worker")
        for name in ("first", "worker"):
            log = (fleet.folder / f"{name}.log").read_text(errors="replace")
            assert not re.search(r"level=(error|critical)|\[(ERROR|CRITICAL)\]", log), log[-4000:]
