-- What the collector writes: raw events of open days, how far each stream is loaded, what was refused and why.

-- An event has an identity before it reaches the database: (stream, sequence) of the spool that took it.
-- No column can hold an address or a user agent. visitor is a keyed hash under a salt that lives for a day.
CREATE TABLE events (
    day date NOT NULL,
    account_id bigint NOT NULL,
    stream bigint NOT NULL,
    sequence bigint NOT NULL,
    site_id uuid NOT NULL,
    received_at timestamptz NOT NULL,
    visitor bigint NOT NULL,
    name text NOT NULL,
    hostname text NOT NULL,
    pathname text NOT NULL,
    title text NOT NULL,
    referrer text NOT NULL,
    source text NOT NULL,
    channel text NOT NULL,
    utm_source text NOT NULL,
    utm_medium text NOT NULL,
    utm_campaign text NOT NULL,
    utm_content text NOT NULL,
    utm_term text NOT NULL,
    click_id_param text NOT NULL,
    country text NOT NULL,
    region text NOT NULL,
    city text NOT NULL,
    language text NOT NULL,
    browser text NOT NULL,
    browser_version text NOT NULL,
    os text NOT NULL,
    os_version text NOT NULL,
    device text NOT NULL,
    viewport text NOT NULL,
    interactive boolean NOT NULL,
    engagement_ms integer NOT NULL,
    scroll_depth smallint,
    -- Millionths of the currency's unit.
    revenue_amount bigint,
    revenue_currency text NOT NULL,
    props jsonb NOT NULL,
    PRIMARY KEY (day, account_id, stream, sequence)
) PARTITION BY RANGE (day);
SELECT protect_tenant_table('events');

-- What arrives for a day that has no partition (any more).
CREATE TABLE late_events (LIKE events INCLUDING DEFAULTS, PRIMARY KEY (account_id, day, stream, sequence))
    PARTITION BY HASH (account_id);
SELECT protect_tenant_table('late_events');
DO $$
BEGIN
    FOR remainder IN 0..15 LOOP
        EXECUTE format(
            'CREATE TABLE late_events_%s PARTITION OF late_events FOR VALUES WITH (MODULUS 16, REMAINDER %s)',
            remainder, remainder);
        PERFORM protect_tenant_table(format('late_events_%s', remainder)::regclass);
    END LOOP;
END
$$;

-- How far each stream of a collector's spool is in the database, and until when that collector has loaded
-- everything that it received.
CREATE TABLE ingest_positions (
    stream bigint PRIMARY KEY,
    collector uuid NOT NULL,
    sequence bigint NOT NULL,
    loaded_through timestamptz NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- A client's event ids of the last 24 hours, as 128 bits of SHA-256 over site and id.
CREATE TABLE ingestion_dedupe (
    hour timestamptz NOT NULL,
    event uuid NOT NULL,
    PRIMARY KEY (hour, event)
) PARTITION BY RANGE (hour);

CREATE TABLE drops (
    account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    site_id uuid NOT NULL,
    hour timestamptz NOT NULL,
    reason text NOT NULL,
    detail text NOT NULL,
    count bigint NOT NULL CHECK (count > 0),
    PRIMARY KEY (account_id, site_id, hour, reason, detail)
) PARTITION BY HASH (account_id);
SELECT protect_tenant_table('drops');
DO $$
BEGIN
    FOR remainder IN 0..15 LOOP
        EXECUTE format(
            'CREATE TABLE drops_%s PARTITION OF drops FOR VALUES WITH (MODULUS 16, REMAINDER %s)',
            remainder, remainder);
        PERFORM protect_tenant_table(format('drops_%s', remainder)::regclass);
    END LOOP;
END
$$;

-- UNLOGGED: a salt never reaches the WAL. Destroyed by rewriting the table, since DELETE leaves the bytes.
CREATE UNLOGGED TABLE salts (
    day date NOT NULL,
    zone text NOT NULL,
    salt bytea NOT NULL CHECK (length(salt) = 16),
    PRIMARY KEY (day, zone)
);

-- A day of events: made standalone, with policies, then attached; CREATE … PARTITION OF would stall behind
-- running loads. No grants: they are the parent's. True if the day was made, false if it was there.
CREATE FUNCTION make_event_partitions(for_day date) RETURNS boolean
    LANGUAGE plpgsql AS $$
DECLARE
    day_table text := 'events_' || to_char(for_day, 'YYYYMMDD');
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('make_event_partitions'));
    IF to_regclass(day_table) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE events INCLUDING ALL) PARTITION BY HASH (account_id)', day_table);
    PERFORM protect_tenant_table(day_table::regclass);
    FOR remainder IN 0..15 LOOP
        EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES WITH (MODULUS 16, REMAINDER %s)',
            day_table || '_' || remainder, day_table, remainder);
        PERFORM protect_tenant_table((day_table || '_' || remainder)::regclass);
    END LOOP;
    EXECUTE format('ALTER TABLE events ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        day_table, for_day, for_day + 1);
    RETURN true;
END
$$;

-- The same for an hour of client ids. for_hour is a whole hour.
CREATE FUNCTION make_dedupe_partition(for_hour timestamptz) RETURNS boolean
    LANGUAGE plpgsql AS $$
DECLARE
    hour_table text := 'ingestion_dedupe_' || to_char(for_hour AT TIME ZONE 'UTC', 'YYYYMMDDHH24');
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('make_dedupe_partition'));
    IF to_regclass(hour_table) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE ingestion_dedupe INCLUDING ALL)', hour_table);
    EXECUTE format('ALTER TABLE ingestion_dedupe ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        hour_table, for_hour, for_hour + interval '1 hour');
    RETURN true;
END
$$;
REVOKE EXECUTE ON FUNCTION make_event_partitions(date), make_dedupe_partition(timestamptz) FROM PUBLIC;

GRANT SELECT ON events, late_events, drops TO mochi_app;
GRANT SELECT, INSERT ON events, late_events, ingestion_dedupe TO mochi_system;
GRANT SELECT, INSERT, UPDATE ON ingest_positions, drops TO mochi_system;
GRANT SELECT, INSERT, DELETE, TRUNCATE ON salts TO mochi_system;
-- The loader's session makes the temporary table that it copies into.
DO $$
BEGIN
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO mochi_system', current_database());
END
$$;
