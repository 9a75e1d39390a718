"""From nothing to the first visit on a dashboard, as a person goes that way."""

from playwright.sync_api import expect

from conftest import DOMAIN, VISITOR


def test_the_first_visit_is_on_the_dashboard_within_five_seconds(mochi, site, browser):
    # The owner signs up and adds a site.
    owner = browser.new_context(timezone_id="Europe/Berlin").new_page()
    faults = []
    owner.on("pageerror", lambda error: faults.append(str(error)))
    owner.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    owner.goto(mochi.url)
    owner.goto(f"{mochi.url}/signup")
    owner.fill("[name=email]", "owner@example.com")
    owner.fill("[name=password]", "seven purple anvils")
    owner.fill("[name=name]", "Olga Owner")
    owner.click("main form button")
    owner.wait_for_url("**/sites/new")
    owner.fill("[name=domain]", f"https://www.{DOMAIN}/")
    owner.click("main form button")
    owner.wait_for_url(f"**/sites/{DOMAIN}/install")

    # Puts the script on a page, which lies on another origin.
    snippet = owner.inner_text("#snippet")
    assert snippet.startswith("<script") and "localhost" in snippet
    site.publish("hello/index.html", snippet)

    # Somebody visits it.
    owner.goto(f"{mochi.url}/sites/{DOMAIN}")
    visitor = browser.new_context(user_agent=VISITOR, timezone_id="Europe/Paris").new_page()
    with visitor.expect_response(lambda response: response.url.endswith("/api/event")) as answer:
        visitor.goto(f"{site.url}/hello/")
    assert answer.value.status == 202
    assert "x-mochi-dropped" not in answer.value.headers
    assert visitor.context.cookies() == []

    # The open dashboard shows it by itself.
    figures = owner.locator("dl.figures")
    expect(figures.locator("div", has_text="Visitors").locator("dd")).to_have_text("1", timeout=5_000)
    expect(figures.locator("div", has_text="Page views").locator("dd")).to_have_text("1")
    expect(owner.locator("main")).to_contain_text("/hello/")
    assert faults == []
