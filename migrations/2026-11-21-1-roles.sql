-- The three roles. The owner (who runs this) migrates and makes partitions. mochi_app is the web: bound by
-- row-level security to the account that its transaction names. mochi_system is the collector, the worker, and
-- the look-ups that come before an account is known: policies let it through, grants keep it to what it needs.
-- Roles belong to the whole cluster, so another database may have made them first, or be making them now.
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['mochi_app', 'mochi_system'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;
            END;
        END IF;
        -- So that an owner who is not a superuser may SET ROLE.
        IF NOT pg_has_role(current_user, wanted, 'MEMBER') THEN
            EXECUTE format('GRANT %I TO CURRENT_USER', wanted);
        END IF;
    END LOOP;
END
$$;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO mochi_app, mochi_system;

-- The account that this transaction acts for. A SET LOCAL that was reset leaves '', not NULL.
CREATE FUNCTION current_account() RETURNS bigint
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('app.account_id', true), '')::bigint;

-- The second wall, the same for every table of a tenant: mochi_app reaches the rows of its account alone,
-- mochi_system reaches all rows of what it was granted.
CREATE FUNCTION protect_tenant_table(tenant_table regclass, account_column name DEFAULT 'account_id') RETURNS void
    LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format(
        'CREATE POLICY tenant ON %s TO mochi_app USING (%I = current_account()) WITH CHECK (%I = current_account())',
        tenant_table, account_column, account_column);
    EXECUTE format('CREATE POLICY system ON %s TO mochi_system USING (true) WITH CHECK (true)', tenant_table);
    -- FORCE binds the owner too. It migrates and makes partitions: it sees all.
    EXECUTE format('CREATE POLICY owner ON %s TO %I USING (true) WITH CHECK (true)', tenant_table, current_user);
END
$$;
