"""ClickHouse, embedded in this process, with the tables as its makers advise: sorted by site and day, texts with few
values as LowCardinality, no column nullable, parts merged."""

import statistics
import time

from chdb import session

import panels

KINDS = {
    "site": "LowCardinality(String)", "day": "Date", "visitor": "UInt64", "visit": "UInt64", "bounced": "UInt8",
    "duration": "UInt32", "time": "DateTime", "is_view": "UInt8", "views": "UInt32",
}


class ClickHouse:
    def __init__(self, directory, exported):
        self.session = session.Session(str(directory))
        self.run("SET max_threads = 2")
        for table, columns in (("events", panels.EVENTS), ("visits", panels.VISITS)):
            fields = ", ".join(f"{c} {KINDS.get(c, 'LowCardinality(String)')}" for c in columns)
            plain = ", ".join(f"{c} {KINDS.get(c, 'String').replace('LowCardinality(String)', 'String')}" for c in columns)
            self.run(f"CREATE TABLE {table} ({fields}) ENGINE = MergeTree ORDER BY (site, day, visit)")
            self.run(f"INSERT INTO {table} SELECT * FROM file('{exported}/{table}.tsv', 'TSV', '{plain}')")
            self.run(f"OPTIMIZE TABLE {table} FINAL")

    def run(self, query):
        return self.session.query(query, "TabSeparated").bytes().decode()

    def forget(self):
        """Nothing of the tables in its own caches. What the system caches of files stays, as it does for the others."""
        for cache in ("MARK", "UNCOMPRESSED", "QUERY CONDITION", "PRIMARY INDEX"):
            try:
                self.run(f"SYSTEM DROP {cache} CACHE")
            except Exception:
                # This version has none of that name.
                continue

    def answers(self, question):
        return {
            name: [line.split("\t") for line in self.run(query).splitlines()]
            for name, query in question.separate().items()
        }

    def time(self, queries):
        """Milliseconds for all of them, one after the other."""
        start = time.perf_counter()
        for query in queries:
            self.run(query)
        return (time.perf_counter() - start) * 1000

    def best(self, site, first, last, filters):
        """Milliseconds, warm and cold, of its quickest way: exact or estimated numbers of visitors, one scan or fifteen
        queries; and which that is."""
        ways = {}
        for counting, distinct in (("exact", "uniqExact({})"), ("estimated", "uniq({})")):
            question = panels.Question(site, first, last, filters, distinct)
            for name, queries in (("one scan", question.at_once()), ("fifteen queries", question.separate())):
                self.time(queries.values())
                ways[f"{counting}, {name}"] = queries.values()
        warm = {way: statistics.median(self.time(queries) for _ in range(3)) for way, queries in ways.items()}
        way = min(warm, key=warm.get)
        cold = []
        for _ in range(3):
            self.forget()
            cold.append(self.time(ways[way]))
        return warm[way], statistics.median(cold), way
