"""What visitors and members write themselves: any script, any length, and what would like to be run."""

import json
import re
import urllib.parse

import pytest
from playwright.sync_api import expect

from instance import wait_for

SITE = "names.example"
EMAIL = "demo@example.com"
RUN = "window.ran=1"

NAMES = [
    "مرحبا بالعالم، هذه صفحة طويلة", "日本語のページ：とても長い名前がここに入ります", "👩‍👩‍👧‍👦🏳️‍🌈 Zalgo Z̸̡͔̎a̵̬̐l̷͖̈g̶̱̓o̶̤͝",
    "unbroken" * 250, "wide W" * 330, f"<script>{RUN}</script>", f"<img src=x onerror=\"{RUN}\">",
    f"\"><svg onload={RUN}>", f"' onmouseover='{RUN}' x='", f"javascript:{RUN}//", "{{csrf}} {{{title}}} {{#board}}",
    "\"\u0308 onmouseover=window.ran=1 x=\"", "<\u0301img src=x onerror=window.ran=1>",
    "\u202egnihtemos <b>bold</b>", "=HYPERLINK(\"https://evil.example\")", "a,b\\,c\\\\d", "&amp;&lt;x&gt; %3Cscript%3E",
]


@pytest.fixture(scope="module")
def named(demonstration, browser):
    """A site whose visitors, and whose owner, are called and write as they like."""
    mochi = demonstration.mochi
    made = mochi.run("admin", "bootstrap", "--email", EMAIL, "--site", SITE)
    wait_for(lambda: mochi.knows(made["tracking_key"]), what="that the collector knows the site")
    for number, name in enumerate(NAMES):
        path = "/" + urllib.parse.quote(name, safe="")[:1600]
        for event in ("pageview", name[:30]):
            campaign = urllib.parse.urlencode({"utm_campaign": name[:100], "utm_source": name[:60]})
            status, body = mochi.post("/api/event", {
                "n": event, "k": made["tracking_key"], "t": name[:2000], "u": f"https://{SITE}{path}?{campaign}",
                "r": f"https://referrer.example/{urllib.parse.quote(name[:500])}",
                "p": {name[:50]: name[:1000], "plan": name[:1000]},
            }, {"X-Forwarded-For": f"192.0.2.{number + 1}"})
            assert status == 202, (name, body)
    page = demonstration.page(browser, "/sites")

    def count():
        answer = page.request.get(f"{demonstration.url}/sites/{SITE}/panels/titles.json?period=today&limit=100")
        return answer.status == 200 and len(answer.json()["rows"]) >= len(NAMES) - 2

    wait_for(count, what="that the visits are shown")
    # Whoever owns it writes as freely.
    for path, card, fields in [
        (f"/sites/{SITE}/settings/general", None, {"name": f"<script>{RUN}</script> 日本 " + "n" * 150}),
        ("/settings/profile", None, {"name": f"<img src=x onerror={RUN}> مرحبا " + "n" * 100}),
        (f"/sites/{SITE}/settings/sharing", "#new", {"name": f"<svg onload={RUN}> " + "n" * 150}),
    ]:
        page.goto(demonstration.url + path)
        form = page.locator(f"{card or 'main'} form.stack").first
        for name, value in fields.items():
            form.locator(f"[name={name}]").fill(value)
        form.locator("button").last.click()
        page.wait_for_load_state()
    for name in NAMES[:6]:
        page.goto(f"{demonstration.url}/sites/{SITE}/goals")
        page.locator("[name=kind]").last.select_option("event")
        page.locator("#what").fill(name[:30])
        page.locator("#name").fill(name[:180])
        page.get_by_role("button", name="Add goal").click()
        page.wait_for_load_state()
    page.goto(f"{demonstration.url}/sites/{SITE}?period=today")
    page.locator("#notes > summary").click()
    page.fill("[name=text]", f"<script>{RUN}</script> " + "n" * 150)
    page.get_by_role("button", name="Add note").click()
    page.wait_for_load_state()
    page.goto(f"{demonstration.url}/sites/{SITE}?period=today&f=is,title,{urllib.parse.quote(NAMES[5])}")
    page.locator("summary", has_text="Segments").click()
    page.fill("[name=name]", f"<img src=x onerror={RUN}> " + "n" * 150)
    page.get_by_role("button", name="Save").click()
    page.wait_for_load_state()
    assert page.faults == []
    page.context.close()
    yield demonstration
    # The person's name is on other pages, too.


def addresses():
    base = f"/sites/{SITE}"
    filters = [urllib.parse.quote(f"is,title,{name[:2000]}".replace("\\", "\\\\"), safe=",") for name in NAMES[:12]]
    return [
        f"{base}?period=today", f"{base}?period=today&tabs=referrers,titles,events", f"{base}?period=realtime",
        f"{base}?period=today&tabs=campaigns,entry-pages,properties&property=plan", f"{base}?period=today&tabs=goals,exit-pages",
        *(f"{base}?period=today&f={one}" for one in filters),
        f"{base}?period=today&" + "&".join(f"f={one}" for one in filters[:5]) + "&join=or",
        f"{base}/filters?period=today&" + "&".join(f"f={one}" for one in filters[:5]),
        *(f"{base}/panels/{panel}?period=today" for panel in ("pages", "titles", "referrers", "sources", "campaigns", "events",
                                                            "property-plan", "goals")),
        f"{base}/goals", f"{base}/funnels", f"{base}/settings/general", f"{base}/settings/sharing", "/sites", "/sites/roll-up",
        "/settings/profile", "/account/team", "/account/audit-log",
    ]


# What a page of ours never has; whatever of the above became an element, would be one of these.
STRANGE = "main script:not([src]), main img[onerror], [onload], [onerror], [onmouseover], [href^='javascript:'], main b b"


def test_names_stay_texts_and_fit(named, demo, browser):
    page = demo.page(browser, "/healthz")
    wide, run = [], []
    for path in addresses():
        answer = page.goto(demo.url + path)
        assert answer.status == 200, (path[:200], answer.status)
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 900})
            if page.evaluate("document.documentElement.scrollWidth") > width:
                wide.append((width, path[:120]))
        if page.evaluate("window.ran") or page.locator(STRANGE).count() or "csrf}}" in page.title():
            run.append(path[:120])
    assert wide == [] and run == [] and page.faults == []


def test_files_hold_names_as_they_are(named, demo, browser):
    page = demo.page(browser, "/healthz")
    base = f"{demo.url}/sites/{SITE}/panels/titles"
    rows = page.request.get(base + ".json?period=today&limit=100").json()["rows"]
    told = {row["value"] for row in rows}
    assert {name for name in NAMES if len(name) < 200} <= told
    csv = page.request.get(base + ".csv?period=today&limit=100").text()
    assert "'=HYPERLINK" in csv and "\n=HYPERLINK" not in csv
    svg = page.request.get(base + ".svg?period=today&limit=100")
    assert "<script" not in svg.text() and svg.headers["content-type"].startswith("image/svg+xml")
    page.goto(base + ".svg?period=today&limit=100")
    assert page.evaluate("document.documentElement.tagName") == "svg" and not page.evaluate("window.ran")
    assert page.faults == []


def test_a_click_on_any_name_selects_it(named, demo, browser, scripted):
    page = demo.page(browser, f"/sites/{SITE}/panels/titles?period=today", scripted=scripted)
    labels = page.locator(".bars.full a.label")
    for index in range(labels.count()):
        label = labels.nth(index)
        link, name = label.get_attribute("href"), label.get_attribute("title")
        answer = page.request.get(demo.url + link)
        assert answer.status == 200, name[:80]
    hostile = page.locator(".bars.full a.label", has_text="<script>").first
    hostile.click()
    expect(page.locator(".pill b")).to_have_text(NAMES[5])
    page.locator(".pill a").click()
    expect(page.locator(".pill")).to_have_count(0)
    assert page.faults == []


def test_a_site_with_one_visit(demo, browser):
    domain = "single.example"
    made = demo.mochi.run("admin", "bootstrap", "--email", EMAIL, "--site", domain)
    page = demo.page(browser, f"/sites/{domain}")
    expect(page.locator("main")).to_contain_text("Waiting for the first page view")
    wait_for(lambda: demo.mochi.knows(made["tracking_key"]), what="that the collector knows the site")
    status, _ = demo.mochi.post("/api/event", {"n": "pageview", "k": made["tracking_key"], "u": f"https://{domain}/only"})
    assert status == 202
    # The page turns into the dashboard by itself.
    expect(page.locator(".figure").first).to_contain_text("1", timeout=20_000)
    for query in ("", "?period=today", "?period=realtime", "?period=all", "?period=12mo&compare=year", "?metric=bounce_rate"):
        page.goto(f"{demo.url}/sites/{domain}{query}")
        assert page.locator(".figure", has_text="Visitors").locator(".big").inner_text() == "1", query
        expect(page.locator("#box-content tbody tr")).to_have_count(1)
        assert not re.search(r"\b(NaN|nan|inf|Infinity)\b", page.locator("main").inner_html())
    page.goto(f"{demo.url}/sites/{domain}?period=yesterday")
    assert page.locator(".figure", has_text="Visitors").locator(".big").inner_text() == "0"
    assert json.loads(page.request.get(f"{demo.url}/sites/{domain}/panels/pages.json").text())["total"] == 1
    assert page.faults == []
