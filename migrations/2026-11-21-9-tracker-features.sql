-- What a site's script does besides counting page views and events; NULL is everything.
ALTER TABLE sites ADD COLUMN tracker_features text[] CHECK (tracker_features <@ ARRAY[
    'engagement', 'retry', 'tagged', 'outbound', 'downloads', 'forms', 'notfound', 'optout']);
