-- Who signs up works at once, and owns the address when they have followed the link that was sent there. Until then
-- several may have named one address: nobody learns from it who has an account, and nobody can keep another out.
ALTER TABLE users DROP CONSTRAINT users_email_key;
CREATE UNIQUE INDEX users_confirmed_email ON users (email) WHERE email_confirmed_at IS NOT NULL;
CREATE INDEX users_email ON users (email, id);

-- The country is the time zone's that the browser stated. chosen_account is the one that pages about an account show.
ALTER TABLE sessions
    ADD COLUMN country text NOT NULL DEFAULT '' CHECK (length(country) <= 2),
    ADD COLUMN chosen_account bigint REFERENCES accounts ON DELETE SET NULL;
CREATE INDEX sessions_chosen_account ON sessions (chosen_account);

-- Links that were sent by mail, each good for one thing, once. token_hash is SHA-256 of 256 random bits.
CREATE TABLE mail_links (
    token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    purpose text NOT NULL CHECK (purpose IN ('confirm', 'reset', 'change', 'undo')),
    -- The address that it proves, or goes back to.
    email text NOT NULL CHECK (email = lower(email) AND length(email) <= 254),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX mail_links_user ON mail_links (user_id, purpose);
CREATE INDEX mail_links_expiry ON mail_links (expires_at);

-- How often somebody has tried something. who is a keyed hash under the day's salt, and of no use without; not logged,
-- so that it outlives a restart but is in no backup.
CREATE UNLOGGED TABLE throttles (
    who bytea PRIMARY KEY CHECK (length(who) = 16),
    attempts integer NOT NULL,
    ends_at timestamptz NOT NULL
);
CREATE INDEX throttles_end ON throttles (ends_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON mail_links, throttles TO mochi_system;
