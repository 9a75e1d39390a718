"""A week with the dashboard: what docs/walkthrough.md lists works, in no more clicks than it says."""

import pathlib
import re

import pytest

import walkthrough
from instance import wait_for

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/walkthrough.md"


@pytest.fixture(scope="module")
def visited(demonstration, browser):
    walkthrough.visits_from_posts(demonstration.mochi)
    wait_for(lambda: walkthrough.seen(demonstration, browser), what="that the visits are shown")


@pytest.mark.parametrize("task", walkthrough.TASKS, ids=lambda task: task.__name__)
def test_a_task_of_the_week(demo, visited, browser, task):
    hand = walkthrough.walk(demo, browser, task)
    told = re.search(rf"^\| {re.escape(task.__doc__)} \| (\d+) \| (\d+) \| (\d+) \|", PAGE.read_text(), re.MULTILINE)
    assert told, "docs/walkthrough.md does not list it"
    assert (hand.clicks, hand.keys, hand.texts) == tuple(map(int, told.groups()))
