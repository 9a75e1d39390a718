"""Mochi as its owner runs it, a site on another origin, and a browser."""

import functools
import http.server
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading

import pytest
from playwright.sync_api import sync_playwright

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("MOCHI_TEST_PROGRAMS", REPOSITORY / ".build/debug")) / "mochi"
CHROMIUM = os.environ.get("MOCHI_TEST_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"

# The browser resolves this name to this machine: trackers and collectors may treat localhost as not a site.
DOMAIN = "visited.example"

# Headless Chromium says so in its own; a collector rightly takes that for a machine.
VISITOR = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Mochi:
    """A running `mochi up`."""

    def __init__(self, directory):
        app, ingest, worker = free_ports(3)
        self.url = f"http://localhost:{app}"
        self.said = []
        self.process = subprocess.Popen(
            [PROGRAM, "up"],
            env={
                "PATH": "/usr/bin:/bin",
                "MOCHI_DATA": f"{directory}/data",
                "MOCHI_RESOURCES": str(REPOSITORY),
                "MOCHI_APP_PORT": str(app),
                "MOCHI_INGEST_PORT": str(ingest),
                "MOCHI_WORKER_PORT": str(worker),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait_until_up(self):
        # A start that hangs is ended, and so is the reading of what it says.
        deadline = threading.Timer(60, self.process.kill)
        deadline.start()
        for line in self.process.stdout:
            self.said.append(line)
            if "Mochi is up." in line:
                deadline.cancel()
                break
        else:
            pytest.fail("mochi up did not come up:\n" + "".join(self.said))
        # Read on, so that it never has to wait for us.
        self.reader = threading.Thread(target=lambda: self.said.extend(self.process.stdout), daemon=True)
        self.reader.start()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        return status


@pytest.fixture
def mochi():
    directory = tempfile.mkdtemp(prefix="mochi-browser-")
    # PostgreSQL does not run as root: whoever it runs as has to get in.
    os.chmod(directory, 0o755)
    running = Mochi(directory)
    try:
        running.wait_until_up()
        yield running
        assert running.stop() == 0, "".join(running.said)
    finally:
        if running.process.poll() is None:
            running.stop()
        shutil.rmtree(directory, ignore_errors=True)


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
            args=["--no-sandbox", "--disable-dev-shm-usage", f"--host-resolver-rules=MAP {DOMAIN} 127.0.0.1"],
        )
        yield chromium
        chromium.close()
