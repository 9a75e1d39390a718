-- Sealed history, and what is added up from it. A row of site_days is a part of a day of a site: parts of a day have no
-- visitor in common, and add. What is in it is written by the program alone (docs/architecture.md).
CREATE SEQUENCE site_days_version;

CREATE TABLE site_days (
    account_id bigint NOT NULL,
    site_id uuid NOT NULL,
    day date NOT NULL,
    part smallint NOT NULL CHECK (part >= 0),
    -- The seal itself, what came for the day after its raw events were gone, or an import.
    origin text NOT NULL CHECK (origin IN ('seal', 'late', 'import')),
    import_id bigint,
    format smallint NOT NULL,
    -- Another with each writing: what a cache knows the row by.
    version bigint NOT NULL DEFAULT nextval('site_days_version'),
    visitors integer NOT NULL CHECK (visitors >= 0),
    visits integer NOT NULL CHECK (visits >= 0),
    page_views integer NOT NULL CHECK (page_views >= 0),
    events integer NOT NULL CHECK (events >= 0),
    -- Some of its visitors may be in another part too.
    inexact boolean NOT NULL DEFAULT false,
    checksum bytea NOT NULL,
    summary bytea NOT NULL,
    core bytea NOT NULL,
    detail bytea NOT NULL,
    properties bytea NOT NULL,
    sealed_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, site_id, day, part),
    CHECK ((origin = 'import') = (import_id IS NOT NULL))
) PARTITION BY HASH (account_id);

CREATE TABLE daily_site_metrics (
    account_id bigint NOT NULL,
    site_id uuid NOT NULL,
    date date NOT NULL,
    page_views bigint NOT NULL,
    unique_visitors bigint NOT NULL,
    visits bigint NOT NULL,
    bounces bigint NOT NULL,
    visit_seconds bigint NOT NULL,
    events bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, site_id, date)
) PARTITION BY HASH (account_id);

-- The 500 pages that were viewed most, and all others in one row (is_rest, path ''), where a visitor or a visit counts
-- once for each of its pages.
CREATE TABLE daily_page_metrics (
    account_id bigint NOT NULL,
    site_id uuid NOT NULL,
    date date NOT NULL,
    path text NOT NULL,
    is_rest boolean NOT NULL DEFAULT false,
    page_views bigint NOT NULL,
    unique_visitors bigint NOT NULL,
    visits bigint NOT NULL,
    PRIMARY KEY (account_id, site_id, date, path, is_rest),
    CHECK (NOT is_rest OR path = '')
) PARTITION BY HASH (account_id);

-- How far each day of a site is on its way from raw events to site_days. The loader makes the row with the first event.
CREATE TABLE aggregation_state (
    account_id bigint NOT NULL,
    site_id uuid NOT NULL,
    day date NOT NULL,
    -- Quarantined: it should have been sealed long ago and could not be.
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'sealed', 'quarantined')),
    -- The last sequence of each stream that was folded: {"stream": sequence}. Of an open day: that today's row of
    -- daily_site_metrics was counted from.
    vector jsonb NOT NULL DEFAULT '{}',
    format smallint,
    sealed_at timestamptz,
    -- Engagements without a visit; they are in the ledger of drops too.
    dropped bigint NOT NULL DEFAULT 0,
    attempts integer NOT NULL DEFAULT 0,
    retry_at timestamptz,
    last_error text NOT NULL DEFAULT '',
    PRIMARY KEY (account_id, site_id, day),
    CHECK (state <> 'sealed' OR sealed_at IS NOT NULL AND format IS NOT NULL)
) PARTITION BY HASH (account_id);

DO $$
DECLARE
    parent text;
BEGIN
    FOREACH parent IN ARRAY ARRAY['site_days', 'daily_site_metrics', 'daily_page_metrics', 'aggregation_state'] LOOP
        PERFORM protect_tenant_table(parent::regclass);
        FOR remainder IN 0..31 LOOP
            EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES WITH (MODULUS 32, REMAINDER %s)',
                parent || '_' || remainder, parent, remainder);
            PERFORM protect_tenant_table((parent || '_' || remainder)::regclass);
        END LOOP;
    END LOOP;
    -- What is compressed already is neither compressed again nor sampled for statistics.
    FOREACH parent IN ARRAY ARRAY['summary', 'core', 'detail', 'properties'] LOOP
        EXECUTE format('ALTER TABLE site_days ALTER COLUMN %I SET STORAGE EXTERNAL', parent);
        FOR remainder IN 0..31 LOOP
            EXECUTE format('ALTER TABLE %I ALTER COLUMN %I SET STORAGE EXTERNAL, ALTER COLUMN %I SET STATISTICS 0',
                'site_days_' || remainder, parent, parent);
        END LOOP;
    END LOOP;
END
$$;
-- Who looks for parts of an older format finds none, nearly always.
CREATE INDEX site_days_format ON site_days (format);
CREATE INDEX aggregation_state_day ON aggregation_state (day, state);

-- Days whose stored parts and roll-ups do not agree when they are counted again.
CREATE TABLE scrub_findings (
    account_id bigint NOT NULL,
    site_id uuid NOT NULL,
    day date NOT NULL,
    found_at timestamptz NOT NULL,
    finding text NOT NULL CHECK (finding <> ''),
    PRIMARY KEY (account_id, site_id, day)
);
SELECT protect_tenant_table('scrub_findings');

-- Raw events of an open day as they were read last, so that nobody has to read all of them again. Never logged.
CREATE UNLOGGED TABLE open_blocks (
    account_id bigint NOT NULL,
    site_id uuid NOT NULL,
    day date NOT NULL,
    version bigint NOT NULL DEFAULT nextval('site_days_version'),
    vector jsonb NOT NULL,
    raw bytea NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, site_id, day)
);
SELECT protect_tenant_table('open_blocks');
-- It holds hashes: ANALYZE would copy samples of them into a table that stays.
ALTER TABLE open_blocks ALTER COLUMN raw SET STORAGE EXTERNAL, ALTER COLUMN raw SET STATISTICS 0;

-- Days of events that take no more, because all that was raw of them is sealed. What still comes is late.
CREATE TABLE closed_days (
    day date PRIMARY KEY,
    closed_at timestamptz NOT NULL DEFAULT now()
);

-- The same for hashes in raw events. Of the parents too: statistics of a whole table outlive its partitions.
ALTER TABLE events ALTER COLUMN visitor SET STATISTICS 0;
ALTER TABLE late_events ALTER COLUMN visitor SET STATISTICS 0;

-- As before, but a closed day is not made again.
CREATE OR REPLACE FUNCTION make_event_partitions(for_day date) RETURNS boolean
    LANGUAGE plpgsql AS $$
DECLARE
    day_table text := 'events_' || to_char(for_day, 'YYYYMMDD');
    leaf text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('make_event_partitions'));
    IF to_regclass(day_table) IS NOT NULL OR EXISTS (SELECT FROM closed_days WHERE day = for_day) THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE events INCLUDING ALL) PARTITION BY HASH (account_id)', day_table);
    PERFORM protect_tenant_table(day_table::regclass);
    FOR remainder IN 0..15 LOOP
        leaf := day_table || '_' || remainder;
        EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES WITH (MODULUS 16, REMAINDER %s)',
            leaf, day_table, remainder);
        PERFORM protect_tenant_table(leaf::regclass);
    END LOOP;
    EXECUTE format('ALTER TABLE %I ALTER COLUMN visitor SET STATISTICS 0', day_table);
    EXECUTE format('ALTER TABLE events ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        day_table, for_day, for_day + 1);
    RETURN true;
END
$$;

-- What was read from files into parts of past days. The same file again replaces its parts.
CREATE TABLE imports (
    account_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    site_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind <> '' AND length(kind) <= 50),
    name text NOT NULL DEFAULT '' CHECK (length(name) <= 1000),
    digest bytea NOT NULL,
    from_time timestamptz NOT NULL,
    to_time timestamptz NOT NULL,
    from_day date NOT NULL,
    to_day date NOT NULL CHECK (to_day >= from_day),
    events bigint NOT NULL DEFAULT 0 CHECK (events >= 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, site_id, kind, digest),
    FOREIGN KEY (account_id, site_id) REFERENCES sites (account_id, id) ON DELETE CASCADE ON UPDATE CASCADE
);
SELECT protect_tenant_table('imports');

ALTER TABLE sites
    -- Days of statistics that are kept; NULL is all.
    ADD COLUMN retention_days integer CHECK (retention_days BETWEEN 1 AND 36500),
    -- What was received before is not of these statistics: they were begun anew.
    ADD COLUMN statistics_from timestamptz NOT NULL DEFAULT '-infinity';

-- Numbers of no tenant: how far streams are, so that the web reads what is new.
GRANT SELECT ON ingest_positions TO mochi_app;
GRANT SELECT ON site_days, daily_site_metrics, daily_page_metrics, aggregation_state, open_blocks, imports TO mochi_app;
GRANT SELECT, INSERT, UPDATE, DELETE
    ON site_days, daily_site_metrics, daily_page_metrics, aggregation_state, scrub_findings, open_blocks, imports
    TO mochi_system;
GRANT USAGE ON SEQUENCE site_days_version TO mochi_system;
GRANT SELECT ON closed_days TO mochi_system;
GRANT DELETE ON events, late_events, drops TO mochi_system;
