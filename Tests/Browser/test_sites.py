"""The list of sites, its settings and keys, as people use them: without script too, on a phone, and quietly."""

import http.client
import json
import re

import pytest
from playwright.sync_api import expect

PAGES = [
    "/sites", "/sites/roll-up", "/account/keys", "/sites/one.example/settings/general",
    "/sites/one.example/settings/script", "/sites/one.example/settings/exclusions",
    "/sites/one.example/settings/data",
]


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def owner(mochi, browser, request):
    page = browser.new_context(java_script_enabled=request.param, viewport={"width": 1280, "height": 900}).new_page()
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    # A form that is refused is a 422, which the browser itself remarks on.
    page.on("console", lambda message: page.faults.append(message.text)
            if message.type == "error" and "422" not in message.text else None)
    page.goto(f"{mochi.url}/signup")
    page.fill("[name=email]", "owner@example.com")
    page.fill("[name=password]", "seven purple anvils")
    page.click("main form button")
    for domain in ["one.example", "two.example", "three.example"]:
        page.goto(f"{mochi.url}/sites/new")
        page.fill("[name=domain]", domain)
        page.click("main form button")
        page.wait_for_url(f"**/sites/{domain}/install")
    yield page
    page.context.close()


def test_a_day_with_sites_settings_and_keys(mochi, owner):
    def listed():
        return owner.locator(".site h2").all_inner_texts()

    # Finding and pinning.
    owner.goto(f"{mochi.url}/sites")
    assert listed() == ["one.example", "three.example", "two.example"]
    owner.get_by_label("Pin two.example").click()
    assert listed()[0] == "two.example"
    owner.get_by_role("searchbox").fill("three")
    owner.get_by_role("button", name="Search").click()
    assert listed() == ["three.example"]

    # Adding up some of them.
    owner.goto(f"{mochi.url}/sites")
    owner.get_by_role("link", name="Add up sites").click()
    expect(owner.locator("h1")).to_have_text("3 sites, added up")
    owner.get_by_text("Choose sites").click()
    owner.get_by_label("two.example").uncheck()
    owner.get_by_role("button", name="Add up").click()
    expect(owner.locator("h1")).to_have_text("2 sites, added up")

    # Settings.
    owner.goto(f"{mochi.url}/sites/one.example/settings/exclusions")
    owner.get_by_label("Addresses").fill("nobody")
    owner.get_by_role("button", name="Save").click()
    expect(owner.locator("#address-error")).to_contain_text("is no address")
    owner.get_by_label("Addresses").fill("203.0.113.0/24")
    owner.get_by_role("button", name="Save").click()
    expect(owner.get_by_role("status")).to_have_text("Saved.")
    owner.goto(f"{mochi.url}/sites/one.example/settings/data")
    owner.locator(".danger", has_text="Erase the site").get_by_label("Type one.example").fill("one.example")
    owner.get_by_role("button", name="Erase one.example").click()
    owner.wait_for_url("**/sites")
    assert listed() == ["two.example", "three.example"]

    # A key, which works until it is revoked.
    owner.goto(f"{mochi.url}/account/keys")
    owner.get_by_label("What is it for?").fill("A test")
    owner.get_by_label("Read sites").check()
    owner.get_by_role("button", name="Make the key").click()
    key = owner.inner_text("#snippet").strip()
    assert re.fullmatch(r"mochi_[\w-]{43}", key)

    def ask():
        connection = http.client.HTTPConnection("127.0.0.1", mochi.app, timeout=20)
        connection.request("GET", "/api/sites", headers={"Authorization": f"Bearer {key}"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())

    status, sites = ask()
    assert status == 200 and [site["domain"] for site in sites["sites"]] == ["three.example", "two.example"]
    owner.get_by_role("button", name="Revoke A test").click()
    assert ask()[0] == 401
    assert owner.faults == []


def test_nothing_is_wider_than_a_phone_and_every_field_has_its_label(mochi, owner):
    owner.set_viewport_size({"width": 390, "height": 844})
    for path in PAGES:
        owner.goto(mochi.url + path)
        box = owner.locator("html").bounding_box()
        assert box["width"] <= 390, path
        for part in owner.locator("main > * > *").all():
            its = part.bounding_box()
            assert its is None or its["x"] + its["width"] <= 391, path
        for field in owner.locator("main :is(input:not([type=hidden]), select, textarea)").all():
            name = field.get_attribute("id")
            assert owner.locator(f"[id='{name}']").count() <= 1, f"{path}: {name} is there twice"
            assert owner.locator(f"label[for='{name}']").count() or field.locator("xpath=ancestor::label").count(), path
    assert owner.faults == []
