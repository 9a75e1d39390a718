-- A site that its owner offers to somebody else's account: one offer a site, gone when it is taken, withdrawn or replaced.
CREATE TABLE site_offers (
    account_id bigint NOT NULL,
    site_id uuid NOT NULL,
    email text NOT NULL CHECK (email = lower(email) AND length(email) <= 254),
    -- SHA-256 of 256 random bits that are in the mail alone.
    token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    -- It is worth what its maker may do when it is followed.
    offered_by bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, site_id),
    FOREIGN KEY (account_id, site_id) REFERENCES sites (account_id, id) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX site_offers_offerer ON site_offers (offered_by);
SELECT protect_tenant_table('site_offers');
GRANT SELECT, INSERT, UPDATE, DELETE ON site_offers TO mochi_app;
GRANT SELECT, DELETE ON site_offers TO mochi_system;
