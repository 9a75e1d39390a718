"""An instance with generated traffic, and the people who look at it."""

import contextlib

import pytest

from instance import Instance

SITE, QUIET = "inkwell.example", "quiet.example"
EMAIL = "demo@example.com"


class Demo:
    """Somebody who signs in once, and the pages that they have open."""

    def __init__(self, mochi, password):
        self.mochi, self.url, self.password = mochi, mochi.url, password
        self.session = None
        self.contexts = []

    def sign_in(self, browser):
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{self.url}/login")
        page.fill("[name=email]", EMAIL)
        page.fill("[name=password]", self.password)
        page.click("main form button")
        page.wait_for_url("**/sites")
        self.session = context.storage_state()
        context.close()

    def page(self, browser, path=f"/sites/{SITE}", scripted=True, stranger=False, script=None, **options):
        """A page in a browser context of its own, which hears of every fault: a broken policy is one."""
        if self.session is None:
            self.sign_in(browser)
        context = browser.new_context(
            java_script_enabled=scripted, storage_state=None if stranger else self.session, **options)
        if script:
            context.add_init_script(script)
        self.contexts.append(context)
        page = context.new_page()
        page.faults = []
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.on("dialog", lambda dialog: page.faults.append(f"dialog {dialog.message}"))
        # Chromium tells of an answer that is an error as of one of its own.
        page.on("console", lambda message: page.faults.append(message.text)
                if message.type == "error" and "status of 4" not in message.text else None)
        page.goto(self.url + path)
        return page


@contextlib.contextmanager
def instance_with_traffic():
    """An instance with a site of generated traffic and one without any, both somebody's."""
    with Instance() as mochi:
        password = None
        for domain in (SITE, QUIET):
            made = mochi.run("admin", "bootstrap", "--email", EMAIL, "--site", domain)
            password = password or made["password"]
        mochi.run("seed-demo", "--site", SITE, "--days", "40", "--events", "6000", "--seed", "1")
        yield Demo(mochi, password)
        assert mochi.stop() == 0, mochi.said()


@pytest.fixture(scope="session")
def demonstration():
    with instance_with_traffic() as demo:
        yield demo


@pytest.fixture
def demo(demonstration):
    yield demonstration
    while demonstration.contexts:
        demonstration.contexts.pop().close()


@pytest.fixture(params=["with script", "without script"])
def scripted(request):
    return request.param == "with script"
