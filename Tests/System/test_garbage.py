"""What no client of good will sends is answered with a 4xx or a closed connection, and changes nothing."""

import http.client
import pathlib
import socket

import pytest

from instance import AGENT, Instance, wait_for


@pytest.fixture(scope="module")
def instance():
    with Instance() as instance:
        instance.key = instance.site("garbage.example")["tracking_key"]
        wait_for(lambda: instance.knows(instance.key), what="that the collector knows the site")
        yield instance


def memory(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmRSS")


def exchange(port, chunks, seconds=60):
    """Sends bytes as long as they are taken; answers what came back until the connection was closed."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        try:
            for chunk in chunks:
                connection.sendall(chunk)
        except (BrokenPipeError, ConnectionResetError):
            pass
        try:
            while block := connection.recv(65_536):
                answer += block
                if b"\r\n\r\n" in answer and b"HTTP/1.1 4" in answer:
                    break
        except (ConnectionResetError, TimeoutError):
            pass
    return answer


def status(answer):
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.") else None


def refused(answer):
    """A 4xx, or a connection that was closed without a word."""
    return answer == b"" or 400 <= status(answer) < 500


WEB = ["ingest", "app"]


def port_of(instance, process):
    return getattr(instance, process)


@pytest.mark.parametrize("process", WEB)
def test_ten_thousand_headers(instance, process):
    headers = b"".join(b"X-Header-%d: value\r\n" % number for number in range(10_000))
    answer = exchange(port_of(instance, process), [b"GET / HTTP/1.1\r\nHost: a\r\n" + headers + b"\r\n"])
    assert refused(answer)


@pytest.mark.parametrize("process", WEB)
def test_a_body_of_two_gigabytes(instance, process):
    pid, port = instance.pid(process), port_of(instance, process)
    before = memory(pid)
    path = b"/api/event" if process == "ingest" else b"/login"
    head = b"POST " + path + b" HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 2147483648\r\n\r\n"
    chunk = b"x" * 65_536
    answer = exchange(port, [head, *(chunk for _ in range(2_048))])
    assert refused(answer)
    chunked = b"POST " + path + b" HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = exchange(port, [chunked, *(b"10000\r\n" + chunk + b"\r\n" for _ in range(2_048))])
    assert refused(answer)
    assert memory(pid) - before < 64 << 20
    assert instance.pid(process) == pid


@pytest.mark.parametrize("process", WEB)
def test_a_body_of_one_byte_a_second(instance, process):
    port = port_of(instance, process)
    path = b"/api/event" if process == "ingest" else b"/login"
    with socket.create_connection(("127.0.0.1", port), timeout=90) as connection:
        connection.sendall(b"POST " + path + b" HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
        connection.settimeout(1)
        for _ in range(90):
            try:
                connection.sendall(b"x")
                if connection.recv(4096) == b"":
                    return
            except TimeoutError:
                continue
            except (BrokenPipeError, ConnectionResetError):
                return
    raise AssertionError("it was waited for for ninety seconds")


@pytest.mark.parametrize("process", WEB)
@pytest.mark.parametrize("target", [
    b"/../../etc/passwd", b"/%2e%2e/%2e%2e/etc/passwd", b"/js/../../../etc/passwd", b"/js/%2e%2e%2f%2e%2e%2fmigrations",
    b"/assets/..%2f..%2f..%2fetc%2fpasswd", b"/\xff\xfe", b"/%ff%fe", b"//etc/passwd", b"/sites/%00", b"*", b"http://x/",
])
def test_paths_that_lead_elsewhere(instance, process, target):
    answer = exchange(
        port_of(instance, process), [b"GET " + target + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"])
    assert status(answer) is None or status(answer) < 500, answer[:200]
    assert b"root:" not in answer and b"CREATE TABLE" not in answer


def test_invalid_utf_8_in_every_field(instance):
    pid = instance.pid("ingest")
    template = {"n": b"pageview", "u": b"https://garbage.example/", "k": instance.key.encode(), "r": b"https://a.example/",
                "t": b"Title", "tz": b"Europe/Paris", "id": b"0123456789", "d": b"garbage.example"}
    for field in template:
        for bad in (b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\\ud800", b"\\u0000"):
            fields = {**template, field: template[field] + bad}
            body = b"{" + b",".join(b'"%s":"%s"' % (name.encode(), value) for name, value in fields.items()) + b"}"
            code, _ = instance.post("/api/event", body)
            assert code in (202, 400), (field, bad, code)
    for field in ("email", "password", "name"):
        connection = http.client.HTTPConnection("127.0.0.1", instance.app, timeout=60)
        connection.request("POST", "/signup", f"{field}=%ff%00%c3%28", {
            "Content-Type": "application/x-www-form-urlencoded", "User-Agent": AGENT})
        assert 400 <= connection.getresponse().status < 500
    assert instance.pid("ingest") == pid


def test_after_all_that_everything_still_works(instance):
    assert instance.post("/api/event", {"n": "pageview", "u": "https://garbage.example/fine", "k": instance.key})[0] == 202
    wait_for(
        lambda: instance.sql("SELECT count(*) FROM events WHERE pathname = '/fine'") == [["1"]], 60,
        "that the event is stored")
    instance.wait_until_ready()
