-- Sites, the keys in their snippets, their days' time zones, and what their owners keep out.
CREATE TABLE sites (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    domain text NOT NULL UNIQUE CHECK (domain = lower(domain) AND domain <> '' AND length(domain) <= 253),
    name text NOT NULL CHECK (name <> '' AND length(name) <= 200),
    -- Hostnames that may send, besides the domain and its sub-domains; none lets any.
    hostnames text[] NOT NULL DEFAULT '{}',
    -- A page view without an id that repeats within so many seconds is a duplicate.
    duplicate_window smallint NOT NULL DEFAULT 10 CHECK (duplicate_window BETWEEN 0 AND 60),
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (account_id, id)
);
SELECT protect_tenant_table('sites');

CREATE TABLE tracking_keys (
    key text PRIMARY KEY CHECK (key ~ '^[a-z0-9]{8,32}$'),
    account_id bigint NOT NULL,
    site_id uuid NOT NULL,
    name text NOT NULL DEFAULT '' CHECK (length(name) <= 200),
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz,
    FOREIGN KEY (account_id, site_id) REFERENCES sites (account_id, id) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX tracking_keys_site ON tracking_keys (account_id, site_id);
SELECT protect_tenant_table('tracking_keys');

-- The zone of a site's days from from_day on. A site has at least one row.
CREATE TABLE site_zones (
    account_id bigint NOT NULL,
    site_id uuid NOT NULL,
    from_day date NOT NULL,
    zone text NOT NULL CHECK (zone <> '' AND length(zone) <= 64),
    PRIMARY KEY (account_id, site_id, from_day),
    FOREIGN KEY (account_id, site_id) REFERENCES sites (account_id, id) ON DELETE CASCADE ON UPDATE CASCADE
);
SELECT protect_tenant_table('site_zones');

CREATE TABLE exclusions (
    account_id bigint NOT NULL,
    site_id uuid NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL CHECK (kind IN ('address', 'country', 'page', 'hostname')),
    value text NOT NULL CHECK (value <> '' AND length(value) <= 2000),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, site_id, kind, value),
    FOREIGN KEY (account_id, site_id) REFERENCES sites (account_id, id) ON DELETE CASCADE ON UPDATE CASCADE
);
SELECT protect_tenant_table('exclusions');

-- key_hash is SHA-256 of 256 random bits that were shown once; prefix is what lists show.
CREATE TABLE api_keys (
    account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    id bigint GENERATED ALWAYS AS IDENTITY,
    user_id bigint REFERENCES users ON DELETE CASCADE,
    name text NOT NULL CHECK (name <> '' AND length(name) <= 200),
    prefix text NOT NULL,
    key_hash bytea NOT NULL UNIQUE CHECK (length(key_hash) = 32),
    scopes text[] NOT NULL CHECK (scopes <@ ARRAY['stats:read', 'sites:read', 'sites:write', 'events:write']),
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    revoked_at timestamptz,
    PRIMARY KEY (account_id, id)
);
CREATE INDEX api_keys_user ON api_keys (user_id);
SELECT protect_tenant_table('api_keys');

-- Whatever the collectors' directory shows of a site tells them to read it again.
CREATE FUNCTION notify_site_changed() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('site_changed', CASE TG_OP
        WHEN 'DELETE' THEN (to_jsonb(OLD) ->> TG_ARGV[0])
        ELSE (to_jsonb(NEW) ->> TG_ARGV[0]) END);
    RETURN NULL;
END
$$;
CREATE TRIGGER site_changed AFTER INSERT OR UPDATE OR DELETE ON sites
    FOR EACH ROW EXECUTE FUNCTION notify_site_changed('id');
CREATE TRIGGER site_changed AFTER INSERT OR UPDATE OR DELETE ON tracking_keys
    FOR EACH ROW EXECUTE FUNCTION notify_site_changed('site_id');
CREATE TRIGGER site_changed AFTER INSERT OR UPDATE OR DELETE ON site_zones
    FOR EACH ROW EXECUTE FUNCTION notify_site_changed('site_id');
CREATE TRIGGER site_changed AFTER INSERT OR UPDATE OR DELETE ON exclusions
    FOR EACH ROW EXECUTE FUNCTION notify_site_changed('site_id');

GRANT SELECT, INSERT, UPDATE, DELETE ON sites, tracking_keys, site_zones, exclusions, api_keys TO mochi_app;
GRANT SELECT ON sites, tracking_keys, site_zones, exclusions, api_keys TO mochi_system;
GRANT UPDATE (last_used_at) ON api_keys TO mochi_system;
