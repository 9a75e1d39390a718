"""`mochi up --demo`, which `./run --demo` starts, and `mochi seed-demo`."""

import re
import subprocess

import pytest
from instance import PROGRAM, Instance, wait_for

SITES = {"inkwell.example", "fieldnotes.example", "quire.example"}


class Demo(Instance):
    """It makes its traffic before it starts anything: that takes its time in a debug build."""

    def start(self):
        self.process = subprocess.Popen(
            [PROGRAM, "up", "--demo"], env=self.environment, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)
        try:
            wait_for(lambda: self.pid("app") or self.process.poll() is not None, 240, "the start of app")
            assert self.process.poll() is None, "mochi up has ended"
            self.wait_until_ready(60)
        except BaseException:
            print(self.said())
            self.stop()
            raise

    def written(self):
        return self.sql("SELECT site_id, day, part, version, encode(checksum, 'hex') FROM site_days ORDER BY 1, 2, 3")


@pytest.fixture(scope="module")
def demo():
    with Demo() as running:
        yield running


def test_there_are_three_sites_of_different_sizes(demo):
    rows = demo.sql(
        """SELECT s.domain, sum(m.events), count(*) FROM sites s JOIN daily_site_metrics m ON m.site_id = s.id
        WHERE m.date < current_date - 1 GROUP BY 1 ORDER BY 2 DESC""")
    assert {row[0] for row in rows} == SITES
    sizes = [int(row[1]) for row in rows]
    assert sizes[0] > 2 * sizes[1] > 4 * sizes[2] > 0
    assert all(int(row[2]) >= 87 for row in rows)
    assert demo.sql("SELECT count(*) FROM accounts") == [["1"]]


def test_a_second_start_makes_nothing_and_the_password_is_told_once(demo):
    wait_for(lambda: "Mochi is up" in demo.said(), 60, "its announcement")
    assert re.search(r"demo@example\.com, password \S{20,}", demo.said())
    before = demo.written()
    assert len(before) >= 3 * 87
    demo.stop()
    (demo.data / "log").write_bytes(b"")
    demo.log.seek(0)
    demo.start()
    assert demo.written() == before
    wait_for(lambda: "Mochi is up" in demo.said(), 60, "its announcement")
    assert "password as it was printed at the first start" in demo.said()
    assert demo.sql("SELECT count(*) FROM api_keys") == [["3"]]


def test_a_seed_makes_the_same_bytes_and_leaves_alone_what_is_there(demo):
    demo.site("seeded.example", "Asia/Kolkata")
    arguments = ["seed-demo", "--site", "seeded.example", "--days", "21", "--events", "5000", "--until", "2026-10-31"]

    def sums():
        return demo.sql(
            """SELECT day, part, encode(checksum, 'hex') FROM site_days d JOIN sites s ON s.id = d.site_id
            WHERE s.domain = 'seeded.example' ORDER BY 1, 2""")

    report = demo.run(*arguments)
    assert (report["events"], report["from"], report["to"]) == (5000, "2026-10-11", "2026-10-31")
    first = sums()
    assert len(first) == 21
    refused = subprocess.run(
        [PROGRAM, *arguments], env=demo.environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert refused.returncode == 1 and "--replace" in refused.stderr and refused.stdout == ""
    demo.run(*arguments, "--replace")
    assert sums() == first
    demo.run(*arguments, "--replace", "--seed", "2")
    assert sums() != first
