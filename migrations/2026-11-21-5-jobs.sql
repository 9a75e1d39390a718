-- Work that outlives a request. Taken with FOR UPDATE SKIP LOCKED; a worker that dies loses its lock in time.
CREATE TABLE jobs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id bigint REFERENCES accounts ON DELETE CASCADE,
    kind text NOT NULL,
    arguments jsonb NOT NULL DEFAULT '{}',
    state text NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'running', 'done', 'dead', 'cancelled')),
    run_at timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0,
    max_attempts integer NOT NULL DEFAULT 10 CHECK (max_attempts > 0),
    locked_until timestamptz,
    -- At most one job of a key is waiting or running.
    unique_key text,
    last_error text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    CHECK ((state = 'running') = (locked_until IS NOT NULL)),
    CHECK ((state IN ('done', 'dead', 'cancelled')) = (finished_at IS NOT NULL))
);
CREATE INDEX jobs_due ON jobs (run_at, id) WHERE state IN ('ready', 'running');
CREATE UNIQUE INDEX jobs_unique_key ON jobs (unique_key) WHERE state IN ('ready', 'running');
CREATE INDEX jobs_account ON jobs (account_id);
SELECT protect_tenant_table('jobs');

GRANT SELECT, INSERT ON jobs TO mochi_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON jobs TO mochi_system;
