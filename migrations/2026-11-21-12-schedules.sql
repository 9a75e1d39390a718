-- When what recurs is due next. A worker takes a row that is due; if it is lost, another takes it in time.
CREATE TABLE schedules (
    name text PRIMARY KEY,
    next_run timestamptz NOT NULL,
    last_run timestamptz,
    last_error text NOT NULL DEFAULT ''
);
GRANT SELECT, INSERT, UPDATE, DELETE ON schedules TO mochi_system;

-- How far a job is, in words and numbers, and whether somebody wants it to stop.
ALTER TABLE jobs
    ADD COLUMN progress_done bigint NOT NULL DEFAULT 0,
    ADD COLUMN progress_total bigint NOT NULL DEFAULT 0,
    ADD COLUMN progress_text text NOT NULL DEFAULT '',
    ADD COLUMN cancel_requested boolean NOT NULL DEFAULT false;
GRANT UPDATE (cancel_requested) ON jobs TO mochi_app;
