"""The dashboard in a browser: each interaction, with the script and without."""

import pytest
from playwright.sync_api import expect

from demo import SITE


def open_page(browser, demo, scripted=True, **options):
    return demo.page(browser, scripted=scripted, **options)


def visitors(page):
    return int(page.locator(".figure", has_text="Visitors").locator(".big").inner_text().replace(",", ""))


def rows(page, box):
    return page.locator(f"#box-{box} tbody tr")


def test_a_row_filters_and_a_pill_takes_it_away(demo, browser, scripted):
    page = open_page(browser, demo, scripted)
    everybody = visitors(page)
    row = rows(page, "places").first
    label, count = row.locator(".label").inner_text(), int(row.locator("td").first.inner_text().replace(",", ""))
    row.locator(".label").click()
    expect(page.locator(".pill")).to_contain_text(f"Country is {label}")
    assert visitors(page) == count < everybody
    assert "f=is,country," in page.url
    page.locator(".pill a").click()
    expect(page.locator(".pill")).to_have_count(0)
    assert visitors(page) == everybody
    page.go_back()
    expect(page.locator(".pill")).to_have_count(1)
    assert visitors(page) == count
    page.go_forward()
    expect(page.locator(".pill")).to_have_count(0)
    assert visitors(page) == everybody and "f=" not in page.url
    page.go_back()
    expect(page.locator(".pill")).to_have_count(1)
    page.reload()
    expect(page.locator(".pill")).to_contain_text(f"Country is {label}")
    assert visitors(page) == count
    assert page.faults == []


def test_a_click_with_shift_excludes(demo, browser):
    page = open_page(browser, demo)
    everybody = visitors(page)
    row = rows(page, "places").first
    count = int(row.locator("td").first.inner_text().replace(",", ""))
    row.locator(".label").click(modifiers=["Shift"])
    expect(page.locator(".pill")).to_contain_text("Country is not")
    assert visitors(page) == everybody - count


def test_where_one_condition_is_enough_a_click_narrows(demo, browser):
    page = open_page(browser, demo)
    page.goto(page.url + "?join=or&f=is,country,DE&f=is,country,US")
    either = visitors(page)
    row = rows(page, "devices").first
    count = int(row.locator("td").first.inner_text().replace(",", ""))
    row.locator(".label").click()
    page.wait_for_url("**&and=is,browser,*")
    assert visitors(page) == count < either
    expect(page.locator(".pill-group")).to_contain_text("Any of")
    # The editor shows both, and writes the same address.
    address = page.url
    page.get_by_role("link", name="Edit", exact=True).click()
    dialog = page.locator("dialog.filters")
    expect(dialog.locator("[data-further] .condition:visible")).to_have_count(2)
    expect(dialog.locator("[data-conditions] .condition:visible")).to_have_count(3)
    dialog.get_by_role("button", name="Apply").click()
    expect(dialog).to_have_count(0)
    assert page.url == address
    page.go_back()
    page.wait_for_url("**?join=or&f=is,country,DE&f=is,country,US")
    # The address is there before the page that belongs to it.
    expect(page.locator(".pill", has_text="Browser")).to_have_count(0)
    row.locator(".label").click(modifiers=["Shift"])
    page.wait_for_url("**&and=is_not,browser,*")
    assert visitors(page) == either - count
    assert page.faults == []


def test_a_country_on_the_map_filters(demo, browser, scripted):
    page = open_page(browser, demo, scripted)
    page.locator("#box-places .tabs a", has_text="Map").click()
    germany = page.locator("[data-map] a[href*='country,DE'] path")
    expect(germany).to_be_visible()
    germany.click()
    expect(page.locator(".pill")).to_contain_text("Country is Germany")
    expect(page.locator("[data-map] a")).to_have_count(1)
    assert page.faults == []


def test_the_map_is_walked_with_the_arrow_keys(demo, browser):
    page = open_page(browser, demo)
    page.goto(page.url + "?tabs=map")
    page.locator("[data-map] svg").first.focus()
    page.keyboard.press("ArrowDown")
    most = rows(page, "places").first.locator(".label").inner_text()
    expect(page.locator("[data-map] .tip")).to_contain_text(f"{most}: ")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[data-map] .tip")).not_to_contain_text(most)
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(page.locator(".pill")).to_contain_text(f"Country is {most}")


def test_a_dashboard_is_printed_as_a_report(demo, browser):
    page = open_page(browser, demo, color_scheme="dark")
    page.goto(page.url + "?f=is,device,Desktop&tabs=map")
    page.emulate_media(media="print", color_scheme="dark")
    for shown in ("h1", ".pill", ".figures", "[data-chart]", "#box-content tbody", "[data-map]"):
        expect(page.locator(shown).first).to_be_visible()
    for control in (".tools", ".top", ".foot", ".pill a", ".chart-foot", ".panel-foot", ".intervals"):
        expect(page.locator(control).first).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_period_comparison_metric_interval_and_tabs(demo, browser, scripted):
    page = open_page(browser, demo, scripted)
    page.locator("[data-period] > summary").click()
    page.get_by_role("link", name="Last 7 days").click()
    page.wait_for_url("**period=7d*")
    page.get_by_role("link", name="Bounce rate").click()
    page.wait_for_url("**metric=bounce_rate*")
    expect(page.locator(".figure.chosen")).to_contain_text("Bounce rate")
    page.get_by_role("link", name="Hours").click()
    page.wait_for_url("**interval=hour*")
    page.get_by_role("link", name="Referrers").click()
    page.wait_for_url("**tabs=referrers*")
    expect(page.locator("#box-acquisition thead th").first).to_have_text("Referrer")
    page.locator("summary", has_text="Compare").click()
    page.get_by_role("link", name="Nothing").click()
    page.wait_for_url("**compare=off*")
    expect(page.locator(".line.compared")).to_have_count(0)
    expect(page.locator(".change")).to_have_count(0)
    for part in ("period=7d", "metric=bounce_rate", "interval=hour", "tabs=referrers"):
        assert part in page.url
    assert page.faults == []


def test_dates_of_ones_own(demo, browser, scripted):
    page = open_page(browser, demo, scripted)
    page.locator("[data-period] > summary").click()
    first = page.locator("input[name=from]").input_value()
    page.fill("input[name=to]", first)
    page.get_by_role("button", name="Show these days").click()
    page.wait_for_url(f"**to={first}*")
    expect(page.locator(".intervals")).to_contain_text("15 minutes")


def test_the_filter_editor(demo, browser, scripted):
    page = open_page(browser, demo, scripted)
    page.get_by_role("link", name="Filter", exact=True).click()
    page.locator("[name=d0]").select_option("page")
    page.locator("[name=o0]").select_option("contains")
    page.fill("[name=v0]", "/blog")
    page.locator("[name=d1]").select_option("country")
    page.locator("[name=o1]").select_option("is_not")
    page.fill("[name=v1]", "Germany")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".pill")).to_have_count(2)
    assert "f=contains,page,/blog" in page.url and "f=is_not,country,DE" in page.url
    assert page.faults == []


def test_suggestions_in_the_filter_editor(demo, browser):
    page = open_page(browser, demo)
    page.keyboard.press("/")
    page.locator("dialog [name=d0]").select_option("country")
    page.locator("dialog [name=v0]").press_sequentially("ger")
    page.locator("dialog .suggestions button", has_text="Germany").click()
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".pill")).to_contain_text("Country is Germany")


def test_a_segment_is_saved_and_deleted(demo, browser, scripted):
    page = open_page(browser, demo, scripted)
    name = f"Firefox {'with' if scripted else 'without'}"
    page.goto(page.url + "?f=is,browser,Firefox")
    count = visitors(page)
    page.locator("summary", has_text="Segments").click()
    page.fill("[name=name]", name)
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".pill")).to_contain_text(f"Segment is {name}")
    assert visitors(page) == count
    page.locator("summary", has_text="Segments").click()
    page.get_by_role("button", name=f"Delete the segment {name}").click()
    expect(page.locator(".pill")).to_have_count(0)


def test_a_note_is_on_the_chart(demo, browser, scripted):
    page = open_page(browser, demo, scripted)
    page.locator("#notes > summary").click()
    text = f"Newsletter {'with' if scripted else 'without'}"
    page.fill("[name=text]", text)
    page.get_by_role("button", name="Add note").click()
    expect(page.locator(".chart-marks circle")).to_have_count(1)
    page.locator("#notes > summary").click()
    page.get_by_role("button", name=f"Delete the note {text}").click()
    expect(page.locator(".chart-marks circle")).to_have_count(0)


def test_goals_are_made_from_what_was_seen(demo, browser, scripted):
    page = open_page(browser, demo, scripted)
    page.get_by_role("link", name="Edit goals").click()
    name = f"Saw a page {'with' if scripted else 'without'}"
    page.locator("[name=kind]").last.select_option("page")
    page.locator("#what").fill("/**")
    page.locator("#name").fill(name)
    page.get_by_role("button", name="Add goal").click()
    page.get_by_role("link", name=f"← {SITE}").click()
    expect(page.locator("#box-conduct")).to_contain_text(name)
    page.get_by_role("link", name="Funnels", exact=True).first.click()
    expect(page.locator(".funnel").first).to_be_visible()


def test_a_panel_page_searches_sorts_and_exports(demo, browser, scripted):
    page = open_page(browser, demo, scripted)
    page.locator("#box-content .panel-foot a").click()
    expect(page.locator("h1")).to_have_text("Pages")
    page.get_by_role("link", name="Time on page").click()
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("Time on page")
    page.fill("[name=search]", "blog")
    page.get_by_role("button", name="Search").click()
    labels = page.locator(".bars.full .label").all_inner_texts()
    assert labels and all("blog" in label for label in labels)
    csv = page.request.get(demo.url + page.get_by_role("link", name="CSV").get_attribute("href"))
    assert csv.status == 200 and csv.text().startswith("page,visitors,")


def test_keys_choose(demo, browser):
    page = open_page(browser, demo)
    for key, part in (("D", "period=today"), ("W", "period=7d"), ("M", "period=month"), ("X", "compare=off")):
        page.keyboard.press(key.lower())
        page.wait_for_url(f"**{part}*")
    page.keyboard.press("Shift+?")
    expect(page.locator("dialog.shortcuts")).to_contain_text("Last 7 days")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    page.keyboard.press("s")
    expect(page.locator(".switcher")).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(page.locator(".switcher")).not_to_have_attribute("open", "")


def test_the_chart_is_read_with_the_arrow_keys(demo, browser):
    page = open_page(browser, demo)
    page.locator("[data-chart] svg").first.focus()
    page.keyboard.press("End")
    expect(page.locator(".tip")).to_contain_text("visitors")
    expect(page.locator(".tip")).to_contain_text("so far")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".tip")).not_to_contain_text("so far")
    page.keyboard.press("Enter")
    page.wait_for_url("**period=custom*")


def test_two_tabs_do_not_disturb_each_other(demo, browser):
    one = open_page(browser, demo)
    other = one.context.new_page()
    other.goto(one.url + "?period=7d")
    one.keyboard.press("d")
    one.wait_for_url("**period=today*")
    other.keyboard.press("m")
    other.wait_for_url("**period=month*")
    assert "period=today" in one.url


def test_a_site_without_visits_waits(demo, browser, scripted):
    page = open_page(browser, demo, scripted)
    page.goto(page.url.replace(SITE, "quiet.example"))
    expect(page.locator("main")).to_contain_text("Waiting for the first page view")
    expect(page.locator("main")).to_contain_text("<script defer")


def test_a_visit_is_small(demo, browser):
    page = open_page(browser, demo)
    sizes = []
    page.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))
    page.reload()
    page.wait_for_load_state("load")
    assert sum(sizes) <= 60_000
    assert len(page.content().encode()) <= 120_000
