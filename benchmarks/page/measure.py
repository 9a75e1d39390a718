"""Asks for pages as a browser does, and counts times, processor and bytes. See ./run."""

import argparse
import gzip
import http.client
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Tests/System"))

from instance import Instance, free_ports, late_zone, wait_for  # noqa: E402

SITE, SMALL, EMAIL = "page.test", "small.test", "owner@benchmark.test"


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--events", type=int, default=1_000_000, help="in the days that the page shows")
    options.add_argument("--days", type=int, default=30)
    options.add_argument("--seconds", type=int, default=10, help="under load")
    options.add_argument("--pages", type=int, default=200, help="one after the other")
    options.add_argument("--cold", type=int, default=9, help="fresh processes")
    options.add_argument("--without-browser", action="store_true")
    options = options.parse_args()
    with Instance() as mochi, Folder(options) as folder:
        start = time.perf_counter()
        zone, _ = late_zone()
        password = mochi.run("admin", "bootstrap", "--email", EMAIL, "--site", SITE, "--time-zone", zone)["password"]
        mochi.run("admin", "bootstrap", "--email", EMAIL, "--site", SMALL)
        # The period before is as full: it is compared.
        seeded = mochi.run("seed-demo", "--site", SITE, "--days", str(2 * options.days), "--events", str(2 * options.events))
        mochi.run("seed-demo", "--site", SMALL, "--days", "3", "--events", "300")
        print(f"{seeded['events']:,} events in {2 * options.days} days, made in {time.perf_counter() - start:.1f} s\n")
        # As the worker leaves it, each minute, for processes that start anew.
        wait_for(lambda: mochi.sql("SELECT 1 FROM open_blocks"), 150, "the checkpoint of today")
        browser = Session(mochi.app)
        browser.sign_in(password)
        address = f"/sites/{SITE}" + ("" if options.days == 30 else f"?period={options.days}d")
        Measurement(mochi, browser, address, folder, options).tell()


class Folder:
    """What nginx serves: the same bytes, ready-made."""

    def __init__(self, options):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="mochi-page-"))
        self.path.chmod(0o755)
        self.port = free_ports(1)[0]
        self.process = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process:
            self.process.terminate()
            self.process.wait(20)
        shutil.rmtree(self.path, ignore_errors=True)

    def put(self, name, body):
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)
        file.with_name(file.name + ".gz").write_bytes(gzip.compress(body, 5))

    def serve(self):
        (self.path / "nginx.conf").write_text(f"""
            worker_processes 2; daemon off; pid {self.path}/pid; error_log {self.path}/errors;
            events {{ worker_connections 1024; }}
            http {{
                access_log off; keepalive_requests 100000000; gzip_static on; default_type text/html;
                types {{ text/html html; text/css css; text/javascript js; image/svg+xml svg; }}
                server {{
                    listen 127.0.0.1:{self.port}; root {self.path};
                    location /assets/ {{ add_header Cache-Control "public, max-age=31536000, immutable"; }}
                }}
            }}""")
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        self.process = subprocess.Popen([program, "-c", str(self.path / "nginx.conf")], stderr=subprocess.DEVNULL)
        wait_for(lambda: Session(self.port).answers("/page.html"), 10, "nginx")


class Session:
    """A connection that is kept, with cookies."""

    def __init__(self, port):
        self.port, self.cookies, self.connection = port, {}, None

    def ask(self, path, form=None, **headers):
        """Status, headers, body as sent, and milliseconds from the request to the last byte."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection("localhost", self.port, timeout=60)
            self.connection.connect()
        sent = {"Accept": "text/html", "Accept-Encoding": "gzip", "Cookie": self.cookie, **headers}
        body = urllib.parse.urlencode(form) if form else None
        if form:
            sent |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://localhost:{self.port}"}
        start = time.perf_counter()
        self.connection.request("POST" if form else "GET", path, body, sent)
        answer = self.connection.getresponse()
        read = answer.read()
        took = 1000 * (time.perf_counter() - start)
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.split(";")[0]
        return answer, read, took

    @property
    def cookie(self):
        return "; ".join(f"{key}={value}" for key, value in self.cookies.items())

    def answers(self, path):
        try:
            return self.ask(path)[0].status == 200
        except OSError:
            self.connection = None
            return False

    def again(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def sign_in(self, password):
        form = self.text("/login")
        token = re.search(r'name="csrf" value="([^"]+)"', form)[1]
        answer = self.ask("/login", {"csrf": token, "email": EMAIL, "password": password})[0]
        assert answer.status == 303, answer.status

    def text(self, path, **headers):
        answer, body, _ = self.ask(path, **headers)
        assert answer.status == 200, f"{path}: {answer.status}"
        return gzip.decompress(body).decode() if answer.headers["Content-Encoding"] == "gzip" else body.decode()


def app_cpu(mochi):
    """Milliseconds of processor time that the web process has had."""
    tasks = pathlib.Path(f"/proc/{mochi.pid('app')}/task")
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()) / 1e6


def database_cpu(mochi):
    """The same of PostgreSQL, all of whose processes are its children; in steps of ten."""
    postgres, ticks = mochi.pid("postgres"), 0
    for entry in pathlib.Path("/proc").iterdir():
        try:
            fields = (entry / "stat").read_text().rsplit(")", 1)[1].split() if entry.name.isdigit() else None
        except OSError:
            continue
        if fields and (int(fields[1]) == postgres or int(entry.name) == postgres):
            ticks += int(fields[11]) + int(fields[12])
    return 10 * ticks


def row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def middle(times):
    return f"{statistics.median(times):.1f}"


def late(times):
    return f"{sorted(times)[int(0.95 * (len(times) - 1))]:.1f}"


class Measurement:
    def __init__(self, mochi, session, address, folder, options):
        self.mochi, self.session, self.address, self.folder, self.options = mochi, session, address, folder, options

    def tell(self):
        html = self.session.text(self.address)
        body = self.session.ask(self.address)[1]
        self.folder.put("page.html", html.encode())
        assets = set(re.findall(r'(?:href|src)="(/assets/[^"]+)"', html))
        for asset in assets:
            self.folder.put(asset.lstrip("/"), self.session.text(asset).encode())
        self.folder.serve()
        print(f"HTML: {len(html.encode()):,} bytes, {len(body):,} compressed\n")
        row("one request after the other", "median ms", "p95 ms", "app's CPU ms", "PostgreSQL's CPU ms")
        row(*["---"] * 5)
        self.warm()
        self.fragments(html)
        self.cold(first=True)
        self.cold(first=False)
        self.load()
        if not self.options.without_browser:
            self.paint()

    def timed(self, name, paths, **headers):
        """One row: each path asked once."""
        before, database = app_cpu(self.mochi), database_cpu(self.mochi)
        times = []
        for path in paths:
            answer, _, took = self.session.ask(path, **headers)
            assert answer.status == 200, f"{path}: {answer.status}"
            times.append(took)
        row(name, middle(times), late(times), f"{(app_cpu(self.mochi) - before) / len(times):.1f}",
            f"{(database_cpu(self.mochi) - database) / len(times):.1f}")

    def warm(self):
        for _ in range(20):
            self.session.ask(self.address)
        self.timed("page, warm", [self.address] * self.options.pages)
        nginx = Session(self.folder.port)
        times = [nginx.ask("/page.html")[2] for _ in range(self.options.pages)]
        row("nginx, the same bytes from a file", middle(times), late(times), "", "")

    def fragments(self, html):
        """A click on each link of the page that exchanges the board, twice: never asked before, and again."""
        links = [link.replace("&amp;", "&") for link in re.findall(r'href="(/sites/page\.test\?[^"]+)"', html)]
        filters = [link for link in dict.fromkeys(links) if "f=is," in link]
        others = [link for link in dict.fromkeys(links) if "f=is," not in link and "period=" not in link]
        board = {"X-Mochi-Part": "board"}
        self.timed(f"fragment, a click on a row, for the first time ({len(filters)} rows)", filters, **board)
        self.timed("fragment, the same again", filters, **board)
        self.timed(f"fragment, a tab, a figure, an interval ({len(others)} links)", others, **board)

    def cold(self, first):
        """Fresh processes. All that is not the first thing asked of one comes after the page of another, small site."""
        times, spent = [], []
        for _ in range(self.options.cold):
            before = self.mochi.pid("app")
            self.mochi.kill("app")
            wait_for(lambda: self.mochi.pid("app") not in (None, before), 60, "another web process")
            self.mochi.wait_until_ready()
            self.session.again()
            if not first:
                self.session.text(f"/sites/{SMALL}")
            started = app_cpu(self.mochi)
            times.append(self.session.ask(self.address)[2])
            spent.append(app_cpu(self.mochi) - started)
        name = "page, the first of a fresh process" if first else "page, cold: another site's was asked before"
        row(name, middle(times), late(times), middle(spent), "")

    def load(self):
        print()
        row("16 connections at once", "pages/s", "p50 ms", "p99 ms", "app's CPU ms a page", "not 2xx")
        row(*["---"] * 6)
        for name, port, path in (("Mochi", self.mochi.app, self.address), ("nginx, the same bytes", self.folder.port, "/page.html")):
            for _ in range(3):
                Session(port).ask(path, Cookie=self.session.cookie)
            before = app_cpu(self.mochi)
            done = subprocess.run(
                ["wrk", "-t1", "-c16", f"-d{self.options.seconds}s", "--latency", "-H", f"Cookie: {self.session.cookie}",
                 "-H", "Accept: text/html", "-H", "Accept-Encoding: gzip", f"http://localhost:{port}{path}"],
                check=True, capture_output=True, text=True).stdout
            spent = app_cpu(self.mochi) - before
            answered = int(re.search(r"(\d+) requests in", done)[1])
            wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", done)
            shares = dict(re.findall(r"(50|99)%\s+(\S+)", done))
            row(name, re.search(r"Requests/sec:\s+(\S+)", done)[1], shares["50"], shares["99"],
                f"{spent / answered:.1f}" if port == self.mochi.app else "", wrong[1] if wrong else 0)
        status = pathlib.Path(f"/proc/{self.mochi.pid('app')}/status").read_text()
        largest = int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024
        print(f"\nLargest RSS of the web process: {largest:.0f} MiB.\n")

    def paint(self):
        from playwright.sync_api import sync_playwright

        row("Chromium, nothing in its cache", "first paint ms", "first contentful paint ms", "loaded ms", "requests",
            "bytes, headers included")
        row(*["---"] * 6)
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(
                executable_path=shutil.which("chromium") or "/usr/bin/chromium",
                args=["--no-sandbox", "--disable-dev-shm-usage"])
            pages = (
                ("Mochi", f"http://localhost:{self.mochi.app}{self.address}"),
                ("nginx, the same bytes", f"http://localhost:{self.folder.port}/page.html"))
            seen = {name: [self.visit(chromium, url) for _ in range(12)] for name, url in pages}
            for name, visits in seen.items():
                # The first ones warm the browser up.
                row(name, *(f"{statistics.median(visit[at] for visit in visits[2:]):,.0f}" for at in range(5)))
            chromium.close()

    def visit(self, chromium, url):
        context = chromium.new_context(viewport={"width": 1280, "height": 900})
        context.add_cookies([
            {"name": key, "value": value, "domain": "localhost", "path": "/"}
            for key, value in self.session.cookies.items()])
        page = context.new_page()
        network = context.new_cdp_session(page)
        network.send("Network.enable")
        sizes = []
        network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
        page.goto(url)
        # The page's policy forbids what wait_for_function does.
        while page.evaluate("performance.getEntriesByType('paint').length") < 2:
            page.wait_for_timeout(10)
        paints = page.evaluate(
            "Object.fromEntries(performance.getEntriesByType('paint').map((entry) => [entry.name, entry.startTime]))")
        loaded = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
        context.close()
        return paints["first-paint"], paints["first-contentful-paint"], loaded, len(sizes), sum(sizes)


if __name__ == "__main__":
    main()
