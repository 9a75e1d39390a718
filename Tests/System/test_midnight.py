"""Two collectors whose clocks differ, over midnight: the same visitor has the same hash on both, all day."""

import datetime
import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

from instance import AGENT, PROGRAM, PostgresServer, free_ports, is_ready, wait_for

FAKETIME = next(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


class Clock:
    """What time a process believes it is: a file that it looks at whenever it asks."""

    def __init__(self, folder, name):
        self.file = folder / f"clock-{name}"

    def set(self, seconds_ahead):
        temporary = self.file.with_suffix(".new")
        temporary.write_text(f"{seconds_ahead:+.3f}\n")
        temporary.rename(self.file)

    @property
    def environment(self):
        return {
            "LD_PRELOAD": str(FAKETIME), "FAKETIME_TIMESTAMP_FILE": str(self.file), "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


class Fleet:
    """PostgreSQL, a worker and two collectors, each under a clock."""

    def __init__(self):
        assert FAKETIME, "libfaketime is not installed"
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mochi-midnight-"))
        self.postgres = PostgresServer()
        self.processes = {}
        self.ports = dict(zip(("first", "second", "worker"), free_ports(3)))
        self.clocks = {name: Clock(self.folder, name) for name in self.ports}

    def __enter__(self):
        self.postgres.start()
        return self

    def __exit__(self, *_):
        for process in self.processes.values():
            process.kill()
            process.wait()
        self.postgres.__exit__()
        shutil.rmtree(self.folder, ignore_errors=True)

    def environment(self, name):
        return {
            **os.environ, "DATABASE_URL": self.postgres.url, "MOCHI_DATA": str(self.folder / name),
            f"MOCHI_{'WORKER' if name == 'worker' else 'INGEST'}_PORT": str(self.ports[name]),
            "MOCHI_TRUSTED_PROXIES": "127.0.0.0/8", **self.clocks[name].environment}

    def run(self, *arguments):
        environment = {**os.environ, "DATABASE_URL": self.postgres.url, "MOCHI_DATA": str(self.folder / "owner")}
        return subprocess.run(
            [PROGRAM, *arguments], env=environment, check=True, capture_output=True, text=True).stdout

    def start(self, name):
        command = "worker" if name == "worker" else "ingest"
        log = open(self.folder / f"{name}.log", "ab")
        # Through env: in the first process that it is loaded into, libfaketime moves the environment, and Swift finds
        # a program's arguments before that.
        self.processes[name] = subprocess.Popen(
            ["env", PROGRAM, command], env=self.environment(name), stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        try:
            wait_for(lambda: is_ready(self.ports[name]), 60, f"readiness of {name}")
        except AssertionError:
            print((self.folder / f"{name}.log").read_text(errors="replace")[-4000:])
            raise

    def stop(self, name):
        process = self.processes.pop(name)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0

    def sql(self, query):
        return subprocess.run(
            ["psql", self.postgres.url, "--no-psqlrc", "-At", "-c", query], check=True, capture_output=True,
            text=True).stdout.split()

    def visitor(self, name, key, address="198.51.100.7"):
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[name], timeout=60)
        body = json.dumps({"n": "pageview", "u": "https://midnight.example/", "k": key})
        connection.request("POST", "/api/event", body, {
            "User-Agent": AGENT, "X-Forwarded-For": address, "X-Debug-Request": "true"})
        answer = json.loads(connection.getresponse().read())
        assert answer["dropped"] is None, answer
        return answer["visitor"]


def zones_of_the_next_hour():
    """Zones whose midnight is the next full hour of UTC, one where that is noon, and when that hour begins."""
    now = datetime.datetime.now(datetime.timezone.utc)
    hour = now.replace(minute=0, second=0, microsecond=0) + datetime.timedelta(hours=1)
    ahead = (24 - hour.hour) % 24
    return [zone(offset) for offset in (ahead, ahead - 24) if -12 <= offset <= 14], zone(ahead - 12), hour


def zone(offset):
    """The name of the zone so many hours ahead of UTC: Etc/GMT-3 is three hours ahead."""
    return f"Etc/GMT{-offset:+d}" if offset else "UTC"


def test_a_visitor_is_the_same_on_every_collector_until_midnight_and_nobody_afterwards():
    midnights, elsewhere, hour = zones_of_the_next_hour()
    with Fleet() as fleet:
        seconds = (hour - datetime.datetime.now(datetime.timezone.utc)).total_seconds()

        def set_clocks(before_midnight):
            """All clocks so that midnight is so many seconds away, one two seconds early, one two late."""
            left = (hour - datetime.datetime.now(datetime.timezone.utc)).total_seconds() - before_midnight
            for name, skew in (("first", 2), ("second", -2), ("worker", 0)):
                fleet.clocks[name].set(left + skew)

        assert seconds > 0
        set_clocks(300)
        fleet.run("migrate")
        keys = {}
        for zone in [*midnights, elsewhere]:
            site = f"{zone.lower().replace('/', '-').replace('+', 'west')}.midnight.example"
            keys[zone] = json.loads(
                fleet.run("admin", "bootstrap", "--email", "a@midnight.example", "--site", site, "--time-zone", zone)
            )["tracking_key"]
            fleet.sql(f"UPDATE sites SET hostnames = '{{*}}' WHERE domain = '{site}'")
        for name in ("worker", "first", "second"):
            fleet.start(name)
        evening = {zone: fleet.visitor("first", key) for zone, key in keys.items()}
        assert evening == {zone: fleet.visitor("second", key) for zone, key in keys.items()}
        assert len(set(evening.values())) == len(keys), "the site is part of the hash"
        salts = {
            zone: bytes.fromhex(salt)
            for zone, salt in (row.split("|") for row in fleet.sql(
                f"SELECT DISTINCT ON (zone) zone, encode(salt, 'hex') FROM salts ORDER BY zone, day"))}

        # Over midnight PostgreSQL is away; in good order, since a crash empties the unlogged table.
        fleet.postgres.stop("fast")
        seen = {("first", zone): [] for zone in keys} | {("second", zone): [] for zone in keys}

        def look():
            for (name, zone), visitors in seen.items():
                visitor = fleet.visitor(name, keys[zone])
                if not visitors or visitors[-1] != visitor:
                    visitors.append(visitor)
            return all(len(visitors) > 1 for (_, zone), visitors in seen.items() if zone in midnights)

        look()
        set_clocks(8)
        wait_for(look, 120, "that midnight is over on both")
        # Once is enough: for a few seconds more nothing changes.
        deadline = time.monotonic() + 4
        while time.monotonic() < deadline:
            look()
        for zone in midnights:
            assert len(seen["first", zone]) == 2, "changes once"
            assert seen["first", zone] == seen["second", zone], "to the same"
            assert seen["first", zone][0] == evening[zone]
        assert seen["first", elsewhere] == seen["second", elsewhere] == [evening[elsewhere]]
        morning = {zone: visitors[-1] for (name, zone), visitors in seen.items() if name == "first"}

        # An hour and a bit later the old salts are gone, from the table and from its file.
        fleet.postgres.start()
        fleet.sql("CHECKPOINT")
        assert any(salts[midnights[0]] in content for content in contents(fleet)), "the positive control"
        set_clocks(-3_700)
        fleet.stop("worker")
        fleet.start("worker")
        wait_for(
            lambda: not fleet.sql(f"SELECT 1 FROM salts WHERE encode(salt, 'hex') = '{salts[midnights[0]].hex()}'"), 60,
            "that the salt is gone")
        fleet.sql("CHECKPOINT")
        for zone in midnights:
            assert not any(salts[zone] in content for content in contents(fleet)), "the old salt is still in a file"
        for zone, key in keys.items():
            assert fleet.visitor("first", key) == fleet.visitor("second", key) == morning[zone]


def contents(fleet):
    for path in (fleet.postgres.folder / "data").rglob("*"):
        if path.is_file():
            try:
                yield path.read_bytes()
            except FileNotFoundError:
                pass
