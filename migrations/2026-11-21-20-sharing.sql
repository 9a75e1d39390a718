-- Dashboards for people who have no account: by a link, or because the site's owner made it public.
ALTER TABLE sites ADD COLUMN is_public boolean NOT NULL DEFAULT false;

CREATE TABLE share_links (
    account_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    site_id uuid NOT NULL,
    -- 130 random bits: whoever has it may look.
    slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z2-7]{26}$'),
    name text NOT NULL CHECK (name <> '' AND length(name) <= 200),
    password_hash text,
    ends_at timestamptz,
    revoked_at timestamptz,
    -- A filter that always holds. Without its segment the link is gone: it would show more than it was made for.
    segment_id bigint,
    -- No figure tells of fewer visitors than this.
    least_visitors integer NOT NULL DEFAULT 1 CHECK (least_visitors BETWEEN 1 AND 1000),
    -- Who may show it in a frame: https://example.com. Nobody, if there are none.
    origins text[] NOT NULL DEFAULT '{}'
        CHECK (cardinality(origins) <= 20 AND array_position(origins, NULL) IS NULL),
    views bigint NOT NULL DEFAULT 0,
    created_by bigint REFERENCES users ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id, site_id) REFERENCES sites (account_id, id) ON DELETE CASCADE ON UPDATE CASCADE,
    FOREIGN KEY (account_id, segment_id) REFERENCES segments (account_id, id) ON DELETE CASCADE,
    -- A frame of another site gets no cookie, and so cannot remember a password.
    CHECK (password_hash IS NULL OR origins = '{}')
);
CREATE INDEX share_links_site ON share_links (account_id, site_id);
CREATE INDEX share_links_segment ON share_links (account_id, segment_id);
CREATE INDEX share_links_creator ON share_links (created_by);
SELECT protect_tenant_table('share_links');

GRANT SELECT, INSERT, UPDATE, DELETE ON share_links TO mochi_app;
-- Whose it is is found out by the slug, before an account is known.
GRANT SELECT, UPDATE (views) ON share_links TO mochi_system;
