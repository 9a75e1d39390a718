"""A collector knows a hundred thousand sites in less than 100 MB."""

import pathlib

from instance import Instance, wait_for

SITES = 100_000


def memory(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmRSS")


def restart(instance):
    """The memory of a collector that has just read all sites."""
    before = instance.pid("ingest")
    instance.kill("ingest")
    wait_for(lambda: instance.pid("ingest") not in (None, before), 60, "that the collector is restarted")
    instance.wait_until_ready(60)
    return memory(instance.pid("ingest"))


def test_a_hundred_thousand_sites():
    with Instance() as instance:
        account = instance.site("first.example")["account_id"]
        alone = restart(instance)
        # Each has what a site usually has: a name, two keys, a zone of its own, and some an exclusion or a list.
        instance.sql(f"""
            ALTER TABLE sites DISABLE TRIGGER site_changed;
            ALTER TABLE tracking_keys DISABLE TRIGGER site_changed;
            ALTER TABLE site_zones DISABLE TRIGGER site_changed;
            ALTER TABLE exclusions DISABLE TRIGGER site_changed;
            INSERT INTO sites (account_id, domain, name, hostnames, kept_parameters)
                SELECT {account}, 'shop-number-' || n || '.example.org', 'Shop ' || n,
                    CASE WHEN n % 10 = 0 THEN ARRAY['*.shop' || n || '.example'] ELSE '{{}}' END,
                    CASE WHEN n % 10 = 1 THEN ARRAY['page', 'q'] ELSE '{{}}' END
                FROM generate_series(1, {SITES}) n;
            INSERT INTO tracking_keys (key, account_id, site_id, name)
                SELECT translate(substr(md5(id::text || n), 1, 14), '018', 'xyz'), account_id, id, 'Key ' || n
                FROM sites, generate_series(1, 2) n WHERE domain LIKE 'shop-%';
            INSERT INTO site_zones (account_id, site_id, from_day, zone)
                SELECT account_id, id, '1970-01-01',
                    (ARRAY['Europe/Berlin', 'America/New_York', 'Asia/Tokyo', 'UTC'])[1 + abs(hashtext(domain)) % 4]
                FROM sites WHERE domain LIKE 'shop-%';
            INSERT INTO exclusions (account_id, site_id, kind, value)
                SELECT account_id, id, 'address', '192.0.2.0/24' FROM sites
                WHERE domain LIKE 'shop-%' AND abs(hashtext(domain)) % 5 = 0;
            """)
        key = instance.sql("SELECT key FROM tracking_keys JOIN sites ON id = site_id WHERE domain LIKE 'shop-%77.%' LIMIT 1")
        crowded = restart(instance)
        assert instance.knows(key[0][0])
        print(f"{(crowded - alone) / 1e6:.0f} MB more for {SITES} sites, {crowded / 1e6:.0f} MB in all")
        assert crowded - alone < 100e6, f"{(crowded - alone) / 1e6:.0f} MB"
