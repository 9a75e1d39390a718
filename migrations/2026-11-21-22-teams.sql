-- Who is asked to join an account, or to look at a single site of it.
CREATE TABLE invitations (
    account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    id bigint GENERATED ALWAYS AS IDENTITY,
    email text NOT NULL CHECK (email = lower(email) AND length(email) <= 254),
    role text NOT NULL CHECK (role IN ('owner', 'admin', 'editor', 'viewer', 'billing')),
    -- NULL is the whole account.
    site_id uuid,
    -- SHA-256 of 256 random bits that are in the mail alone.
    token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    -- It is worth what its maker may do when it is followed.
    invited_by bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    accepted_at timestamptz,
    revoked_at timestamptz,
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id, site_id) REFERENCES sites (account_id, id) ON DELETE CASCADE ON UPDATE CASCADE,
    CHECK (site_id IS NULL OR role IN ('viewer', 'editor'))
);
CREATE UNIQUE INDEX invitations_pending ON invitations (account_id, email, site_id) NULLS NOT DISTINCT
    WHERE accepted_at IS NULL AND revoked_at IS NULL;
CREATE INDEX invitations_inviter ON invitations (invited_by);
CREATE INDEX invitations_site ON invitations (account_id, site_id);
SELECT protect_tenant_table('invitations');

-- Who may look at one site and at nothing else of its account.
CREATE TABLE site_guests (
    account_id bigint NOT NULL,
    site_id uuid NOT NULL,
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('viewer', 'editor')),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, site_id, user_id),
    FOREIGN KEY (account_id, site_id) REFERENCES sites (account_id, id) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX site_guests_user ON site_guests (user_id);
SELECT protect_tenant_table('site_guests');

GRANT UPDATE (role), DELETE ON memberships TO mochi_app;
GRANT SELECT, INSERT, UPDATE ON invitations TO mochi_app;
GRANT SELECT, UPDATE (role), DELETE ON site_guests TO mochi_app;
GRANT SELECT, UPDATE, DELETE ON invitations TO mochi_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON site_guests TO mochi_system;
