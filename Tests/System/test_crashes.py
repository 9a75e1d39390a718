"""What is acknowledged is never lost and never counted twice, whatever is killed."""

import http.client
import json
import os
import random
import threading
import time

import pytest

from instance import AGENT, Instance, PostgresServer, wait_for

LONG = bool(os.environ.get("MOCHI_TEST_LONG"))


class Journal(threading.Thread):
    """Sends events with ids of their own, and notes which were sent and which acknowledged."""

    def __init__(self, instance, key, name):
        super().__init__(daemon=True)
        self.instance, self.key, self.label = instance, key, name
        self.sent, self.acknowledged, self.refused = set(), set(), 0
        self.ends = threading.Event()

    def run(self):
        number, connection = 0, None
        while not self.ends.is_set():
            event = f"{self.label}-{number}"
            number += 1
            body = json.dumps({"n": "pageview", "u": f"https://crash.example/{event}", "k": self.key, "id": event})
            headers = {
                "Content-Type": "text/plain", "User-Agent": AGENT,
                "X-Forwarded-For": f"198.51.{random.randrange(256)}.{random.randrange(256)}"}
            self.sent.add(event)
            try:
                connection = connection or http.client.HTTPConnection("127.0.0.1", self.instance.ingest, timeout=10)
                connection.request("POST", "/api/event", body, headers)
                answer = connection.getresponse()
                answer.read()
                if answer.status == 202 and not answer.getheader("x-mochi-dropped"):
                    self.acknowledged.add(event)
                else:
                    self.refused += 1
            except (OSError, http.client.HTTPException):
                connection = None
                # The collector is down; a tight loop would only heat the room.
                self.ends.wait(0.01)


def stored(instance):
    return [row[0].removeprefix("/") for row in instance.sql("SELECT pathname FROM events WHERE hostname = 'crash.example'")]


def check(instance, journals):
    for journal in journals:
        journal.ends.set()
    for journal in journals:
        journal.join()
    instance.wait_until_ready(90)
    sent = set().union(*(journal.sent for journal in journals))
    acknowledged = set().union(*(journal.acknowledged for journal in journals))
    assert acknowledged, "nothing was acknowledged at all"
    wait_for(lambda: acknowledged <= set(stored(instance)), 60, "that all that was acknowledged is stored")
    rows = stored(instance)
    assert set(rows) <= sent
    assert len(rows) == len(set(rows)), "an event is there twice"
    return acknowledged


def under_load(instance, count=4):
    key = instance.site("crash.example")["tracking_key"]
    wait_for(lambda: instance.knows(key), what="that the collector knows the site")
    journals = [Journal(instance, key, f"{name}") for name in range(count)]
    for journal in journals:
        journal.start()
    wait_for(lambda: all(len(journal.acknowledged) > 20 for journal in journals), 60, "that events are accepted")
    return journals


@pytest.mark.parametrize("victims", [["ingest"], ["worker"], ["app"], ["postgres"], ["ingest", "postgres"]], ids="+".join)
def test_a_killed_process_comes_back_and_nothing_acknowledged_is_missing(victims):
    with Instance() as instance:
        journals = under_load(instance)
        for victim in victims:
            before = instance.pid(victim)
            instance.kill(victim)
            wait_for(lambda: instance.pid(victim) not in (None, before), 60, f"that {victim} is restarted")
        instance.wait_until_ready(90)
        counts = [len(journal.acknowledged) for journal in journals]
        wait_for(
            lambda: all(len(journal.acknowledged) > count + 20 for journal, count in zip(journals, counts)), 60,
            "that events are accepted again")
        check(instance, journals)


def test_kills_at_random_moments():
    rounds = 100 if LONG else 6
    generator = random.Random(int(os.environ.get("MOCHI_TEST_SEED", "1")))
    with Instance() as instance:
        journals = under_load(instance)
        for _ in range(rounds):
            time.sleep(generator.uniform(0, 1.5))
            for victim in generator.choice([["ingest"], ["postgres"], ["ingest", "postgres"], ["worker"]]):
                if instance.pid(victim):
                    instance.kill(victim)
        check(instance, journals)


def test_the_collector_goes_on_without_postgresql_and_the_app_says_what_is_wrong():
    with PostgresServer() as postgres, Instance(DATABASE_URL=postgres.url) as instance:
        journals = under_load(instance, 2)
        postgres.stop()
        began = time.monotonic()
        refused = [journal.refused for journal in journals]
        counts = [len(journal.acknowledged) for journal in journals]
        connection = http.client.HTTPConnection("127.0.0.1", instance.app, timeout=60)
        connection.request("GET", "/sites", headers={"Cookie": "mochi=" + "A" * 43, "Accept": "text/html"})
        answer = connection.getresponse()
        page = answer.read().decode()
        assert answer.status == 503 and "<html" in page and "database" in page.lower(), page[:500]
        wait_for(lambda: time.monotonic() - began > (60 if LONG else 8), 90, "the end of the outage")
        wait_for(
            lambda: all(len(journal.acknowledged) > count + 50 for journal, count in zip(journals, counts)), 60,
            "that events are accepted")
        assert [journal.refused for journal in journals] == refused, "events were refused while PostgreSQL was away"
        postgres.start()
        check(instance, journals)


def test_up_killed_itself_leaves_nothing_behind_that_hinders_the_next():
    with Instance() as instance:
        journals = under_load(instance, 2)
        instance.process.kill()
        instance.process.wait()
        instance.start()
        check(instance, journals)
