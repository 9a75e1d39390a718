-- A domain that somebody occupies whose it is not can be taken off their site.
GRANT UPDATE (domain, is_public) ON sites TO mochi_system;
GRANT SELECT ON daily_site_metrics TO mochi_system;
