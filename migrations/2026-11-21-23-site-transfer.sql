-- A site that moves to another account takes everything along in one transaction: goals and funnels change their account
-- by way of the site's key, and their steps, which depend on both, are checked when both are done.
ALTER TABLE funnel_steps
    ALTER CONSTRAINT funnel_steps_account_id_funnel_id_fkey DEFERRABLE INITIALLY IMMEDIATE,
    ALTER CONSTRAINT funnel_steps_account_id_goal_id_fkey DEFERRABLE INITIALLY IMMEDIATE;

GRANT UPDATE (account_id) ON sites, events, late_events TO mochi_system;
GRANT SELECT, DELETE ON share_links, segments TO mochi_system;
