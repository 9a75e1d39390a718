"""A known visitor's address and user agent reach no disk, and neither does a salt."""

import http.client
import subprocess

from instance import Instance, wait_for

ADDRESS = "203.0.113.77"
ADDRESS_6 = "2001:db8:77:88::9abc"
AGENT = "Mozilla/5.0 (CanaryOS 77; rv:4242.0) Gecko/20100101 Canarybird/4242.17"
CONTROL = "positive-control-3f8a"


def shapes():
    """How the secrets could look: as text, as hex, as bytes of the address."""
    v4 = bytes(int(part) for part in ADDRESS.split("."))
    import ipaddress

    v6 = ipaddress.ip_address(ADDRESS_6).packed
    for text in (ADDRESS, ADDRESS_6, "CanaryOS 77", "Canarybird"):
        yield text.encode()
        yield text.encode().hex().encode()
    yield v6
    yield v6.hex().encode()
    # Four bytes turn up by chance in a gigabyte of files, hardly next to the length that a binary format puts
    # before them.
    yield b"\x00\x00\x00\x04" + v4
    yield b"\x02\x20\x04\x00" + v4


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]


def found(folder, needles):
    hits = set()
    for path in files(folder):
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            continue
        hits |= {(needle, str(path.relative_to(folder))) for needle in needles if needle in content}
    return hits


def test_the_canary_is_found_nowhere():
    with Instance(MOCHI_LOG_LEVEL="trace") as instance:
        key = instance.site("canary.example")["tracking_key"]
        wait_for(lambda: instance.knows(key), what="that the collector knows the site")
        for address in (ADDRESS, ADDRESS_6):
            headers = {"X-Forwarded-For": address, "User-Agent": AGENT}
            url = f"https://canary.example/{CONTROL}"
            accepted = {"n": "pageview", "u": url, "k": key, "id": f"canary-{address}"}
            assert instance.post("/api/event", accepted, headers)[0] == 202
            # Refused, and malformed in several ways.
            instance.post("/api/event", {**accepted, "k": "nosuchkey22222"}, headers)
            instance.post("/api/event", {**accepted, "u": "https://elsewhere.example/"}, headers)
            instance.post("/api/event", b'{"n": "pageview", "u": ', headers)
            instance.post("/api/event", b"\xff\xfe", headers)
            instance.post("/api/event", b"x" * 20_000, headers)
            instance.post("/api/event", accepted, {**headers, "Sec-Purpose": "prefetch"})
            instance.post("/api/event", accepted, {**headers, "X-Debug-Request": "true"})
            instance.post("/no/such/page", accepted, headers)
            for page in ("/", "/login", "/no/such/page", "/sites/canary.example"):
                connection = http.client.HTTPConnection("127.0.0.1", instance.app, timeout=60)
                connection.request("GET", page, headers=headers)
                connection.getresponse().read()
            instance.post("/login", b"email=a%40b.example&password=wrong", {
                **headers, "Content-Type": "application/x-www-form-urlencoded"}, port=instance.app)
        wait_for(
            lambda: instance.sql("SELECT count(*) FROM events WHERE hostname = 'canary.example'") == [["2"]], 60,
            "that the accepted events are stored")
        # In the middle of things.
        instance.kill("ingest")
        instance.wait_until_ready()
        salts = [bytes.fromhex(row[0]) for row in instance.sql("SELECT encode(salt, 'hex') FROM salts")]
        assert salts
        instance.sql("CHECKPOINT")
        dump = subprocess.run(
            ["pg_dump", f"host={instance.data}/state/run user=mochi dbname=mochi", "--exclude-table-data=salts"],
            check=True, capture_output=True).stdout
        (instance.data / "dump.sql").write_bytes(dump)
        instance.stop()

        secrets = list(shapes())
        assert found(instance.data, secrets) == set()
        controls = {path.split("/")[0:2][-1] for _, path in found(instance.data, [CONTROL.encode()])}
        assert {"dump.sql", "postgres"} <= controls, controls
        wal = instance.data / "state/postgres"
        everywhere = found(instance.data, salts + [salt.hex().encode() for salt in salts])
        kept = {path for _, path in everywhere}
        assert not any("pg_wal" in path for path in kept), kept
        assert not any("spool" in path or "log" in path or "dump" in path for path in kept), kept
        assert any("base/" in path for path in kept), (wal, "the positive control: the unlogged table holds them")
