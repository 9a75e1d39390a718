"""The life of two people with an instance, as they go through it."""

import base64
import hashlib
import hmac
import pathlib
import re
import struct
import subprocess
import sys
import time

import pytest
from playwright.sync_api import expect

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "System"))

from instance import Instance
from mailbox import Mailbox

PASSWORD = "seven purple anvils"

# Whatever of this ran would be seen.
HOSTILE = "<script>document.title='run'</script><img src=x onerror=\"document.title='run'\">"


@pytest.fixture(scope="module")
def mailbox():
    with Mailbox() as one:
        yield one


@pytest.fixture(scope="module")
def mochi(mailbox):
    with Instance(MOCHI_SMTP_URL=mailbox.url, MOCHI_ADMIN_EMAILS="olga@example.com") as running:
        yield running
        assert running.stop() == 0, running.said()


class Person:
    """Somebody with a browser of their own, in which nothing may go wrong."""

    def __init__(self, browser, mochi, **options):
        self.url = mochi.url
        self.context = browser.new_context(timezone_id="Europe/Berlin", **options)
        self.page = self.context.new_page()
        self.faults = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._heard)
        self.page.on("dialog", lambda dialog: self.faults.append(f"dialog {dialog.message}"))

    def _heard(self, message):
        # A page that is not there is an error to the console; a policy that was broken too.
        if message.type == "error" and "status of 4" not in message.text:
            self.faults.append(message.text)

    def go(self, path):
        return self.page.goto(path if path.startswith("http") else self.url + path)

    def send(self, card=None, **fields):
        """Fills the form of a card, or the only one of a page, and sends it."""
        form = self.page.locator(f"#{card} form.stack" if card else "main form.stack")
        for name, value in fields.items():
            field = form.locator(f"[name={name}]")
            if field.evaluate("field => field.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        form.locator("button").last.click()
        self.page.wait_for_load_state()

    def sees(self, text):
        expect(self.page.locator("main")).to_contain_text(text)
        assert self.page.title() != "run"


def code(secret, offset=0):
    """RFC 6238."""
    step = struct.pack(">Q", int(time.time()) // 30 + offset)
    digest = hmac.new(base64.b32decode(secret.replace(" ", "")), step, hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


def test_two_people_live_with_an_instance(mochi, mailbox, browser):
    olga, bea = Person(browser, mochi), Person(browser, mochi)

    # Olga makes the first account, confirms her address, and adds two sites.
    olga.go("/")
    olga.page.click("text=Make the first account")
    olga.send(email="olga@example.com", password=PASSWORD, name=f"Olga {HOSTILE}")
    olga.page.wait_for_url("**/sites/new")
    olga.send(domain="first.example", name=f"First {HOSTILE}")
    olga.page.wait_for_url("**/sites/first.example/install")
    olga.go("/sites/new")
    olga.send(domain="second.example")
    olga.page.wait_for_url("**/sites/second.example/install")
    olga.go(mailbox.link("olga@example.com", "confirm your address"))
    olga.send()
    olga.page.wait_for_url("**/settings/profile?done=confirmed")
    olga.sees("Your address is confirmed.")
    olga.go("/sites")
    olga.sees("First <script>")

    # She runs the instance, and invites Bea.
    olga.go("/instance")
    olga.sees("olga@example.com")
    olga.go("/account/team")
    olga.send("invite", email="bea@example.com", role="admin")
    olga.sees("The invitation is on its way.")
    bea.go(mailbox.link("bea@example.com", "invites you"))
    bea.sees("Your account will have the address bea@example.com.")
    bea.send(password=PASSWORD, name="Bea")
    bea.page.wait_for_url("**/sites")
    bea.sees("first.example")
    assert bea.go("/account/audit-log").status == 403

    # Visitors come; one with hostile addresses.
    key = olga_key(olga)
    for path in ["/a", "/b?q=1", f"/{HOSTILE}"]:
        status, _ = mochi.post(
            "/api/event",
            {"n": "pageview", "u": f"https://first.example{path}", "k": key, "r": f"https://{HOSTILE}/", "t": HOSTILE})
        assert status == 202
    olga.go("/sites/first.example?period=today")
    expect(olga.page.locator("main")).to_contain_text("/a", timeout=15_000)
    assert olga.page.title() != "run"

    # Bea shares the dashboard with a password; somebody without an account looks.
    bea.go("/sites/first.example/settings/sharing")
    bea.send("new", name=f"Agency {HOSTILE}", password="only for the agency")
    bea.sees("Agency <script>")
    link = bea.page.locator("#links td a").first.get_attribute("href")
    reader = Person(browser, mochi)
    reader.go(link)
    reader.page.wait_for_url("**/password")
    reader.send(password="wrong one, sorry")
    reader.sees("This is not the password.")
    reader.send(password="only for the agency")
    reader.page.wait_for_url(f"**{link}")
    reader.sees("/a")
    assert reader.go("/sites/first.example").url.endswith("next=/sites/first.example")

    # And in a frame on her blog, which is the only one that may.
    blog = "http://blog.example:8099"
    bea.go("/sites/first.example/settings/sharing")
    bea.send("new", name="Blog", origins=blog)
    bea.page.wait_for_url("**/settings/sharing")
    embed = re.search(r"http\S+/embed/[a-z2-7]{26}", bea.page.locator("#links").inner_text()).group()
    for origin, is_shown in [(blog, True), ("http://evil.example:8099", False)]:
        visitor = browser.new_context().new_page()
        visitor.route(
            f"{origin}/",
            lambda route: route.fulfill(content_type="text/html", body=f'<iframe src="{embed}?theme=dark"></iframe>'))
        visitor.goto(f"{origin}/")
        frame = visitor.frame_locator("iframe").locator("h1")
        if is_shown:
            expect(frame).to_have_text("first.example")
        else:
            # A page of the browser's own.
            expect(frame).to_contain_text("localhost")
            assert "refused" in visitor.frame_locator("iframe").locator("body").inner_text()
        assert visitor.context.cookies() == []

    # Olga turns on the second factor, and signs in with it.
    olga.go("/settings/two-factor")
    olga.send(current=PASSWORD)
    expect(olga.page.get_by_role("img", name="QR code")).to_be_visible()
    secret = olga.page.locator("#pending-secret").inner_text()
    olga.send(code=code(secret, -1))
    olga.sees("Your recovery codes")
    recovery = olga.page.locator("#codes-secret").inner_text().split()
    assert len(recovery) == 10
    mailbox.wait("olga@example.com", "Two-factor sign-in at Mochi is on")
    olga.page.click("text=Log out")
    olga.go("/login")
    olga.send(email="olga@example.com", password=PASSWORD)
    olga.page.wait_for_url("**/login/code?next=/sites")
    olga.send(code=recovery[0])
    olga.page.wait_for_url("**/sites")

    # Bea forgets her password.
    bea.page.click("text=Log out")
    bea.go("/forgot")
    bea.send(email="bea@example.com")
    bea.go(mailbox.link("bea@example.com", "A new password"))
    strength = bea.page.locator(".strength [role=status]")
    for typed, said in [("green", "3 more characters"), ("Welcome1!", "Easy to guess"), ("nine green kettles", "ood")]:
        bea.page.fill("[name=password]", typed)
        expect(strength).to_contain_text(said)
    bea.send(password="nine green kettles")
    bea.page.wait_for_url("**/login?done=reset")
    bea.send(email="bea@example.com", password="nine green kettles")
    bea.page.wait_for_url("**/sites")
    mailbox.wait("bea@example.com", "Your password at Mochi was changed")

    # Olga moves the second site to an account of Bea's, where she is an administrator too.
    mochi.run("admin", "bootstrap", "--email", "carl@example.com", "--site", "carl.example")
    mochi.sql(
        "INSERT INTO memberships (account_id, user_id, role) SELECT m.account_id, u.id, 'admin' FROM memberships m "
        "JOIN users c ON c.id = m.user_id AND c.email = 'carl@example.com', users u WHERE u.email = 'olga@example.com'")
    olga.go("/sites/second.example/settings/transfer")
    olga.send("own", current=PASSWORD)
    wait_until(lambda: owner(mochi, "second.example") == "carl@example.com")
    olga.go("/sites")
    expect(olga.page.locator("main")).not_to_contain_text("second.example")

    # And gives another one to somebody who has no account yet.
    olga.go("/sites/new")
    olga.send(domain="third.example")
    dora = Person(browser, mochi)
    olga.go("/sites/third.example/settings/transfer")
    olga.send("offer", email="dora@example.com", current=PASSWORD)
    olga.sees("This site is offered to somebody")
    dora.go(mailbox.link("dora@example.com", "offers you the site"))
    dora.page.wait_for_url("**/login?next=**")
    dora.page.click("text=Create an account")
    dora.page.wait_for_url("**/signup?next=**")
    dora.send(email="dora@example.com", password="a kettle of seven herrings")
    dora.page.wait_for_url("**/transfers/*")
    dora.sees("Take third.example")
    dora.send()
    dora.sees("third.example is on its way")
    wait_until(lambda: owner(mochi, "third.example") == "dora@example.com")
    dora.go("/sites")
    dora.sees("third.example")
    assert olga.go("/sites/third.example").status == 404

    # She takes everything along, and it is the same elsewhere.
    with olga.page.expect_download() as download:
        olga.go("/account/data")
        olga.page.click("text=Download >> nth=0")
    file = mochi.data / "takeout.gz"
    download.value.save_as(file)
    assert subprocess.run(["gunzip", "--test", str(file)]).returncode == 0
    elsewhere(file, olga)

    # Bea becomes the owner; Olga goes.
    olga.go("/account/team")
    olga.send("transfer", user=olga.page.locator("#transfer option").first.get_attribute("value"), current=PASSWORD)
    olga.sees("Saved.")
    olga.go("/settings/delete")
    olga.send(current=PASSWORD)
    mailbox.wait("olga@example.com", "You are no longer at Mochi")
    assert mochi.sql("SELECT count(*) FROM users WHERE email = 'olga@example.com'") == [["0"]]

    # The account goes with everything.
    bea.go("/account/data")
    bea.send("delete", name=mochi.sql(
        "SELECT a.name FROM accounts a JOIN sites s ON s.account_id = a.id WHERE s.domain = 'first.example'")[0][0],
        current="nine green kettles")
    wait_until(lambda: mochi.sql("SELECT count(*) FROM sites WHERE domain = 'first.example'") == [["0"]])
    assert reader.go(link).status == 404
    assert olga.faults == [] and bea.faults == [] and reader.faults == [] and dora.faults == []


def owner(mochi, domain):
    """The name of the account that a site belongs to."""
    return mochi.sql(
        f"SELECT a.name FROM sites s JOIN accounts a ON a.id = s.account_id WHERE s.domain = '{domain}'")[0][0]


def olga_key(olga):
    olga.go("/sites/first.example/install")
    return re.search(r'data-key="([a-z2-7]+)"', olga.page.inner_text("#snippet")).group(1)


def elsewhere(file, olga):
    """Reads the takeout into another instance, and asks its database."""
    with Instance() as other:
        other.run("admin", "bootstrap", "--email", "new@example.org", "--site", "new.example")
        counts = other.run("import-takeout", str(file), "--email", "new@example.org")
        assert counts["sites"] == "1"
        assert other.sql("SELECT count(*) FROM sites WHERE domain = 'first.example'") == [["1"]]
        assert int(other.sql("SELECT count(*) FROM events")[0][0]) == int(counts["events"]) == 3


def wait_until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)
