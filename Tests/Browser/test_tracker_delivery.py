"""How the tracker delivers: offline, closed, refused, in frames, under a strict policy, and without leaving a trace."""

import json

import pytest

from tracking import DOMAIN


@pytest.fixture
def snippet(collector):
    return f'<script defer src="{collector.url}/js/mochi.js" data-key="k3y4site"></script>'


SEND = "name => new Promise(resolve => mochi(name, {callback: () => resolve()}))"


def test_what_happens_offline_is_delivered_once_when_the_network_is_back(page, context, pages, collector, snippet):
    page.goto(pages.publish("/", snippet))
    collector.wait("pageview")
    context.set_offline(True)
    for number in range(25):
        page.evaluate(SEND, f"Offline {number}")
    assert len(collector.bodies()) == 1
    context.set_offline(False)
    # Twenty of them, not more.
    assert collector.names(page, 21) == sorted(["pageview", *(f"Offline {number}" for number in range(20))])
    assert len({body["id"] for body in collector.bodies()}) == len(collector.bodies())


@pytest.mark.parametrize("status, attempts", [(503, 2), (429, 2), (500, 2), (400, 1), (202, 1)])
def test_what_the_collector_could_not_take_is_sent_again_under_its_id(page, pages, collector, snippet, status, attempts):
    page.goto(pages.publish("/", snippet))
    collector.wait("pageview")
    collector.status = status
    page.evaluate(SEND, "Again")
    collector.status = 202
    page.evaluate("dispatchEvent(new Event('online'))")
    collector.wait("Again", attempts)
    assert collector.names(page, attempts + 1) == ["Again"] * attempts + ["pageview"]
    assert len({body["id"] for body in collector.bodies("Again")}) == 1
    assert collector.repeated == 0


def test_what_had_no_answer_when_the_page_was_left_is_sent_again_under_its_id(page, pages, collector, snippet):
    collector.answering.clear()
    page.goto(pages.publish("/", snippet))
    collector.wait("pageview")
    page.goto(pages.publish("/next", snippet))
    collector.wait("pageview", 2)
    collector.answering.set()
    assert collector.names(page, 2) == ["pageview", "pageview"]
    assert collector.repeated > 0


def test_half_a_minute_later_it_is_tried_again(page, pages, collector, snippet):
    page.clock.install()
    page.goto(pages.publish("/", snippet))
    collector.wait("pageview")
    collector.status = 503
    page.evaluate(SEND, "Later")
    collector.status = 202
    page.clock.fast_forward(31_000)
    assert len({body["id"] for body in collector.wait("Later", 2)}) == 1


def test_a_page_that_is_closed_at_once_has_counted(page, pages, collector, snippet):
    page.goto(pages.publish("/", snippet), wait_until="domcontentloaded")
    page.close()
    collector.wait("pageview")
    [engagement] = collector.wait("engagement")
    assert engagement["sd"] == 100


def test_a_strict_policy_needs_the_collectors_origin_and_no_more(page, pages, collector, snippet):
    said = []
    page.on("console", lambda message: said.append(message.text))
    policy = f"default-src 'none'; script-src {collector.url}; connect-src {collector.url}"
    url = pages.publish(
        "/", snippet, '<button data-mochi-event="Go">go</button>', headers={"Content-Security-Policy": policy})
    page.goto(url)
    page.click("button")
    assert sorted(body["n"] for body in collector.wait(count=2)) == ["Go", "pageview"]
    assert said == []


def test_frames_of_the_page_are_part_of_it(page, pages, collector, snippet):
    pages.publish("/frame", snippet)
    frames = "".join(f'<iframe src="/frame?{number}"></iframe>' for number in range(10))
    page.goto(pages.publish("/", snippet, frames))
    for frame in page.frames[1:]:
        frame.evaluate(SEND, "From a frame")
    assert collector.names(page, 11) == ["From a frame"] * 10 + ["pageview"]


def test_ten_frames_on_somebody_elses_page_count_each(page, pages, collector, snippet):
    pages.publish("/frame", snippet)
    frames = "".join(f'<iframe src="{pages.url}/frame?{number}"></iframe>' for number in range(10))
    pages.publish("/outer", "", frames)
    page.goto(f"http://127.0.0.1:{pages.server.port}/outer")
    views = collector.wait("pageview", 10)
    assert len({view["id"] for view in views}) == 10
    assert sorted(view["u"][-1] for view in views) == list("0123456789")


def test_nothing_is_kept_in_the_browser(page, context, pages, collector, snippet):
    page.goto(pages.publish("/", snippet, '<button data-mochi-event="Go">go</button><form></form>'))
    page.click("button")
    collector.wait("Go")
    page.reload()
    collector.wait("pageview", 2)
    kept = page.evaluate(
        """async () => ({
            cookies: document.cookie, local: {...localStorage}, session: {...sessionStorage}, window: window.name,
            databases: indexedDB.databases ? await indexedDB.databases() : [],
            caches: window.caches ? await caches.keys() : [],
        })""")
    assert kept == {"cookies": "", "local": {}, "session": {}, "window": "", "databases": [], "caches": []}
    assert context.storage_state() == {"cookies": [], "origins": []}


def test_a_browser_that_forbids_storage_is_counted(page, pages, collector, snippet):
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError') }})")
    page.goto(pages.publish("/", snippet))
    assert collector.wait("pageview")


def test_the_real_collector_takes_what_the_tracker_sends(page, pages, running_mochi):
    head = f'<script defer src="http://localhost:{running_mochi.ingest}/js/mochi.js" data-key="{running_mochi.key}"></script>'
    with page.expect_response(lambda response: response.url.endswith("/api/event")) as view:
        page.goto(pages.publish("/real", head))
    assert view.value.status == 202 and "x-mochi-dropped" not in view.value.headers
    with page.expect_response(lambda response: response.url.endswith("/api/event")) as event:
        page.evaluate("mochi('Purchase', {props: {plan: 'pro'}, revenue: {amount: '9.90', currency: 'EUR'}})")
    assert event.value.status == 202 and "x-mochi-dropped" not in event.value.headers
    with page.expect_response(lambda response: response.url.endswith("/api/event")) as left:
        page.evaluate("history.pushState({}, '', '/left')")
    assert left.value.status == 202 and "x-mochi-dropped" not in left.value.headers
    # What it made of the page view.
    body = json.loads(view.value.request.post_data)
    status, answer = running_mochi.post("/api/event", {**body, "id": "other"}, {"X-Debug-Request": "true"})
    made = json.loads(answer)
    assert (status, made["dropped"], made["event"]["hostname"], made["event"]["pathname"]) == (200, None, DOMAIN, "/real")
    assert made["session"]["country"] == "FR"


def test_served_scripts_keep_to_their_size(running_mochi):
    import gzip
    import urllib.request

    def size(path):
        with urllib.request.urlopen(f"http://127.0.0.1:{running_mochi.ingest}{path}") as answer:
            return len(gzip.compress(answer.read(), 9))

    assert size("/js/mochi.js") <= 2000
