-- What a site's owner says of its addresses: the query parameters that belong to a page, all others being dropped,
-- and patterns of what is personal, which is masked before anything is stored.
ALTER TABLE sites
    ADD COLUMN kept_parameters text[] NOT NULL DEFAULT '{}'
        CHECK (cardinality(kept_parameters) <= 50 AND array_position(kept_parameters, NULL) IS NULL),
    ADD COLUMN personal_patterns text[] NOT NULL DEFAULT '{}'
        CHECK (cardinality(personal_patterns) <= 50 AND array_position(personal_patterns, NULL) IS NULL);
