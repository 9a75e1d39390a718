"""What the tracker sends, feature by feature, from a page of another origin."""

import json
import subprocess

import pytest

from tracking import REPOSITORY


@pytest.fixture
def snippet(collector):
    return f'<script defer src="{collector.url}/js/mochi.js" data-key="k3y4site"></script>'


def without(body, *names):
    return {name: value for name, value in body.items() if name not in names}


def test_a_page_view_says_what_the_contract_lists(page, pages, collector, snippet):
    page.goto(pages.publish("/hello", snippet) + "?utm_source=letter&x=1#secret", referer="https://from.example/a?q=1")
    [body] = collector.wait("pageview")
    assert len(body.pop("id")) > 20
    assert body == {
        "n": "pageview", "u": f"{pages.url}/hello?utm_source=letter&x=1", "k": "k3y4site", "h": False,
        "r": "https://from.example/a", "t": "Title of /hello", "w": 800, "tz": "Europe/Paris",
    }
    [request] = collector.requests
    assert request["path"] == "/api/event"
    assert request["headers"]["Content-Type"].startswith("text/plain")
    assert "Cookie" not in request["headers"]


def test_the_key_in_the_scripts_name_is_enough(page, pages, collector, running_mochi):
    head = f'<script defer src="{collector.url}/js/{running_mochi.key}.js"></script>'
    page.goto(pages.publish("/", head))
    assert collector.wait("pageview")[0]["k"] == running_mochi.key


def test_a_script_that_is_there_twice_counts_once(page, pages, collector, snippet):
    page.goto(pages.publish("/", snippet + snippet))
    assert collector.names(page, 1) == ["pageview"]


def test_a_tag_manager_may_add_the_script(page, pages, collector):
    page.goto(pages.publish("/"))
    page.evaluate(
        """src => {
            const script = document.createElement("script");
            script.src = src;
            script.dataset.key = "added1234";
            document.head.append(script);
        }""", f"{collector.url}/js/mochi.js")
    assert collector.wait("pageview")[0]["k"] == "added1234"


def test_another_endpoint_can_be_named(page, pages, collector):
    head = f'<script defer src="{collector.url}/js/mochi.js" data-key="k3y4site" data-api="{collector.url}/other"></script>'
    page.goto(pages.publish("/", head))
    collector.wait("pageview")
    assert collector.requests[0]["path"] == "/other"


def test_pages_without_loading_count_with_the_page_before_as_referrer(page, pages, collector, snippet):
    page.goto(pages.publish("/one", snippet))
    collector.wait("pageview")
    page.evaluate("history.pushState({}, '', '/two')")
    page.evaluate("history.pushState({}, '', '/two?tab=2')")
    page.evaluate("history.replaceState({}, '', '/two#part')")
    page.evaluate("document.title = 'Three'; history.pushState({}, '', '/three')")
    page.go_back()
    collector.wait("pageview", 4)
    views = [(body["u"].removeprefix(pages.url), body["r"].removeprefix(pages.url), body["t"])
             for body in collector.bodies("pageview")]
    assert sorted(views) == [
        ("/one", "", "Title of /one"), ("/three", "/two", "Three"), ("/two", "/one", ""), ("/two", "/three", ""),
    ]
    assert collector.names(page, 4) == ["pageview"] * 4


@pytest.mark.parametrize("option, expected", [("", ["/"]), ("data-hash", ["/#a", "/#b"]), ('data-hash="false"', ["/"])])
def test_fragments_are_pages_where_the_site_says_so(page, pages, collector, snippet, option, expected):
    page.goto(pages.publish("/", snippet.replace("defer", f"defer {option}")) + "#a")
    collector.wait("pageview")
    page.evaluate("location.hash = 'b'")
    assert collector.names(page, len(expected)) == ["pageview"] * len(expected)
    views = collector.bodies("pageview")
    assert [view["u"].removeprefix(pages.url) for view in views] == expected
    assert {view["h"] for view in views} == {len(expected) == 2}


def test_a_page_from_the_back_forward_cache_counts_again(page, pages, collector, snippet):
    page.goto(pages.publish("/", snippet))
    collector.wait("pageview")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    assert collector.names(page, 2) == ["pageview", "pageview"]


def test_a_page_in_the_background_counts_when_it_is_looked_at(page, pages, collector, snippet):
    page.add_init_script("window.away = true; Object.defineProperty(document, 'hidden', {get: () => away})")
    page.goto(pages.publish("/", snippet))
    page.evaluate("mochi('Early')")
    # Nothing was sent by then: what this page sends shows what has become visible since.
    page.evaluate("away = false; document.dispatchEvent(new Event('visibilitychange', {bubbles: true}))")
    assert collector.names(page, 2) == ["Early", "pageview"]


def test_calls_from_before_the_script_are_kept(page, pages, collector, snippet):
    head = ("<script>window.mochi = window.mochi || function () { (mochi.q = mochi.q || []).push(arguments) };"
            "mochi('Early', {props: {plan: 'pro'}})</script>")
    page.goto(pages.publish("/", head + snippet))
    bodies = {body["n"]: body.get("p") for body in collector.wait(count=2)}
    assert bodies == {"pageview": None, "Early": {"plan": "pro"}}


def test_custom_events_carry_properties_and_revenue(page, pages, collector, snippet):
    page.goto(pages.publish("/shop", snippet))
    answer = page.evaluate(
        """() => new Promise(resolve => mochi("Purchase", {
            props: {plan: "pro", seats: 3}, revenue: {amount: "9.90", currency: "EUR"}, interactive: false,
            url: "https://visited.example/other", callback: answer => resolve(answer.status)
        }))""")
    assert answer == 202
    [body] = collector.wait("Purchase")
    assert (body["p"], body["$"], body["i"], body["u"]) == (
        {"plan": "pro", "seats": 3}, {"amount": "9.90", "currency": "EUR"}, False, "https://visited.example/other")


def test_by_hand_counts_only_what_is_called(page, pages, collector, snippet):
    page.goto(pages.publish("/", snippet.replace("defer", "defer data-manual")))
    page.evaluate("history.pushState({}, '', '/two')")
    page.evaluate("mochi('pageview', {url: 'https://visited.example/by-hand', props: {author: 'Ada'}})")
    assert collector.names(page, 1) == ["pageview"]
    [view] = collector.bodies("pageview")
    assert (view["u"], view["p"]) == ("https://visited.example/by-hand", {"author": "Ada"})


def test_engagement_tells_time_and_depth_of_the_page_that_is_left(page, pages, collector, snippet):
    page.clock.install()
    page.goto(pages.publish("/long", snippet, '<div style="height: 2400px"></div>'))
    collector.wait("pageview")
    page.clock.fast_forward(5000)
    page.evaluate("history.pushState({}, '', '/next')")
    [first] = collector.wait("engagement")
    assert first["u"] == f"{pages.url}/long"
    assert 20 <= first["sd"] <= 30 and 5000 <= first["e"] < 60000
    page.evaluate("scrollTo(0, 10000)")
    page.clock.fast_forward(1000)
    page.goto(pages.publish("/elsewhere"))
    second = collector.wait("engagement", 2)[1]
    assert second["u"] == f"{pages.url}/next"
    assert second["sd"] == 100 and 1000 <= second["e"] < 60000
    assert first["id"] != second["id"]


def test_time_in_the_background_is_no_engagement(page, pages, collector, snippet):
    page.clock.install()
    page.add_init_script("window.away = false; Object.defineProperty(document, 'hidden', {get: () => away})")
    page.goto(pages.publish("/", snippet))
    collector.wait("pageview")
    seen = "document.dispatchEvent(new Event('visibilitychange', {bubbles: true}))"
    page.clock.fast_forward(4000)
    page.evaluate(f"away = true; {seen}")
    assert 4000 <= collector.wait("engagement")[0]["e"] < 60000
    page.clock.fast_forward(60000)
    page.evaluate(f"away = false; {seen}")
    page.clock.fast_forward(4000)
    page.evaluate(f"away = true; {seen}")
    assert 4000 <= collector.wait("engagement", 2)[1]["e"] < 60000


LINKS = [
    ("https://other.example/a?b=1", "Outbound Link: Click", {"url": "https://other.example/a?b=1"}),
    ("https://other.example/paper.pdf", "Outbound Link: Click", {"url": "https://other.example/paper.pdf"}),
    ("/paper.PDF?from=here", "File Download", {"url": "{site}/paper.PDF"}),
    ("/files.zip", "File Download", {"url": "{site}/files.zip"}),
    ("/page", None, None), ("/pdf", None, None), ("mailto:somebody@visited.example", None, None), ("#part", None, None),
]


@pytest.mark.parametrize("href, name, props", LINKS)
def test_links_that_leave_or_load_count(page, pages, collector, snippet, href, name, props):
    stay = "<script>addEventListener('click', event => event.preventDefault())</script>"
    page.goto(pages.publish("/", snippet, f'{stay}<a id=link href="{href}"><b>there</b></a>'))
    collector.wait("pageview")
    page.click("b")
    expected = [name, "pageview"] if name else ["pageview"]
    assert collector.names(page, len(expected)) == expected
    if name:
        assert collector.wait(name)[0]["p"] == {"url": props["url"].replace("{site}", pages.url)}


def test_a_link_counts_although_the_page_is_left(page, pages, collector, snippet):
    target = f"http://127.0.0.1:{pages.server.port}/there"
    pages.publish("/there")
    page.goto(pages.publish("/", snippet, f'<a href="{target}">there</a>'))
    page.click("a")
    page.wait_for_url(target)
    assert collector.wait("Outbound Link: Click")[0]["p"] == {"url": target}


TAGGED = [
    ('<button id=it data-mochi-event="Sign up" data-mochi-prop-plan="C++"><i>go</i></button>', "Sign up",
     {"plan": "C++"}, None),
    ('<div data-mochi-event="Buy" data-mochi-revenue-amount="9.90" data-mochi-revenue-currency="EUR"><i>go</i></div>',
     "Buy", {}, {"amount": "9.90", "currency": "EUR"}),
    ('<span class="big plausible-event-name=Sign+up plausible-event-plan=pro"><i>go</i></span>', "Sign up",
     {"plan": "pro"}, None),
    ('<span class="plausible-event-name--Signup plausible-revenue-amount=1 plausible-revenue-currency=USD"><i>go</i></span>',
     "Signup", {}, {"amount": "1", "currency": "USD"}),
    ('<a href="https://other.example/" data-mochi-event="Leave" onclick="return false"><i>go</i></a>', "Leave", {}, None),
    ('<form data-mochi-event="Ask" action="/asked"><button><i>go</i></button></form>', "Ask", {}, None),
    ('<form class="plausible-event-name=Ask" action="/asked"><button><i>go</i></button></form>', "Ask", {}, None),
    ('<form action="/asked"><input name=mail value="a@b.example"><button><i>go</i></button></form>', "Form: Submission",
     {"path": "/"}, None),
]


@pytest.mark.parametrize("html, name, props, revenue", TAGGED)
def test_tagged_elements_and_forms_count_once(page, pages, collector, snippet, html, name, props, revenue):
    pages.publish("/asked", snippet)
    page.goto(pages.publish("/", snippet, html))
    collector.wait("pageview")
    page.click("i")
    body = collector.wait(name)[0]
    assert (body.get("p"), body.get("$")) == (props, revenue)
    if "form" in html:
        page.wait_for_url("**/asked*")
        collector.wait("pageview", 2)
    collector.mark(page)
    # A request that the end of the page cut off from its answer may come again, under the same id.
    names = {body["id"]: body["n"] for body in collector.bodies() if body["n"] not in ("pageview", "mark")}
    assert list(names.values()) == [name]


def test_an_element_within_a_component_counts(page, pages, collector, snippet):
    page.goto(pages.publish("/", snippet, "<div id=host></div>"))
    page.evaluate(
        """() => document.querySelector("#host").attachShadow({mode: "open"}).innerHTML =
            '<button data-mochi-event="Inside">go</button>'""")
    page.click("button")
    assert collector.wait("Inside")


def test_a_page_that_is_not_there_counts_as_such(page, pages, collector, snippet):
    page.goto(pages.publish("/gone", snippet, status=404))
    [body] = collector.wait("404")
    assert (body["p"], body["i"]) == ({"path": "/gone"}, False)
    assert collector.names(page, 2) == ["404", "pageview"]


def test_who_opts_out_is_not_counted_until_they_opt_in(page, pages, collector, snippet):
    url = pages.publish("/", snippet, '<a href="#mochi-opt-out">out</a><a href="#mochi-opt-in">in</a>')
    page.goto(url)
    collector.wait("pageview")
    assert page.evaluate("({...localStorage})") == {}
    page.click("text=out")
    page.wait_for_url("**#mochi-opt-out")
    assert page.evaluate("({...localStorage})") == {"mochi_ignore": "true"}
    page.reload()
    assert page.evaluate("new Promise(resolve => mochi('Unseen', {callback: () => resolve('told')}))") == "told"
    page.click("text=in")
    page.wait_for_url("**#mochi-opt-in")
    assert page.evaluate("({...localStorage})") == {}
    assert collector.names(page, 1) == ["pageview"]


@pytest.mark.parametrize("option, expected", [("", ["pageview"]), ("data-gpc", [])])
def test_global_privacy_control_holds_where_the_site_says_so(page, pages, collector, snippet, option, expected):
    page.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', {get: () => !window.loosened})")
    page.goto(pages.publish("/", snippet.replace("defer", f"defer {option}")))
    page.evaluate("window.loosened = true")
    assert collector.names(page, len(expected)) == expected


def test_the_module_for_bundlers_is_the_same_code(page, pages, collector, tmp_path):
    package = REPOSITORY / "packages/tracker"
    subprocess.run(["sh", package / "assemble", tmp_path / "index.js"], check=True)
    module = (package / "index.js").read_text()
    assert module == (tmp_path / "index.js").read_text(), "run packages/tracker/assemble"
    pages.answers["/index.js"] = (200, module, {"Content-Type": "text/javascript"})
    options = json.dumps({"url": collector.url, "key": "k3y4site"})
    page.goto(pages.publish("/", f"""<script type="module">
        import {{init}} from "/index.js";
        window.track = init({options});
        track("Signup", {{props: {{plan: "pro"}}}});
    </script>"""))
    assert collector.wait("Signup")[0]["p"] == {"plan": "pro"}
    assert collector.names(page, 2, call="track") == ["Signup", "pageview"]
    assert {body["k"] for body in collector.bodies()} == {"k3y4site"}
