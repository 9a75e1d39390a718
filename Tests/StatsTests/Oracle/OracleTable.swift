import Days
import FoundationEssentials
import Postgres
import Stats

/// The recorded events of a site in two tables of one connection's own: as they came, and those that count, each with
/// what is known of its visit. Time and place come from PostgreSQL's own reading of tzdata.
struct OracleTable {
    let connection: Connection
    let eras: [RecordedSite.Era]
    /// When the second era takes over: as soon as the first era's clock shows its day.
    let move: Date

    init(_ site: RecordedSite, limits: OracleLimits? = nil, on connection: Connection) throws {
        self.connection = connection
        eras = site.eras
        move =
            site.eras.count == 1
            ? .distantFuture
            : try connection.one(
                """
                SELECT min(at) FROM generate_series(
                    \(site.eras[1].from)::timestamp AT TIME ZONE 'UTC' - interval '3 days',
                    \(site.eras[1].from)::timestamp AT TIME ZONE 'UTC' + interval '3 days', interval '15 minutes') at
                WHERE (at AT TIME ZONE \(site.eras[0].zone)::text)::date >= \(site.eras[1].from)
                """)
        try createTables()
        try fill(site.events)
        try gather()
        if let limits { try apply(limits) }
    }

    private func createTables() throws {
        let texts = SQL.list(Column.allCases.map { "\($0.sql) text NOT NULL" })
        try connection.execute(
            """
            CREATE TEMPORARY TABLE IF NOT EXISTS recorded (at timestamptz NOT NULL, us bigint NOT NULL,
                visitor bigint NOT NULL, stream bigint NOT NULL, sequence bigint NOT NULL,
                interactive boolean NOT NULL, milliseconds integer NOT NULL, told_depth smallint, revenue bigint,
                properties jsonb NOT NULL, \(texts))
            """)
        try connection.execute(
            """
            CREATE TEMPORARY TABLE IF NOT EXISTS counted (nr bigint NOT NULL, visit bigint NOT NULL, day date NOT NULL,
                visitor bigint NOT NULL, local timestamp NOT NULL, second bigint NOT NULL, is_view boolean NOT NULL,
                is_exit boolean NOT NULL, engagement bigint NOT NULL, is_engaged boolean NOT NULL, depth smallint,
                revenue bigint, properties jsonb NOT NULL, duration bigint NOT NULL, bounced boolean NOT NULL,
                entry_page text NOT NULL, exit_page text NOT NULL, entry_hostname text NOT NULL,
                exit_hostname text NOT NULL, \(texts))
            """)
        try connection.execute("TRUNCATE recorded, counted")
    }

    private func fill(_ events: [RecordedEvent]) throws {
        try connection.copy(into: "recorded") { rows in
            for event in events {
                try rows.row(columns: 10 + Column.allCases.count)
                rows.write(microseconds: event.time)
                rows.write(event.time)
                rows.write(event.visitor)
                rows.write(event.stream)
                rows.write(event.sequence)
                rows.write(event.interactive)
                rows.write(event.milliseconds)
                if let depth = event.depth { rows.write(depth) } else { rows.writeNull() }
                if let revenue = event.revenue { rows.write(revenue) } else { rows.writeNull() }
                try JSONEncoder().encode(event.properties).withUnsafeBytes { rows.write(json: $0) }
                for column in Column.allCases { rows.write(event[column]) }
            }
        }
    }

    /// The clock that the site has at an instant shows this.
    func wall(_ at: SQL) -> SQL {
        guard eras.count > 1 else { return "(\(at) AT TIME ZONE \(eras[0].zone)::text)" }
        return """
            (CASE WHEN \(at) < \(move) THEN \(at) AT TIME ZONE \(eras[0].zone)::text
                ELSE \(at) AT TIME ZONE \(eras[1].zone)::text END)
            """
    }

    /// The site's day at an instant: days only follow each other, so the new clock's past days are the move's.
    func day(_ at: SQL) -> SQL {
        guard eras.count > 1 else { return "\(wall(at))::date" }
        return """
            (CASE WHEN \(at) < \(move) THEN \(wall(at))::date
                ELSE greatest(\(wall(at))::date, \(eras[1].from)) END)
            """
    }

    /// The local time within the site's day. What the clock shows outside of the day is its first, or last, second.
    func local(_ at: SQL) -> SQL {
        """
        greatest(\(day(at))::timestamp,
            least(\(wall(at)), \(day(at))::timestamp + interval '23:59:59.999999'))
        """
    }

    private func gather() throws {
        let ofEvent = SQL.list(Column.allCases.map { $0.isOfVisit ? "v.\($0.sql)" : "s.\($0.sql)" })
        let ofVisit = SQL.list(
            Column.allCases.filter(\.isOfVisit).map { "(array_agg(\($0.sql) ORDER BY nr))[1] AS \($0.sql)" })
        try connection.execute(
            """
            INSERT INTO counted
            WITH placed AS (
                SELECT DISTINCT ON (stream, sequence) *, \(day("at")) AS day, \(local("at")) AS local FROM recorded
                ORDER BY stream, sequence
            ), numbered AS (
                SELECT *, row_number() OVER (ORDER BY day, visitor, us, stream, sequence) AS nr FROM placed
            ), silences AS (
                SELECT *, us - lag(us) OVER (PARTITION BY day, visitor ORDER BY nr) AS silence FROM numbered
            ), chains AS (
                SELECT *, count(*) FILTER (WHERE silence IS NULL OR silence > 1800000000)
                    OVER (ORDER BY nr) AS visit
                FROM silences
            ), opened AS (
                SELECT *, bool_or(name <> 'engagement') OVER (PARTITION BY visit ORDER BY nr) AS is_open FROM chains
            ), signs AS MATERIALIZED (
                SELECT * FROM opened WHERE is_open
            ), visits AS (
                SELECT visit, (max(us) - min(us)) / 1000000 AS duration,
                    count(*) FILTER (WHERE name = 'pageview')
                        + count(*) FILTER (WHERE name NOT IN ('pageview', 'engagement') AND interactive) <= 1 AS bounced,
                    coalesce((array_agg(page ORDER BY nr) FILTER (WHERE name = 'pageview'))[1], '') AS entry_page,
                    coalesce((array_agg(page ORDER BY nr DESC) FILTER (WHERE name = 'pageview'))[1], '') AS exit_page,
                    coalesce((array_agg(hostname ORDER BY nr) FILTER (WHERE name = 'pageview'))[1], '')
                        AS entry_hostname,
                    coalesce((array_agg(hostname ORDER BY nr DESC) FILTER (WHERE name = 'pageview'))[1], '')
                        AS exit_hostname,
                    max(nr) FILTER (WHERE name = 'pageview') AS last_view, \(ofVisit)
                FROM signs GROUP BY visit
            ), told AS (
                SELECT CASE name WHEN 'pageview' THEN nr
                        WHEN 'engagement' THEN (SELECT max(p.nr) FROM signs p
                            WHERE p.visit = s.visit AND p.nr < s.nr AND p.name = 'pageview'
                                AND p.hostname = s.hostname AND p.page = s.page) END AS nr,
                    milliseconds, CASE WHEN told_depth > 100 THEN 100 ELSE told_depth END AS depth
                FROM signs s
            ), views AS (
                SELECT nr, coalesce(sum(milliseconds) FILTER (WHERE milliseconds > 0), 0) AS engagement,
                    bool_or(milliseconds > 0) AS is_engaged, max(depth) AS depth
                FROM told GROUP BY nr
            )
            SELECT s.nr, s.visit, s.day, s.visitor, s.local, div(s.us, 1000000), s.name = 'pageview',
                coalesce(s.nr = v.last_view, false), least(coalesce(w.engagement, 0), 4294967295),
                coalesce(w.is_engaged, false), w.depth, s.revenue, s.properties, v.duration, v.bounced, v.entry_page,
                v.exit_page, v.entry_hostname, v.exit_hostname, \(ofEvent)
            FROM signs s JOIN visits v USING (visit) LEFT JOIN views w USING (nr)
            WHERE s.name <> 'engagement'
            """)
    }
}
