-- ANALYZE copies samples of a column into pg_statistic, which is logged, dumped and never rewritten. Not of salts.
ALTER TABLE salts ALTER COLUMN salt SET STATISTICS 0;
