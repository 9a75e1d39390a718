-- The sites that somebody wants first in their list.
CREATE TABLE pinned_sites (
    account_id bigint NOT NULL,
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    site_id uuid NOT NULL,
    pinned_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, user_id, site_id),
    FOREIGN KEY (account_id, site_id) REFERENCES sites (account_id, id) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX pinned_sites_user ON pinned_sites (user_id);
SELECT protect_tenant_table('pinned_sites');
GRANT SELECT, INSERT, DELETE ON pinned_sites TO mochi_app;
