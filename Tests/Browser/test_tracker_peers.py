"""Snippets of Plausible, Umami and GoatCounter as they stand, with nothing but the host changed."""

import pytest


def views(collector, pages):
    """Sorted: in which order they come is chance."""
    return sorted(body["u"].removeprefix(pages.url) for body in collector.bodies("pageview"))


# Plausible

QUEUE = ("<script>window.plausible = window.plausible || function() "
         "{ (window.plausible.q = window.plausible.q || []).push(arguments) }</script>")


def plausible(collector, name="script", attributes=""):
    return f'<script defer data-domain="visited.example" {attributes} src="{collector.url}/js/{name}.js"></script>'


def test_plausible_counts_a_page_view_by_domain(page, pages, collector):
    page.goto(pages.publish("/hello", plausible(collector)))
    [body] = collector.wait("pageview")
    assert (body["d"], body["u"], collector.requests[0]["path"]) == (
        "visited.example", f"{pages.url}/hello", "/api/event")


def test_plausible_may_post_elsewhere(page, pages, collector):
    page.goto(pages.publish("/", plausible(collector, attributes=f'data-api="{collector.url}/proxied/event"')))
    collector.wait("pageview")
    assert collector.requests[0]["path"] == "/proxied/event"


def test_plausible_queue_props_revenue_and_callback(page, pages, collector):
    early = QUEUE + "<script>plausible('Early', {props: {a: 'b'}, u: 'https://visited.example/custom'})</script>"
    page.goto(pages.publish("/", early + plausible(collector)))
    [body] = collector.wait("Early")
    assert (body["p"], body["u"]) == ({"a": "b"}, "https://visited.example/custom")
    answer = page.evaluate(
        """() => new Promise(resolve => plausible("Purchase", {
            revenue: {currency: "USD", amount: 1322.5}, interactive: false, callback: ({status}) => resolve(status)}))""")
    assert answer == 202
    [body] = collector.wait("Purchase")
    assert (body["$"], body["i"]) == ({"currency": "USD", "amount": 1322.5}, False)
    assert collector.names(page, 3, call="plausible") == ["Early", "Purchase", "pageview"]


def test_plausible_features_come_with_the_name(page, pages, collector):
    stay = "<script>addEventListener('click', event => event.preventDefault())</script>"
    body = ('<a id=out href="https://other.example/">out</a><a id=file href="/a.pdf">file</a>'
            '<a id=tag class="plausible-event-name=Tagged" href="https://other.example/">tag</a>')
    for name, expected in [
        ("script", []), ("script.outbound-links", ["Outbound Link: Click"] * 2), ("script.file-downloads", ["File Download"]),
        ("script.tagged-events", ["Tagged"]),
        ("script.file-downloads.outbound-links.tagged-events", ["Outbound Link: Click", "File Download", "Tagged"]),
    ]:
        collector.requests.clear()
        page.goto(pages.publish("/", plausible(collector, name), stay + body))
        collector.wait("pageview")
        for link in ("out", "file", "tag"):
            page.click(f"#{link}")
        names = collector.names(page, len(expected) + 1, call="plausible")
        assert names == sorted(expected) + ["pageview"], name


def test_plausible_hash_and_manual(page, pages, collector):
    page.goto(pages.publish("/", plausible(collector, "script.hash")) + "#one")
    page.evaluate("location.hash = 'two'")
    collector.wait("pageview", 2)
    assert views(collector, pages) == ["/#one", "/#two"]
    assert all(body["h"] for body in collector.bodies())
    collector.requests.clear()
    page.goto(pages.publish("/manual", plausible(collector, "script.manual")))
    assert collector.names(page, 0, call="plausible") == []


def test_plausible_exclusions_and_properties_of_page_views(page, pages, collector):
    head = plausible(collector, "script.exclusions.pageview-props", 'data-exclude="/secret/*, /**/hidden" event-author="Ada"')
    for path, count in (("/secret/a", 0), ("/x/y/hidden", 0), ("/secret/a/b", 1), ("/open", 2)):
        page.goto(pages.publish(path, head))
        assert collector.names(page, count, call="plausible") == ["pageview"] * count
    assert views(collector, pages) == ["/open", "/secret/a/b"]
    assert {body["p"]["author"] for body in collector.bodies()} == {"Ada"}


def test_plausible_own_exclusion_holds(page, pages, collector):
    page.add_init_script("localStorage.plausible_ignore = 'true'")
    page.goto(pages.publish("/", plausible(collector)))
    page.evaluate("delete localStorage.plausible_ignore")
    assert collector.names(page, 0, call="plausible") == []


# Umami


@pytest.fixture
def website(running_mochi):
    return running_mochi.site_id


def umami(collector, website, attributes=""):
    return f'<script defer src="{collector.url}/script.js" data-website-id="{website}" {attributes}></script>'


def test_umami_counts_a_page_view_by_website(page, pages, collector, website):
    page.goto(pages.publish("/hello", umami(collector, website)))
    [body] = collector.wait("pageview")
    assert (body["k"], body["u"]) == (website, f"{pages.url}/hello")


def test_umami_track_in_its_forms_and_identify_to_nobody(page, pages, collector, website):
    page.goto(pages.publish("/", umami(collector, website, 'data-auto-track="false"')))
    page.evaluate(
        """async () => {
            await umami.track();
            await umami.track("Named");
            await umami.track("Named with data", {plan: "pro"});
            await umami.track({url: "/made", title: "Made", website: "x"});
            await umami.track(props => ({...props, url: "/from-function"}));
            await umami.track(props => ({...props, name: "Event from function", data: {a: 1}}));
            await umami.identify("somebody", {email: "a@b.example"});
        }""")
    names = collector.names(page, 6, call="umami.track")
    made = [(body["n"], body["u"].removeprefix(pages.url), body.get("p")) for body in collector.bodies()]
    expected = [
        ("Event from function", "/", {"a": 1}), ("Named", "/", None), ("Named with data", "/", {"plan": "pro"}),
        ("pageview", "/", None), ("pageview", "/from-function", None), ("pageview", "/made", None),
    ]
    assert sorted((one for one in made if one[0] != "mark"), key=lambda one: one[:2]) == expected
    assert names == [name for name, _, _ in expected]
    assert b"somebody" not in b"".join(request["body"] for request in collector.requests)


def test_umami_attributes(page, pages, collector, website):
    page.goto(pages.publish("/", umami(collector, website, 'data-domains="elsewhere.example"')))
    page.evaluate("umami.track('Unseen')")
    page.goto(pages.publish("/", umami(collector, website, 'data-domains="visited.example,www.visited.example"')))
    collector.wait("pageview")
    page.goto(pages.publish(
        "/", umami(collector, website, f'data-host-url="{collector.url}/"'),
        '<button data-umami-event="Signup" data-umami-event-plan="pro"><b>go</b></button>'))
    page.click("b")
    assert collector.wait("Signup")[0]["p"] == {"plan": "pro"}
    assert collector.names(page, 3, call="umami.track") == ["Signup", "pageview", "pageview"]


def test_umami_page_is_taken_by_the_real_collector(page, pages, running_mochi, website):
    head = f'<script defer src="http://localhost:{running_mochi.ingest}/script.js" data-website-id="{website}"></script>'
    with page.expect_response(lambda response: response.url.endswith("/api/event")) as view:
        page.goto(pages.publish("/umami", head))
    assert view.value.status == 202 and "x-mochi-dropped" not in view.value.headers


# GoatCounter


def goatcounter(collector, where="k3y4site/count", attributes=""):
    return f'<script data-goatcounter="{collector.url}/{where}" {attributes} async src="{collector.url}/count.js"></script>'


@pytest.mark.parametrize("where, path", [
    ("k3y4site/count", "/api/event"), ("count?k=k3y4site", "/api/event"), ("pre/k3y4site/count", "/pre/api/event")])
def test_goatcounter_counts_a_page_view_by_key(page, pages, collector, where, path):
    page.goto(pages.publish("/hello", goatcounter(collector, where)))
    [body] = collector.wait("pageview")
    assert (body["k"], body["u"], collector.requests[0]["path"]) == ("k3y4site", f"{pages.url}/hello", path)


def test_goatcounter_count_and_settings(page, pages, collector):
    head = """<script>window.goatcounter = {no_onload: true, path: function(p) { return location.host + p }}</script>"""
    page.goto(pages.publish("/", head + goatcounter(collector)))
    page.wait_for_function("!!goatcounter.count")
    page.evaluate("goatcounter.count({event: true, path: 'click-banner', title: 'Banner'})")
    page.evaluate("goatcounter.count({path: 'by-hand', title: 'By hand', referrer: 'https://from.example/'})")
    page.evaluate("goatcounter.count()")
    page.evaluate("goatcounter.count({path: function(p) { return null }})")
    collector.wait(count=3)
    made = [(body["n"], body["u"].removeprefix(pages.url), body["r"]) for body in collector.bodies()]
    host = pages.url.removeprefix("http://")
    assert sorted(made) == [
        ("click-banner", "/", ""), ("pageview", "/by-hand", "https://from.example/"),
        ("pageview", f"/{host}/", f"{pages.url}/by-hand")]


def test_goatcounter_settings_in_the_tag(page, pages, collector):
    head = goatcounter(collector, attributes="""data-goatcounter-settings='{"path": "/set"}'""")
    page.goto(pages.publish("/", head))
    collector.wait("pageview")
    assert views(collector, pages) == ["/set"]


def test_goatcounter_clicks_and_own_exclusion(page, pages, collector):
    url = pages.publish("/", goatcounter(collector), '<button data-goatcounter-click="signup" data-goatcounter-title="T">go</button>')
    page.goto(url)
    collector.wait("pageview")
    page.click("button")
    assert collector.wait("signup")[0]["p"] == {"title": "T"}
    page.goto(pages.publish("/off", goatcounter(collector)) + "#toggle-goatcounter")
    page.wait_for_function("!!goatcounter.count")
    assert page.evaluate("[localStorage.skipgc, goatcounter.filter() != false]") == ["t", True]
    page.evaluate("localStorage.clear()")
    assert len(collector.wait("pageview")) == 1
