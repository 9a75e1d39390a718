-- What owners want visitors to do, and what they keep of their questions. Evaluated when asked.
CREATE TABLE goals (
    account_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    site_id uuid NOT NULL,
    name text NOT NULL CHECK (name <> '' AND length(name) <= 200),
    kind text NOT NULL CHECK (kind IN ('event', 'page', 'scroll')),
    event_name text CHECK (event_name <> '' AND length(event_name) <= 200),
    page_pattern text CHECK (page_pattern <> '' AND length(page_pattern) <= 2000),
    scroll_depth smallint CHECK (scroll_depth BETWEEN 1 AND 100),
    -- Of the money that its events bring.
    currency text CHECK (currency ~ '^[A-Z]{3}$'),
    -- A filter that has to hold besides.
    conditions jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, site_id, name),
    FOREIGN KEY (account_id, site_id) REFERENCES sites (account_id, id) ON DELETE CASCADE ON UPDATE CASCADE,
    CHECK ((kind = 'event') = (event_name IS NOT NULL)),
    CHECK ((kind IN ('page', 'scroll')) = (page_pattern IS NOT NULL)),
    CHECK ((kind = 'scroll') = (scroll_depth IS NOT NULL)),
    CHECK (currency IS NULL OR kind = 'event')
);
SELECT protect_tenant_table('goals');

CREATE TABLE funnels (
    account_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    site_id uuid NOT NULL,
    name text NOT NULL CHECK (name <> '' AND length(name) <= 200),
    scope text NOT NULL CHECK (scope IN ('visit', 'day')),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, site_id, name),
    FOREIGN KEY (account_id, site_id) REFERENCES sites (account_id, id) ON DELETE CASCADE ON UPDATE CASCADE
);
SELECT protect_tenant_table('funnels');

CREATE TABLE funnel_steps (
    account_id bigint NOT NULL,
    funnel_id bigint NOT NULL,
    position smallint NOT NULL CHECK (position BETWEEN 0 AND 7),
    goal_id bigint NOT NULL,
    PRIMARY KEY (account_id, funnel_id, position),
    FOREIGN KEY (account_id, funnel_id) REFERENCES funnels (account_id, id) ON DELETE CASCADE ON UPDATE CASCADE,
    FOREIGN KEY (account_id, goal_id) REFERENCES goals (account_id, id) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX funnel_steps_goal ON funnel_steps (account_id, goal_id);
SELECT protect_tenant_table('funnel_steps');

CREATE TABLE segments (
    account_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    site_id uuid NOT NULL,
    name text NOT NULL CHECK (name <> '' AND length(name) <= 200),
    filter jsonb NOT NULL,
    -- Whose own it is; NULL is everybody's.
    owner bigint REFERENCES users ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, id),
    UNIQUE NULLS NOT DISTINCT (account_id, site_id, owner, name),
    FOREIGN KEY (account_id, site_id) REFERENCES sites (account_id, id) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX segments_owner ON segments (owner);
SELECT protect_tenant_table('segments');

CREATE TABLE annotations (
    account_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    site_id uuid NOT NULL,
    day date NOT NULL,
    text text NOT NULL CHECK (text <> '' AND length(text) <= 1000),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id, site_id) REFERENCES sites (account_id, id) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX annotations_site ON annotations (account_id, site_id, day);
SELECT protect_tenant_table('annotations');

GRANT SELECT, INSERT, UPDATE, DELETE ON goals, funnels, funnel_steps, segments, annotations TO mochi_app;
GRANT SELECT ON goals, funnels, funnel_steps, segments, annotations TO mochi_system;
