"""What somebody does with a dashboard in a week, each done in Chromium and counted.

    .build/venv/bin/python Tests/Browser/walkthrough.py

prints the table of docs/walkthrough.md. Needs what ./test needs, and a build; MOCHI_TEST_PROGRAMS names another folder
than .build/debug. The same runs as a test, without times.
"""

import csv
import io
import pathlib
import re
import statistics
import sys
import time
import zipfile

if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "System"))

from playwright.sync_api import expect

from demo import SITE
from instance import wait_for


# When a button or key went down: what Playwright does before, until a page is at rest, nobody waits for.
ACTED = """
for (const kind of ["pointerdown", "keydown"]) {
    addEventListener(kind, () => { sessionStorage.acted = Date.now(); }, { capture: true });
}
"""


class Hand:
    """Clicks, keys, and texts that are typed; and how long each takes until what it is for is seen."""

    def __init__(self, page, url):
        self.page, self.url = page, url
        self.clicks, self.keys, self.texts, self.waited = 0, 0, 0, 0.0

    def until(self, act, sight):
        """Seen is what a locator finds, or what a part of the address says."""
        act()
        if sight is None:
            return
        if isinstance(sight, str):
            self.page.wait_for_url(f"**{sight}**", wait_until="commit")
            self.page.wait_for_function(
                "document.readyState !== 'loading' && !document.querySelector('[aria-busy=true]')")
        else:
            sight.first.wait_for()
        self.waited += 1000 * time.time() - float(self.page.evaluate("sessionStorage.acted"))

    def click(self, what, sight=None, **options):
        self.clicks += 1
        self.until(lambda: what.click(**options), sight)

    def press(self, key, sight=None):
        self.keys += 1
        self.until(lambda: self.page.keyboard.press(key), sight)

    def type(self, field, text):
        self.texts += 1
        field.fill(text)

    def choose(self, field, **option):
        """A choice is a click on the list and one on the row."""
        self.clicks += 2
        field.select_option(**option)

    def link(self, name, **options):
        return self.page.get_by_role("link", name=name, **options)

    def row(self, box, text):
        return self.page.locator(f"#box-{box} tbody tr", has_text=text).first.locator(".label")

    def pill(self, text):
        return self.page.locator(".pill", has_text=text)


def this_month_and_last(hand):
    """Compare this month with last month."""
    hand.click(hand.page.locator("[data-period] > summary"), hand.link("Month to date"))
    hand.click(hand.link("Month to date"), "period=month")
    expect(hand.page.locator(".versus")).to_contain_text("compared with")
    expect(hand.page.locator(".figure .change").first).to_be_visible()


def this_month_and_last_with_keys(hand):
    """The same with the keyboard."""
    hand.press("m", "period=month")
    expect(hand.page.locator(".figure .change").first).to_be_visible()


def which_post(hand):
    """Which post on X brought people, and what they read."""
    hand.press("d", "period=today")
    hand.click(hand.row("acquisition", "Twitter"), hand.pill("Source is"))
    expect(hand.page.locator("#box-acquisition")).to_contain_text("t.co/launchpost")
    hand.click(hand.row("acquisition", "t.co/launchpost"), hand.pill("Referrer is"))
    expect(hand.page.locator("#box-content")).to_contain_text("/launched")


def without_a_page(hand):
    """Leave a page out of everything."""
    hand.click(hand.page.locator("#box-content tbody .label").first, hand.pill("is not"), modifiers=["Shift"])


def segment_of_mobile_search(hand):
    """Save a segment of mobile visitors from search engines."""
    hand.click(hand.page.locator("[data-tab=devices]"), "tabs=devices")
    hand.click(hand.row("devices", "Mobile"), hand.pill("Device is"))
    hand.click(hand.page.locator("[data-tab=channels]"), "channels")
    hand.click(hand.row("acquisition", "Organic Search"), hand.pill("Channel is"))
    hand.click(hand.page.locator("summary", has_text="Segments"), hand.page.locator("#segment-name"))
    hand.type(hand.page.locator("#segment-name"), f"Mobile search {time.time_ns()}")
    hand.click(hand.page.get_by_role("button", name="Save"), hand.pill("Segment is"))


def funnel_of_signing_up(hand):
    """Make a funnel of signing up, and read it."""
    hand.click(hand.page.locator("summary[aria-label=More]"), hand.link("Funnels"))
    hand.click(hand.page.locator(".drop-box").get_by_role("link", name="Funnels"), "/funnels")
    hand.type(hand.page.locator("#name"), f"To sign up {time.time_ns()}")
    for number, label in enumerate(("Saw the prices", "Began to sign up", "Signup")):
        hand.choose(hand.page.locator(f"[name=step{number}]"), label=label)
    hand.click(hand.page.locator("form.card button.button"), hand.page.locator(".list", has_text="To sign up"))
    hand.click(hand.link(f"← {SITE}"), "tabs=funnels")
    expect(hand.page.locator(".funnel", has_text="To sign up").first).to_contain_text("go all the way")


def share_with_a_client(hand):
    """Give a client a link that shows this and nothing else."""
    hand.click(hand.page.locator(".switcher > summary"), hand.link("Settings"))
    hand.click(hand.page.locator(".switcher").get_by_role("link", name="Settings"), "/settings/general")
    hand.click(hand.link("Sharing"), "/settings/sharing")
    name = f"A client {time.time_ns()}"
    hand.type(hand.page.locator("#new [name=name]"), name)
    hand.click(hand.page.get_by_role("button", name="Make the link"), hand.page.locator("#links", has_text=name))
    link = hand.page.locator("#links tr", has_text=name).get_by_role("link").first.get_attribute("href")
    stranger = hand.page.context.browser.new_context()
    other = stranger.new_page()
    assert other.goto(hand.url + link).status == 200
    expect(other.locator("h1")).to_have_text(SITE)
    stranger.close()


def to_a_spreadsheet(hand):
    """Export everything to a spreadsheet."""
    hand.click(hand.page.locator("summary[aria-label=More]"), hand.link("Export as CSV"))
    with hand.page.expect_download() as coming:
        hand.click(hand.link("Export as CSV"))
    files = zipfile.ZipFile(coming.value.path())
    rows = list(csv.reader(io.StringIO(files.read("pages.csv").decode())))
    assert rows[0][:2] == ["page", "visitors"] and len(rows) > 10


def one_list_to_a_spreadsheet(hand):
    """Export one list, with all its figures."""
    hand.click(hand.page.locator("#box-acquisition .panel-foot a"), "/panels/sources")
    with hand.page.expect_download() as coming:
        hand.click(hand.link("CSV"))
    assert pathlib.Path(coming.value.path()).read_text().startswith("source,visitors,")


def from_a_phone(hand):
    """Look at today from a phone (390 × 844), beginning with the list of sites."""
    hand.page.set_viewport_size({"width": 390, "height": 844})
    hand.page.goto(hand.url + "/sites")
    hand.click(hand.page.locator(".site h2 a", has_text=SITE), f"/sites/{SITE}")
    hand.click(hand.page.locator("[data-period] > summary"), hand.link("Today"))
    hand.click(hand.link("Today"), "period=today")
    assert hand.page.evaluate("document.documentElement.scrollWidth") <= 390


def who_is_here(hand):
    """Who is on the site right now, and on which pages."""
    hand.click(hand.page.locator("a.live"), "period=realtime")
    expect(hand.page.locator("#box-content")).to_contain_text("/launched")


def a_campaign(hand):
    """What a campaign brought: visitors, and how many of them signed up."""
    hand.click(hand.page.locator("[data-tab=campaigns]"), "tabs=campaigns")
    hand.click(hand.page.locator("#box-acquisition tbody .label").first, hand.pill("Campaign is"))
    expect(hand.page.locator("#box-conduct")).to_contain_text("Signup")


def a_peak(hand):
    """What made a day's peak: its hours and sources."""
    hand.page.locator("[data-chart] svg").first.focus()
    hand.press("End")
    hand.press("ArrowLeft")
    hand.press("Enter", "period=custom")
    expect(hand.page.locator(".intervals")).to_contain_text("Hours")


def worst_landing_pages(hand):
    """On which landing pages people turn around."""
    hand.click(hand.page.locator("[data-tab=entry-pages]"), "tabs=entry-pages")
    hand.click(hand.page.locator("#box-content .panel-foot a"), "/panels/entry-pages")
    hand.click(hand.link("Bounce rate"), "sort=bounce_rate")
    expect(hand.page.locator("th[aria-sort=descending]")).to_contain_text("Bounce rate")


def a_goal(hand):
    """Count those who reach a page as a goal."""
    hand.click(hand.link("Edit goals"), "/goals")
    hand.choose(hand.page.locator("#kind"), value="page")
    hand.type(hand.page.locator("#what"), "/launched")
    name = f"Launched {time.time_ns()}"
    hand.type(hand.page.locator("#name"), name)
    hand.click(hand.page.get_by_role("button", name="Add goal"), hand.page.locator(".list", has_text=name))


def a_note(hand):
    """Note on the chart what happened today."""
    hand.click(hand.page.locator("#notes > summary"), hand.page.locator("#notes [name=text]"))
    hand.type(hand.page.locator("#notes [name=text]"), f"Newsletter {time.time_ns()}")
    hand.click(hand.page.get_by_role("button", name="Add note"), hand.page.locator(".chart-marks circle"))


def same_view_for_a_colleague(hand):
    """Send a colleague this very view: the address has it all."""
    hand.press("w", "period=7d")
    hand.click(hand.page.locator("#box-places tbody .label").first, hand.pill("Country is"))
    before = hand.page.locator(".figures").inner_text()
    other = hand.page.context.new_page()
    other.goto(hand.page.url)
    assert other.locator(".figures").inner_text() == before
    other.close()


def another_site(hand):
    """Go to another site and back."""
    hand.press("s", hand.page.locator(".switcher .drop-list a").first)
    hand.click(hand.page.locator(".switcher a", has_text="quiet.example"), "/sites/quiet.example")
    hand.page.go_back()
    hand.page.wait_for_url(f"**/sites/{SITE}")
    expect(hand.page.locator("h1")).to_contain_text(SITE)


def a_key_for_programs(hand):
    """Make a key, and ask with it for last week's numbers."""
    hand.click(hand.link("Account", exact=True), "/account/general")
    hand.click(hand.link("API keys"), "/account/keys")
    hand.type(hand.page.get_by_label("What is it for?"), f"A report {time.time_ns()}")
    box = hand.page.get_by_label("Read statistics")
    if not box.is_checked():
        hand.click(box)
    hand.click(hand.page.get_by_role("button", name="Make the key"), hand.page.locator("#snippet"))
    key = hand.page.inner_text("#snippet").strip()
    answer = hand.page.request.post(
        hand.url + "/api/v2/query", headers={"Authorization": f"Bearer {key}"},
        data={"site_id": SITE, "metrics": ["visitors"], "date_range": "7d"})
    assert answer.status == 200 and answer.json()["results"][0]["metrics"][0] > 0


TASKS = [
    this_month_and_last, this_month_and_last_with_keys, which_post, without_a_page, segment_of_mobile_search,
    funnel_of_signing_up, share_with_a_client, to_a_spreadsheet, one_list_to_a_spreadsheet, from_a_phone, who_is_here,
    a_campaign, a_peak, worst_landing_pages, a_goal, a_note, same_view_for_a_colleague, another_site, a_key_for_programs,
]


def visits_from_posts(mochi):
    """Some who came just now from two posts on X."""
    key = mochi.run("admin", "bootstrap", "--email", "demo@example.com", "--site", SITE)["tracking_key"]
    wait_for(lambda: mochi.knows(key), what="that the collector knows the site")
    for number in range(12):
        post = "launchpost" if number % 3 else "reply"
        status, _ = mochi.post("/api/event", {
            "n": "pageview", "k": key, "u": f"https://{SITE}/launched", "r": f"https://t.co/{post}",
        }, {"X-Forwarded-For": f"198.51.100.{number + 1}"})
        assert status == 202


def walk(demo, browser, task):
    """Does one; answers the hand that did it."""
    page = demo.page(browser, script=ACTED, viewport={"width": 1280, "height": 900})
    hand = Hand(page, demo.url)
    task(hand)
    assert page.faults == [], (task.__name__, page.faults)
    page.context.close()
    demo.contexts.remove(page.context)
    return hand


def main():
    from playwright.sync_api import sync_playwright

    from conftest import CHROMIUM
    from demo import instance_with_traffic

    with instance_with_traffic() as demo, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        visits_from_posts(demo.mochi)
        wait_for(lambda: seen(demo, browser), what="that the visits are shown")
        print("| | clicks | keys | texts | waited, ms |\n|---|---|---|---|---|")
        for task in TASKS:
            hands = [walk(demo, browser, task) for _ in range(5)]
            first = hands[0]
            waited = statistics.median(hand.waited for hand in hands)
            print(f"| {task.__doc__} | {first.clicks} | {first.keys} | {first.texts} | {waited:,.0f} |", flush=True)
        browser.close()


def seen(demo, browser):
    """Whether what came last is on the dashboard."""
    page = demo.page(browser, f"/sites/{SITE}?period=today")
    text = page.locator("#box-content").inner_text()
    page.context.close()
    demo.contexts.clear()
    return re.search(r"/launched\s+12", text)


if __name__ == "__main__":
    main()
