"""For tests of the tracker: its scripts as Mochi serves them, a collector that shows what it receives, and a site."""

import http.client
import http.server
import json
import pathlib
import sys
import threading

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "Tests/System"))

from instance import Instance  # noqa: E402

# The browser resolves this name to this machine.
DOMAIN = "visited.example"
# Headless Chromium says so in its own.
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
# In seconds; a busy machine stands still now and then.
PATIENCE = 60


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, handler, owner):
        super().__init__(("127.0.0.1", 0), handler)
        self.owner = owner
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def port(self):
        return self.server_address[1]

    def stop(self):
        self.shutdown()
        self.server_close()

    def handle_error(self, *_):
        """A browser that hangs up is no fault."""


class Collector:
    """Serves the scripts of a real collector, and keeps what is posted."""

    def __init__(self, mochi):
        self.mochi = mochi
        self.requests = []
        self.taken = set()
        self.repeated = 0
        self.status = 202
        # While it is not set, nothing is answered.
        self.answering = threading.Event()
        self.answering.set()
        self.changed = threading.Condition()
        self.server = Server(CollectorHandler, self)
        self.url = f"http://localhost:{self.server.port}"

    def add(self, request):
        """An event that was taken before counts no more, as with the real collector: a browser sends again what it had
        no answer to when the page was left."""
        with self.changed:
            if request["method"] == "POST" and request["status"] < 429:
                event = json.loads(request["body"])["id"]
                if event in self.taken:
                    self.repeated += 1
                    return
                self.taken.add(event)
            self.requests.append(request)
            self.changed.notify_all()

    def bodies(self, name=None):
        """What was posted until now: of one name, or all but engagement."""
        bodies = [json.loads(each["body"]) for each in self.requests if each["method"] == "POST"]
        return [body for body in bodies if (body["n"] == name if name else body["n"] != "engagement")]

    def wait(self, name=None, count=1):
        """The events of that name once there are so many."""
        with self.changed:
            came = self.changed.wait_for(lambda: len(self.bodies(name)) >= count, PATIENCE)
        assert came, f"{count} of {name} expected, there are {self.bodies()} {self.bodies('engagement')}"
        return self.bodies(name)

    def mark(self, page, call="mochi"):
        """Sends a last event, and waits for it: what did not come by then does not come."""
        count = len(self.bodies("mark"))
        page.evaluate(f"{call}('mark')")
        self.wait("mark", count + 1)

    def names(self, page, count, call="mochi"):
        """The names that came until a last event, sorted: a browser sends over several connections, and so the order
        of what was not waited for is chance. `count` of them are waited for first, since the last event may be the
        first to come."""
        self.wait(count=count + len(self.bodies("mark")))
        self.mark(page, call)
        return sorted(body["n"] for body in self.bodies() if body["n"] != "mark")


class CollectorHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        source = http.client.HTTPConnection("127.0.0.1", self.server.owner.mochi.ingest, timeout=PATIENCE)
        source.request("GET", self.path)
        answer = source.getresponse()
        self.reply(answer.status, answer.read(), answer.getheader("Content-Type") or "text/plain")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.server.owner.status
        self.server.owner.add(
            {"method": "POST", "path": self.path, "headers": dict(self.headers), "body": body, "status": status})
        self.server.owner.answering.wait(PATIENCE)
        self.reply(status, b"ok", "text/plain")

    def do_OPTIONS(self):
        self.server.owner.add({"method": "OPTIONS", "path": self.path})
        self.reply(204, b"", "text/plain")

    def reply(self, status, body, kind):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Pages:
    """Somebody's site: answers by path."""

    def __init__(self):
        self.answers = {}
        self.server = Server(PagesHandler, self)
        self.url = f"http://{DOMAIN}:{self.server.port}"

    def publish(self, path, head="", body="Hello", status=200, headers=None):
        html = f"<!doctype html><html><head><title>Title of {path}</title>{head}</head><body>{body}</body></html>"
        self.answers[path] = (status, html, headers or {})
        return self.url + path


class PagesHandler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        status, html, headers = self.server.owner.answers.get(self.path.split("?")[0], (404, "", {}))
        self.send_response(status)
        for name, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(html.encode())

    def log_message(self, *_):
        pass


@pytest.fixture(scope="session")
def running_mochi():
    with Instance() as instance:
        site = instance.site(DOMAIN)
        instance.site_id, instance.key = site["site_id"], site["tracking_key"]
        yield instance


@pytest.fixture
def collector(running_mochi):
    one = Collector(running_mochi)
    yield one
    one.server.stop()
    assert all(each["method"] == "POST" for each in one.requests), "a preflight"


@pytest.fixture
def pages():
    one = Pages()
    yield one
    one.server.stop()


@pytest.fixture
def context(browser):
    one = browser.new_context(user_agent=AGENT, timezone_id="Europe/Paris", viewport={"width": 800, "height": 600})
    one.faults = []
    one.on("weberror", lambda error: one.faults.append(str(error.error)))
    yield one
    # Nothing is kept in the browser, unless the test says so itself.
    assert one.cookies() == []
    one.close()
    assert one.faults == []


@pytest.fixture
def page(context):
    return context.new_page()
