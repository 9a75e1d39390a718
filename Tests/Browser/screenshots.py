"""Pictures of pages, as they stand in docs/screenshots.

    .build/venv/bin/python Tests/Browser/screenshots.py FOLDER [--all]

writes those that are kept, or with --all every page at every width in both themes, for looking at. Made with the demo's
traffic up to now; a release build (MOCHI_TEST_PROGRAMS=.build/release) makes more of it in the same time. pngquant, if it
is there, makes them small.
"""

import argparse
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "System"))

from playwright.sync_api import sync_playwright

from conftest import CHROMIUM
from demo import EMAIL, SITE, Demo
from instance import Instance

OTHERS = ["paperhouse.example", "longread.example", "quiet.example"]
WIDTHS = [(390, 844), (768, 1024), (1280, 900), (1920, 1080)]

# Name, path, width, theme, and whether the whole page or a screen.
KEPT = [
    ("dashboard", f"/sites/{SITE}", 1280, "light", True),
    ("dashboard-dark", f"/sites/{SITE}", 1280, "dark", False),
    ("dashboard-wide", f"/sites/{SITE}?period=91d&interval=week&compare=off", 1920, "light", False),
    ("dashboard-tablet-dark", f"/sites/{SITE}?f=is,channel,Organic Search", 768, "dark", False),
    ("dashboard-phone", f"/sites/{SITE}?period=7d", 390, "light", False),
    ("dashboard-phone-dark", f"/sites/{SITE}?period=today", 390, "dark", False),
    ("panel", f"/sites/{SITE}/panels/pages", 1280, "light", False),
    ("funnels", f"/sites/{SITE}?tabs=funnels", 1280, "light", "#box-conduct"),
    ("sites", "/sites", 1280, "light", False),
    ("sites-dark", "/sites", 1280, "dark", False),
]

ALL = [
    ("dashboard", f"/sites/{SITE}"), ("filtered", f"/sites/{SITE}?f=is,country,DE&f=contains,page,/blog&period=7d"),
    ("today", f"/sites/{SITE}?period=today&tabs=channels,cities,systems"), ("realtime", f"/sites/{SITE}?period=realtime"),
    ("funnels", f"/sites/{SITE}?tabs=funnels,campaigns,entry-pages"), ("empty", "/sites/quiet.example"),
    ("panel", f"/sites/{SITE}/panels/pages"), ("goals", f"/sites/{SITE}/goals"), ("funnel-page", f"/sites/{SITE}/funnels"),
    ("filters", f"/sites/{SITE}/filters?f=is,country,DE"), ("sites", "/sites"), ("roll-up", "/sites/roll-up"),
    ("settings", f"/sites/{SITE}/settings/general"), ("sharing", f"/sites/{SITE}/settings/sharing"),
    ("keys", "/account/keys"), ("team", "/account/team"), ("profile", "/settings/profile"), ("missing", "/nothing"),
]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("folder", type=pathlib.Path)
    options.add_argument("--all", action="store_true")
    options.add_argument("--events", type=int, default=120_000)
    options = options.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with Instance() as mochi, sync_playwright() as playwright:
        password = mochi.run("admin", "bootstrap", "--email", EMAIL, "--site", SITE)["password"]
        for site in OTHERS:
            mochi.run("admin", "bootstrap", "--email", EMAIL, "--site", site)
        for number, site in enumerate([SITE, *OTHERS[:2]]):
            mochi.run("seed-demo", "--site", site, "--days", "95", "--events", str(options.events // (1 + 3 * number)),
                      "--seed", str(1 + number))
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        demo = Demo(mochi, password)
        pictures = KEPT if not options.all else [
            (f"{name}-{width}-{theme}", path, width, theme, True)
            for name, path in ALL for width, _ in WIDTHS for theme in ("light", "dark")]
        for name, path, width, theme, whole in pictures:
            page = demo.page(browser, path, color_scheme=theme, reduced_motion="reduce",
                             viewport={"width": width, "height": dict(WIDTHS)[width]})
            page.wait_for_load_state()
            file = str(options.folder / f"{name}.png")
            if isinstance(whole, str):
                page.locator(whole).screenshot(path=file)
            else:
                page.screenshot(path=file, full_page=whole)
            page.context.close()
            if shutil.which("pngquant"):
                subprocess.run(["pngquant", "--force", "--skip-if-larger", "--output", file, "--quality", "70-95", file])
        demo.contexts.clear()
        browser.close()


if __name__ == "__main__":
    main()
