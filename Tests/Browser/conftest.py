"""Mochi as its owner runs it, a site on another origin, and a browser."""

import functools
import http.server
import os
import pathlib
import shutil
import sys
import threading

import pytest
from playwright.sync_api import sync_playwright

from tracking import collector, context, page, pages, running_mochi  # noqa: F401

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "System"))

from demo import demo, demonstration, scripted  # noqa: E402, F401
from instance import Instance

CHROMIUM = os.environ.get("MOCHI_TEST_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"

# The browser resolves this name to this machine: trackers and collectors may treat localhost as not a site.
DOMAIN = "visited.example"

# Headless Chromium says so in its own; a collector rightly takes that for a machine.
VISITOR = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)


@pytest.fixture
def mochi():
    with Instance() as running:
        yield running
        assert running.stop() == 0, running.said()


class Site:
    """A site of somebody else's, on an origin of its own."""

    def __init__(self, directory):
        self.directory = directory
        handler = functools.partial(QuietHandler, directory=directory)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://{DOMAIN}:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def publish(self, path, head):
        page = self.directory / path
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(f"<!doctype html><html><head><title>{path}</title>{head}</head><body>Hello</body></html>")


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture
def site(tmp_path):
    one = Site(tmp_path)
    yield one
    one.server.shutdown()
    one.server.server_close()


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        # --no-sandbox: Chromium's sandbox refuses root, as whom many machines for tests run everything.
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox", "--disable-dev-shm-usage", f"--host-resolver-rules=MAP {DOMAIN} 127.0.0.1",
                # Pages of other origins, made up by tests, may frame what listens on this machine.
                "--disable-features=LocalNetworkAccessChecks",
            ],
        )
        yield chromium
        chromium.close()
