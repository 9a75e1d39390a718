"""The dashboard's fifteen questions as SQL over two tables, `events` and `visits`, each row with all that is known of
its visit, so that nothing has to be joined: the layout that is quickest to ask.

Without a filter on pages all but one panel are asked of `visits`, which has a quarter of the rows.
"""

VISIT_COLUMNS = [
    "channel", "source", "referrer", "utm_campaign", "country", "region", "city", "browser", "os", "device",
]
COMMON = ["site", "day", "visitor", "visit", "bounced", "duration", "entry_page", "exit_page"] + VISIT_COLUMNS
VISITS = COMMON + ["views"]
EVENTS = COMMON + ["time", "name", "page", "is_view"]
RANKED = [
    "channel", "source", "referrer", "utm_campaign", "entry_page", "exit_page", "country", "region", "city",
    "browser", "os", "device",
]
# Rows without a value do not show.
HIDES_EMPTY = {"utm_campaign", "region", "city", "entry_page", "exit_page"}


class Question:
    def __init__(self, site, first, last, filters, distinct):
        self.table = "events" if filters == 2 else "visits"
        self.range = f"site = '{site}' AND day BETWEEN '{first}' AND '{last}'"
        self.where = self.range + "".join([" AND country = 'DE'", " AND page LIKE '%/blog%'"][:filters])
        self.distinct = distinct

    def visitors(self, column="visitor"):
        return self.distinct.format(column)

    def headline(self):
        if self.table == "visits":
            return (
                f"SELECT {self.visitors()}, count(*), sum(views), 100.0 * sum(bounced) / count(*), "
                f"1.0 * sum(duration) / count(*) FROM visits WHERE {self.where}")
        return (
            f"SELECT {self.visitors()}, count(*), sum(views), 100.0 * sum(bounced) / count(*), "
            "1.0 * sum(duration) / count(*) FROM (SELECT visit, min(visitor) AS visitor, min(bounced) AS bounced, "
            f"min(duration) AS duration, sum(is_view) AS views FROM events WHERE {self.where} GROUP BY visit) AS v")

    def days(self):
        views = "views" if self.table == "visits" else "is_view"
        return (
            f"SELECT day, {self.visitors()}, sum({views}) FROM {self.table} WHERE {self.where} "
            "GROUP BY day ORDER BY day")

    def pages(self):
        return (
            f"SELECT page, {self.visitors()} AS n, sum(is_view) FROM events WHERE {self.where} AND is_view = 1 "
            "GROUP BY page ORDER BY n DESC, page LIMIT 10")

    def ranking(self, column):
        empty = f" AND {column} <> ''" if column in HIDES_EMPTY else ""
        return (
            f"SELECT {column}, {self.visitors()} AS n FROM {self.table} WHERE {self.where}{empty} "
            f"GROUP BY {column} ORDER BY n DESC, {column} LIMIT 10")

    def separate(self):
        """By panel."""
        return {
            "headline": self.headline(), "day": self.days(), "page": self.pages(),
            **{column: self.ranking(column) for column in RANKED},
        }

    def at_once(self):
        """One scan for all that one scan can answer; the rest separately."""
        columns = ", ".join(RANKED)
        sets = ", ".join(f"({column})" for column in RANKED)
        scan = (
            f"SELECT {columns}, day, {self.visitors()} AS n FROM {self.table} WHERE {self.where} "
            f"GROUP BY GROUPING SETS ({sets}, (day)) ORDER BY n DESC LIMIT 90 BY grouping({columns}, day)")
        return {"headline": self.headline(), "page": self.pages(), "scan": scan}
