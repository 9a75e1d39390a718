"""SQL on PostgreSQL: the same two tables, an index on site and day, analyzed, two workers."""

import subprocess
import time

import panels

KINDS = {
    "day": "date", "visitor": "bigint", "visit": "bigint", "bounced": "smallint", "duration": "integer",
    "time": "bigint", "is_view": "smallint", "views": "integer",
}
SETTINGS = "SET work_mem = '256MB'; SET max_parallel_workers_per_gather = 2; SET jit = off;"


class PostgreSQL:
    def __init__(self, url, exported):
        self.url = url
        self.run("CREATE SCHEMA peer")
        for table, columns in (("events", panels.EVENTS), ("visits", panels.VISITS)):
            fields = ", ".join(f"{c} {KINDS.get(c, 'text')}" for c in columns)
            self.run(f"CREATE UNLOGGED TABLE peer.{table} ({fields})")
            self.run(f"\\copy peer.{table} FROM '{exported}/{table}.tsv'")
            self.run(f"CREATE INDEX ON peer.{table} (site, day)")
            self.run(f"VACUUM ANALYZE peer.{table}")

    def run(self, *queries):
        commands = [word for query in queries for word in ("--command", query)]
        done = subprocess.run(
            ["psql", self.url, "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--field-separator=\t",
             "--set=ON_ERROR_STOP=1", *commands],
            check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        return done.stdout

    def time(self, site, first, last, filters):
        """Milliseconds for the fifteen queries over one connection."""
        question = panels.Question(site, first, last, filters, "count(DISTINCT {})")
        prepared = [SETTINGS, "SET search_path = peer"]
        start = time.perf_counter()
        self.run(*prepared)
        connecting = time.perf_counter() - start
        start = time.perf_counter()
        self.run(*prepared, *question.separate().values())
        return (time.perf_counter() - start - connecting) * 1000
