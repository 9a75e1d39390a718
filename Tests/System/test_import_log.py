"""Access logs, imported into a running instance and counted again by other means."""

import collections
import datetime
import gzip
import http.client
import json
import os
import re
import signal
import subprocess
import urllib.parse

import pytest
from instance import AGENT, PROGRAM, REPOSITORY, Instance, wait_for

LOG = REPOSITORY.parent / "shared/data/apache_access.log.gz"
LINE = re.compile(
    r'(\S+) \S+ \S+ \[([^\]]+)\] "(\S+) (.*?)(?: HTTP/[\d.]+)?" (\d{3}) \S+ "(.*?)" "(.*)"$')
ASSETS = set(
    """css js mjs cjs map wasm json webmanifest xml rss atom rdf xsl png jpg jpeg gif svg svgz webp avif ico cur bmp tif
    tiff woff woff2 ttf otf eot mp3 m4a ogg oga opus wav flac mp4 m4v webm ogv mov avi m3u8 ts""".split())
# Who says that it is no browser, or nothing at all.
ROBOT = re.compile(
    r"bot/|bot\b|crawl|spider|slurp[ ;/]|feed|fetch|https?://|@|\brss|preview|nutch|validator|scanner|embed|python|perl"
    r"|ruby|wget|curl|java/|library|binlar|reeder|theoldreader|phantomjs|googleimageproxy|google favicon"
    r"|^[\w.-]*$|^[^ (\[]{81,}$", re.I)

# In this order, since each pretends to be the next.
BROWSERS = {
    "Chromium": r"Chromium/", "Firefox": r"^(?!.*SeaMonkey|.*Iceweasel).*Firefox/",
    "Chrome": r"^(?!.*Version/4|.*OPR/).*(Chrome|CriOS)/",
}
# Some sources that have a name of their own.
SOURCES = [
    (r"((www|images|encrypted)\.)?google\.[a-z.]+$", "Google"), (r"stackoverflow\.com$", "Stack Overflow"),
    (r"(r\.)?duckduckgo\.com$", "DuckDuckGo"),
]


class Count:
    """What a log comes to, by hand: a few lines for each figure, which share nothing with the program."""

    def __init__(self, lines, domain):
        self.skipped = collections.Counter()
        self.views = collections.Counter()
        self.referrers = collections.Counter()
        self.people = collections.defaultdict(list)
        for line in lines:
            reason = self.take(line.rstrip("\r\n"), domain)
            if reason:
                self.skipped[reason] += 1
        self.read = len(lines)
        self.visits = []
        for (_, _, day), events in self.people.items():
            events.sort(key=lambda each: each["time"])
            for number, event in enumerate(events):
                if number == 0 or event["time"] - events[number - 1]["time"] > 1800:
                    self.visits.append([])
                self.visits[-1].append(event)

    def take(self, line, domain):
        parts = LINE.match(line)
        if not parts:
            return "malformed"
        client, when, method, target, status, referrer, agent = parts.groups()
        status = int(status)
        if status >= 400:
            return "error"
        if 300 <= status < 400 and status != 304:
            return "redirect"
        if method != "GET":
            return "method"
        path = urllib.parse.unquote(re.sub(r"^https?://[^/]*", "", target).split("#")[0].split("?")[0]).rstrip(" ")
        name = path.rsplit("/", 1)[-1]
        if path in ("/robots.txt", "/favicon.ico") or "." in name and name.rsplit(".", 1)[1].lower() in ASSETS:
            return "asset"
        if ROBOT.search("" if agent == "-" else agent):
            return "bot"
        instant = datetime.datetime.strptime(when, "%d/%b/%Y:%H:%M:%S %z")
        origin = re.match(r"https?://(?:www\.)?([^/:?#]+)[^/]*([^?#]*)", referrer, re.I)
        source = ""
        if origin and origin[1].lower() != domain:
            source = origin[1].lower() + urllib.parse.unquote(origin[2]).rstrip("/")
        tag = re.search(r"[?&]utm_source=([^&#]*)", target)
        if tag:
            source = tag[1]
        self.views[path] += 1
        self.people[client, agent, instant.date()].append(
            {"person": (client, agent, instant.date()), "time": instant.timestamp(), "path": path, "referrer": source})
        return None


def as_lines(path):
    with gzip.open(path, "rt", errors="replace") as file:
        return file.read().splitlines()


@pytest.fixture(scope="module")
def instance():
    with Instance() as running:
        yield running


def days_of(instance, domain):
    """Views and visitors by day, as the roll-ups have them."""
    return {
        day: (int(views), int(visitors), int(visits)) for day, views, visitors, visits in instance.sql(
            f"""SELECT date, page_views, unique_visitors, visits FROM daily_site_metrics m JOIN sites s ON s.id = m.site_id
            WHERE s.domain = '{domain}' ORDER BY date""")}


class Browser:
    """Somebody who has logged in."""

    def __init__(self, instance, site, email):
        self.port = instance.app
        self.cookies = {}
        page = self.ask("GET", "/login")[1]
        token = re.search(r'name="csrf" value="([^"]+)"', page)[1]
        status, _ = self.ask("POST", "/login", urllib.parse.urlencode(
            {"csrf": token, "email": email, "password": site["password"]}))
        assert status == 303

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body, {
            "User-Agent": AGENT, "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())})
        answer = connection.getresponse()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.split(";")[0]
        return answer.status, answer.read().decode()

    def panel(self, domain, name):
        """The rows of a panel of the last thirty days: visitors by value."""
        status, body = self.ask("GET", f"/sites/{domain}/panels/{name}.json?period=30d")
        assert status == 200, body
        return {row["value"]: int(row["metrics"]["visitors"]) for row in json.loads(body)["rows"]}


def figures(instance, site, what):
    connection = http.client.HTTPConnection("127.0.0.1", instance.app, timeout=60)
    connection.request(
        "GET", f"/api/sites/{site['site_id']}/metrics/{what}", headers={"Authorization": f"Bearer {site['api_key']}"})
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, body
    return json.loads(body)


def moved(lines, first):
    """The same lines of other days: the first of them is to be `first`."""
    days = sorted({line[1] for line in map(re.compile(r"\[(\d+/\w+/\d+):").search, lines) if line},
                  key=lambda day: datetime.datetime.strptime(day, "%d/%b/%Y"))
    for number, day in enumerate(days):
        other = (first + datetime.timedelta(number)).strftime("%d/%b/%Y")
        lines = [line.replace(f"[{day}:", f"[{other}:", 1) for line in lines]
    return lines


@pytest.mark.skipif(not LOG.exists(), reason="the log is not here")
def test_a_real_log_comes_to_what_a_few_lines_of_python_count(instance):
    site = instance.site("semicomplete.com")
    lines = as_lines(LOG)
    expected = Count(lines, "semicomplete.com")
    report = instance.run("import-log", str(LOG), "--site", "semicomplete.com")

    assert report["read"] == len(lines)
    assert report["read"] == report["imported"] + sum(report["skipped"].values())
    # Referrers that exist for the sake of statistics: a list that is not repeated here.
    spam = report["skipped"].pop("referrer_spam", 0)
    assert spam < 20
    assert report["skipped"] == dict(expected.skipped)
    assert report["imported"] + spam == sum(expected.views.values())

    # Views of each page, of all days.
    stored = instance.sql(
        f"""SELECT path, sum(page_views) FROM daily_page_metrics WHERE site_id = '{site["site_id"]}' AND NOT is_rest
        GROUP BY path""")
    assert {path: int(views) for path, views in stored} == expected.views, "without spam"

    # Visitors and visits of each day.
    by_day = collections.Counter()
    for _, _, day in expected.people:
        by_day[str(day)] += 1
    assert {day: figures[1] for day, figures in days_of(instance, "semicomplete.com").items()} == by_day
    assert report["visitors"] == len(expected.people)
    assert report["visits"] == len(expected.visits)
    bounces = instance.sql(f"SELECT sum(bounces) FROM daily_site_metrics WHERE site_id = '{site['site_id']}'")
    assert int(bounces[0][0]) == sum(len(visit) == 1 for visit in expected.visits)


@pytest.mark.skipif(not LOG.exists(), reason="the log is not here")
def test_the_dashboard_of_a_real_log_shows_what_a_few_lines_of_python_count(instance, tmp_path):
    domain = "panels.example"
    site = instance.site(domain)
    # Days that the dashboard's last thirty have, of a site that is not the log's own.
    today = datetime.datetime.now(datetime.timezone.utc).date()
    lines = [line.replace("semicomplete.com", domain) for line in as_lines(LOG)]
    lines = moved(lines, today - datetime.timedelta(20))
    path = tmp_path / "moved.log"
    path.write_text("\n".join(lines))
    report = instance.run("import-log", str(path), "--site", domain)
    expected = Count(lines, domain)
    assert report["visitors"] == len(expected.people)

    overview = figures(instance, site, "overview?days=30")
    assert overview["totals"]["page_views"] == sum(expected.views.values())
    assert overview["totals"]["unique_visitors"] == len(expected.people)
    assert overview["totals"]["visits"] == len(expected.visits)
    bounces = sum(len(visit) == 1 for visit in expected.visits)
    assert overview["totals"]["bounce_rate"] == pytest.approx(100 * bounces / len(expected.visits), abs=0.06)
    seconds = sum(int(visit[-1]["time"] - visit[0]["time"]) for visit in expected.visits)
    assert overview["totals"]["visit_duration"] == pytest.approx(seconds / len(expected.visits), abs=0.06)
    by_day = collections.Counter(str(day) for _, _, day in expected.people)
    assert {day["date"]: day["unique_visitors"] for day in overview["days"] if day["unique_visitors"]} == by_day

    visitors = collections.Counter()
    for events in expected.people.values():
        for page in {event["path"] for event in events}:
            visitors[page] += 1
    pages = figures(instance, site, "top-pages?days=30&limit=1000")["pages"]
    shown = {page["path"]: (page["page_views"], page["unique_visitors"]) for page in pages}
    if len(expected.views) <= 1000:
        assert shown == {path: (views, visitors[path]) for path, views in expected.views.items()}
    else:
        assert all(shown[path] == (expected.views[path], visitors[path]) for path in shown)

    browser = Browser(instance, site, f"owner@{domain}")
    # Whose visits, by their first event, came from where; whose browser calls itself what.
    sources, browsers = collections.Counter(), collections.Counter()
    people = collections.defaultdict(set)
    for visit in expected.visits:
        people[visit[0]["person"]].add(visit[0]["referrer"].split("/")[0])
    for person, hosts in people.items():
        for name in {next((name for pattern, name in SOURCES if re.match(pattern, host)), host) for host in hosts}:
            sources[name] += 1
        for name, pattern in BROWSERS.items():
            if re.search(pattern, person[1]):
                browsers[name] += 1
                break
    panel = browser.panel(domain, "sources")
    assert {"", *(name for _, name in SOURCES)} <= set(panel)
    for name in set(panel) & set(sources):
        assert panel[name] == sources[name], name
    assert len(set(panel) & set(sources)) >= 7
    panel = browser.panel(domain, "browsers")
    assert {name: panel[name] for name in BROWSERS} == browsers


# A log of every day's oddities; what it comes to is written out here.
OWN = """\
192.0.2.1 - - [17/May/2015:10:00:00 +0200] "GET / HTTP/1.1" 200 100 "https://www.google.com/search?q=x" "{firefox}"
192.0.2.1 - - [17/May/2015:10:00:01 +0200] "GET /style.css HTTP/1.1" 200 100 "http://own.example/" "{firefox}"
192.0.2.1 - - [17/May/2015:10:01:00 +0200] "GET /caf%C3%A9?x=1 HTTP/1.1" 200 100 "http://own.example/" "{firefox}"
192.0.2.1 - - [17/May/2015:10:31:01 +0200] "GET / HTTP/1.1" 304 0 "-" "{firefox}"
2001:db8::1 - - [17/May/2015:23:30:00 -0100] "GET /night HTTP/1.1" 200 100 "-" "{chrome}"
192.0.2.2 - - [18/May/2015:10:00:00 +0200] "GET /a\\"b HTTP/1.1" 200 100 "-" "{chrome}"
192.0.2.2 - - [18/May/2015:10:00:00 +0200] "POST / HTTP/1.1" 200 100 "-" "{chrome}"
192.0.2.2 - - [18/May/2015:10:00:00 +0200] "GET /old HTTP/1.1" 301 100 "-" "{chrome}"
192.0.2.2 - - [18/May/2015:10:00:00 +0200] "GET /none HTTP/1.1" 404 100 "-" "{chrome}"
192.0.2.3 - - [18/May/2015:10:00:00 +0200] "GET / HTTP/1.1" 200 100 "-" "Googlebot/2.1 (+http://www.google.com/bot.html)"
this is no line
"""
AGENTS = {
    "firefox": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "chrome": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36",
}
OWN_SKIPPED = {"asset": 1, "bot": 1, "error": 1, "malformed": 1, "method": 1, "redirect": 1}
# In the site's zone: 23:30 at -01:00 is the next day in Berlin.
OWN_DAYS = {"2015-05-17": (3, 1, 2), "2015-05-18": (2, 2, 2)}


@pytest.fixture
def own(instance, request, tmp_path):
    domain = f"{request.node.name.replace('_', '-').lower()[:50]}.example"
    instance.site(domain, "Europe/Berlin")
    path = tmp_path / "own.log"
    path.write_text(OWN.replace("own.example", domain).format(**AGENTS))
    return domain, path


def run(instance, *arguments, **options):
    return subprocess.run(
        [PROGRAM, "import-log", *map(str, arguments)], env=instance.environment, capture_output=True, text=True,
        **{"stdin": subprocess.DEVNULL, **options})


def test_days_are_those_of_the_sites_zone(instance, own):
    domain, path = own
    report = instance.run("import-log", str(path), "--site", domain)
    assert report["skipped"] == OWN_SKIPPED
    assert (report["read"], report["imported"], report["days"]) == (11, 5, 2)
    assert (report["from"], report["to"]) == ("2015-05-17", "2015-05-18")
    assert days_of(instance, domain) == OWN_DAYS


def test_the_same_content_again_counts_once_however_it_comes(instance, own, tmp_path):
    domain, path = own
    instance.run("import-log", str(path), "--site", domain)
    packed = tmp_path / "own.log.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert instance.run("import-log", str(packed), "--site", domain)["repeated"] is True
    with open(path, "rb") as file:
        piped = run(instance, "-", "--site", domain, stdin=file)
    assert piped.returncode == 0 and json.loads(piped.stdout)["repeated"] is True, piped.stderr
    assert days_of(instance, domain) == OWN_DAYS
    rows = instance.sql(f"SELECT count(*) FROM imports i JOIN sites s ON s.id = i.site_id WHERE s.domain = '{domain}'")
    assert rows == [["1"]]


def test_another_file_of_the_same_time_needs_replace(instance, own, tmp_path):
    domain, path = own
    instance.run("import-log", str(path), "--site", domain)
    other = tmp_path / "other.log"
    other.write_text(path.read_text().splitlines()[5] + "\n")
    refused = run(instance, other, "--site", domain)
    assert refused.returncode == 1 and "--replace" in refused.stderr and refused.stdout == ""
    assert days_of(instance, domain) == OWN_DAYS
    assert instance.run("import-log", str(other), "--site", domain, "--replace")["replaced"] == 1
    assert days_of(instance, domain) == {**OWN_DAYS, "2015-05-18": (1, 1, 1)}


def test_what_cannot_be_read_is_said_in_a_sentence(instance, own, tmp_path):
    domain, path = own
    broken = tmp_path / "broken.gz"
    broken.write_bytes(gzip.compress(path.read_bytes())[:-20])
    for arguments in (
            (broken, "--site", domain), (tmp_path / "none.log", "--site", domain), (path, "--site", "nobody.example"),
            (path,), (path, "--site", domain, "--format", "other")):
        failed = run(instance, *arguments)
        assert failed.returncode == 1 and failed.stdout == "", arguments
        assert failed.stderr.startswith("mochi: ") and len(failed.stderr.splitlines()) == 1, failed.stderr
    assert days_of(instance, domain) == {}


def test_killed_in_the_middle_it_leaves_nothing_and_can_be_repeated(instance, own):
    domain, path = own
    lines = path.read_text()
    # Days that are written long before the end.
    log = "".join(
        line.replace("17/May", f"{day:02}/Mar").replace("18/May", f"{day:02}/Mar") + "\n"
        for day in range(1, 29) for line in lines.splitlines())
    process = subprocess.Popen(
        [PROGRAM, "import-log", "-", "--site", domain], env=instance.environment, stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    # As much as fills its buffer, so that it is at work, and no end.
    data = (log * (1 + (1 << 20) // len(log))).encode()
    os.set_blocking(process.stdin.fileno(), True)
    process.stdin.write(data)
    process.stdin.flush()
    wait_for(
        lambda: instance.sql(
            "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND application_name = 'mochi'"
        ) != [["0"]] or process.poll() is not None, 30, "the import's transaction")
    process.send_signal(signal.SIGKILL)
    process.wait(30)
    process.stdin.close()
    wait_for(
        lambda: instance.sql(
            "SELECT count(*) FROM pg_stat_activity WHERE xact_start IS NOT NULL AND application_name = 'mochi'") == [["0"]],
        30, "the end of its connection")
    assert days_of(instance, domain) == {}
    for table in ("imports", "site_days", "daily_page_metrics"):
        rows = instance.sql(f"SELECT count(*) FROM {table} t JOIN sites s ON s.id = t.site_id WHERE s.domain = '{domain}'")
        assert rows == [["0"]], table
    path.write_text(log)
    assert instance.run("import-log", str(path), "--site", domain)["days"] == 29


def test_nothing_of_a_visitor_is_left(instance, own):
    """Neither addresses and user agents nor the random bytes that they were hashed under."""
    domain, path = own
    marked = path.read_text().replace("192.0.2.1", "198.51.100.77").replace("Gecko/20100101", "Gecko/20100101 Unmistakable")
    path.write_text(marked)
    instance.run("import-log", str(path), "--site", domain)
    instance.sql("CHECKPOINT")
    found = subprocess.run(
        ["grep", "-rlaE", r"198\.51\.100\.77|Unmistakable", str(instance.data / "state")], capture_output=True, text=True)
    assert found.stdout == ""
    assert instance.sql("SELECT count(*) FROM salts WHERE day < '2016-01-01'") == [["0"]]
