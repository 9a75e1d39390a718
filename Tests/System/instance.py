"""A whole Mochi of a test's own: `mochi up` on free ports over a fresh data directory."""

import datetime
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("MOCHI_TEST_PROGRAMS", str(REPOSITORY / ".build/debug")) + "/mochi"
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def wait_for(condition, seconds=60, what="the condition"):
    """The first true answer of `condition`, asked again and again."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come true within {seconds} s")
        time.sleep(0.05)


def late_zone():
    """A time zone where it is ten in the evening, and its hours ahead of UTC: most of what is made for today is past there."""
    offset = (22 - datetime.datetime.now(datetime.timezone.utc).hour + 12) % 24 - 12
    # Etc/GMT-3 is three hours ahead.
    return (f"Etc/GMT{-offset:+d}" if offset else "UTC"), offset


def is_ready(port):
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    except http.client.HTTPException:
        return False


class Instance:
    def __init__(self, **variables):
        self.data = pathlib.Path(tempfile.mkdtemp(prefix="mochi-system-"))
        # PostgreSQL's user has to pass through.
        self.data.chmod(0o755)
        self.app, self.ingest, self.worker = free_ports(3)
        self.url = f"http://localhost:{self.app}"
        self.environment = {
            **os.environ,
            "MOCHI_DATA": str(self.data / "state"),
            "MOCHI_APP_PORT": str(self.app),
            "MOCHI_INGEST_PORT": str(self.ingest),
            "MOCHI_WORKER_PORT": str(self.worker),
            "MOCHI_BASE_URL": self.url,
            "MOCHI_INGEST_URL": f"http://localhost:{self.ingest}",
            "MOCHI_TRUSTED_PROXIES": "127.0.0.0/8",
            **variables,
        }
        self.log = open(self.data / "log", "wb")
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.data, ignore_errors=True)

    def start(self):
        self.process = subprocess.Popen(
            [PROGRAM, "up"], env=self.environment, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)
        try:
            # Its own: an earlier one's may still answer.
            for name in ("worker", "ingest", "app"):
                wait_for(lambda: self.pid(name) or self.process.poll() is not None, 60, f"that {name} is started")
            assert self.process.poll() is None, "mochi up has ended"
            self.wait_until_ready(60)
        except BaseException:
            print(self.said())
            self.stop()
            raise

    def said(self):
        """The end of its log."""
        return (self.data / "log").read_text(errors="replace")[-4000:]

    def wait_until_ready(self, seconds=60):
        for port in (self.app, self.ingest, self.worker):
            wait_for(lambda: is_ready(port), seconds, f"readiness on port {port}")

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                raise
        return self.process.returncode if self.process else None

    def pid(self, name):
        """The process of a child of `up`: ingest, app, worker, or postgres. None while there is none."""
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except (OSError, IndexError, ValueError):
                continue
            if parent != self.process.pid:
                continue
            if name == "postgres" and words[0].endswith(b"postgres"):
                return int(entry.name)
            if name.encode() in words:
                return int(entry.name)
        return None

    def kill(self, name, with_signal=signal.SIGKILL):
        pid = wait_for(lambda: self.pid(name), what=f"a process {name}")
        os.kill(pid, with_signal)

    def run(self, *arguments):
        """Runs a subcommand; answers the JSON that it prints."""
        done = subprocess.run(
            [PROGRAM, *arguments], env=self.environment, check=True, capture_output=True, text=True,
            stdin=subprocess.DEVNULL)
        return json.loads(done.stdout)

    def site(self, domain, time_zone="UTC"):
        return self.run(
            "admin", "bootstrap", "--email", f"owner@{domain}", "--site", domain, "--time-zone", time_zone)

    def sql(self, query):
        """Rows of text, asked for as the owner."""
        url = self.environment.get("DATABASE_URL") or f"host={self.data}/state/run user=mochi dbname=mochi"
        done = subprocess.run(
            ["psql", url, "--no-psqlrc", "--tuples-only", "--no-align", "--field-separator=\t", "--command", query],
            check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        return [line.split("\t") for line in done.stdout.splitlines()]

    def post(self, path, body, headers=None, port=None):
        """Status and body of one request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", port or self.ingest, timeout=60)
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        connection.request(
            "POST", path, data, {"Content-Type": "text/plain", "User-Agent": AGENT, **(headers or {})})
        answer = connection.getresponse()
        return answer.status, answer.read()

    def knows(self, key):
        """Whether the collector's directory has a tracking key."""
        status, body = self.post(
            "/api/event", {"n": "pageview", "u": "https://known.example/", "k": key}, {"X-Debug-Request": "true"})
        return status == 200 and json.loads(body).get("dropped") != "unknown_site"


class PostgresServer:
    """A PostgreSQL that the test starts and stops when it likes."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mochi-postgres-"))
        self.folder.chmod(0o755)
        self.programs = sorted(
            pathlib.Path("/usr/lib/postgresql").iterdir(), key=lambda each: int(each.name))[-1] / "bin"
        self.prefix = []
        if os.geteuid() == 0:
            self.prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]
            shutil.chown(self.folder, "postgres")
        self.url = f"host={self.folder} user=owner dbname=postgres"
        self._run("initdb", "--pgdata", self.folder / "data", "--username=owner", "--auth=trust", "--no-sync")

    def _run(self, program, *arguments):
        subprocess.run(
            [*self.prefix, str(self.programs / program), *map(str, arguments)], check=True,
            stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        if (self.folder / "data/postmaster.pid").exists():
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        self._run(
            "pg_ctl", "start", "--pgdata", self.folder / "data", "--log", self.folder / "log", "--wait", "--silent",
            "--options", f"-c listen_addresses= -c unix_socket_directories={self.folder} -c fsync=off")

    def stop(self, mode="immediate"):
        self._run("pg_ctl", "stop", "--pgdata", self.folder / "data", f"--mode={mode}", "--wait", "--silent")
