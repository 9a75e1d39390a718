"""Every page: for axe in both themes, at every width, without a shift of its layout and without a broken policy."""

import re
import socket
import threading
import time
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from demo import QUIET, SITE

ON_DASHBOARD = ["", "?f=is,country,DE&period=7d", "?f=is,goal,Signed up", "?period=realtime", "?tabs=funnels",
                "?tabs=properties", "?period=today&compare=off&interval=hour",
                "?tabs=map&join=or&f=is,country,DE&f=is,page,/&and=is,device,Desktop"]
OF_SITE = ["/panels/pages", "/panels/countries?f=is,country,DE", "/panels/goals", "/panels/map",
           "/panels/chart", "/panels/funnels", "/filters?f=is,country,DE", "/goals",
           "/funnels", "/install", "/settings/general", "/settings/script", "/settings/exclusions", "/settings/data",
           "/settings/sharing", "/settings/transfer"]
MINE = ["/sites", "/sites/roll-up", "/sites/new", f"/sites/{QUIET}", "/account/general", "/account/team",
        "/account/keys", "/account/data", "/account/audit-log", "/settings/profile", "/settings/password",
        "/settings/address", "/settings/two-factor", "/settings/sessions", "/settings/delete", "/docs",
        f"/sites/{SITE}?f=is,color,red", "/sites/nobody.example", "/nothing"]
OF_STRANGERS = ["/", "/signup", "/login", "/forgot", "/docs", "/links/no-such-link", "/invitations/no-such-one", "/nothing",
                "/share/no-such-link"]


@pytest.fixture(scope="module")
def shared(demonstration, browser):
    """Paths to what is shared of the site: a link, a frame, and a link with a password that nobody has given yet."""
    page = demonstration.page(browser)
    of_site = re.compile(r"/(?:share|embed)/[a-z2-7]{26}")
    page.goto(f"{demonstration.url}/sites/{SITE}/settings/sharing")
    links, seen = [], set(of_site.findall(page.locator("main").inner_text()))
    for fields in ({"name": "A client"}, {"name": "A page", "origins": "https://example.com"},
                   {"name": "The board", "password": "seven purple anvils"}):
        page.goto(f"{demonstration.url}/sites/{SITE}/settings/sharing")
        form = page.locator("#new form")
        for name, value in fields.items():
            form.locator(f"[name={name}]").fill(value)
        form.locator("button").last.click()
        expect(page.locator("#links")).to_contain_text(fields["name"])
        found = set(of_site.findall(page.locator("#links").inner_text())) - seen
        seen |= found
        links += [link for link in found if ("embed" in link) == ("origins" in fields)]
    assert len(links) == 3, links
    return links + [links[0] + "/panels/pages", links[0] + "/filters", links[1] + "/panels/countries"]


def visits(demo, browser, shared, **options):
    """Every page, those for members first: a page of the browser, each of its addresses, and whether anybody may see it."""
    members = [f"/sites/{SITE}{path}" for path in ON_DASHBOARD + OF_SITE] + MINE
    for stranger, addresses in ((False, members), (True, OF_STRANGERS + shared)):
        page = demo.page(browser, "/healthz", stranger=stranger, **options)
        for path in addresses:
            page.goto(demo.url + path)
            yield page, path
        assert page.faults == []


SHIFTS = """
window.shifts = [];
const nodes = (entry) => entry.sources.map(({ node }) => `${node?.nodeName} ${node?.className} ${node?.textContent}`);
new PerformanceObserver((list) => shifts.push(...list.getEntries().map((entry) => [entry.value, nodes(entry)])))
    .observe({ type: "layout-shift", buffered: true });
"""


def shifted(page):
    """What moved on a page, when it is more than the rounding of a pixel."""
    shifts = page.evaluate("shifts")
    return shifts if sum(value for value, _ in shifts) > 0.001 else []


@pytest.mark.parametrize("scheme, width, other", [("light", 1280, 768), ("dark", 390, 1920)])
def test_every_page(demo, shared, browser, scheme, width, other):
    wrong = []
    options = {"color_scheme": scheme, "reduced_motion": "reduce", "viewport": {"width": width, "height": 900}}
    for page, path in visits(demo, browser, shared, script=SHIFTS, **options):
        # Two frames after everything has come.
        page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        if moved := shifted(page):
            wrong.append((path, "moves", moved))
        for rule in Axe().run(page).response["violations"]:
            if rule["impact"] in ("serious", "critical"):
                wrong += [(path, rule["id"], node["html"][:150]) for node in rule["nodes"]]
        for each in (other, width):
            page.set_viewport_size({"width": each, "height": 900})
            if page.evaluate("document.documentElement.scrollWidth") > each:
                wrong.append((path, "is wider than", each))
    assert wrong == [], "\n".join(map(str, wrong))


@pytest.fixture
def slow(demo):
    """The address of the instance over a slow line: two hundred bytes, fifty times a second. Its pauses are what is tested."""
    listener = socket.create_server(("127.0.0.1", 0))
    upstream = urlsplit(demo.url)

    def forward(source, sink, size, pause):
        with source, sink:
            while data := source.recv(size):
                sink.sendall(data)
                time.sleep(pause)
            sink.shutdown(socket.SHUT_WR)

    def quietly(*arguments):
        try:
            forward(*arguments)
        except OSError:  # One of the two has gone.
            pass

    def accept():
        while True:
            try:
                reader, _ = listener.accept()
            except OSError:
                return
            server = socket.create_connection((upstream.hostname, upstream.port))
            for ends in ((reader, server, 65536, 0), (server, reader, 200, 0.02)):
                threading.Thread(target=quietly, args=ends, daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    yield f"http://{upstream.hostname}:{listener.getsockname()[1]}"
    listener.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_page_that_comes_in_pieces_does_not_move(demo, browser, shared, slow, width):
    page = demo.page(browser, "/healthz", script=SHIFTS, viewport={"width": width, "height": 900})
    wrong = []
    for path in [f"/sites/{SITE}", f"/sites/{SITE}?f=is,country,DE&period=7d", f"/sites/{SITE}/panels/pages", "/sites",
                 "/sites/roll-up", "/account/team", shared[1]]:
        page.goto(slow + path)
        if moved := shifted(page):
            wrong.append((path, moved))
    assert wrong == [], "\n".join(map(str, wrong))
    assert page.faults == []


def test_after_a_click_only_the_answer_moves(demo, browser):
    """What is above the panels stays where it was when a tab is opened, and the reader with it."""
    page = demo.page(browser, viewport={"width": 1280, "height": 700})
    page.locator("#box-devices").scroll_into_view_if_needed()
    before = page.locator("#box-devices").bounding_box()["y"]
    page.locator("#box-devices").get_by_role("link", name="Systems").click()
    page.wait_for_url("**tabs=systems*")
    assert abs(page.locator("#box-devices").bounding_box()["y"] - before) <= 1
    assert page.faults == []
