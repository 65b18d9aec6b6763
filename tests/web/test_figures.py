"""Figures in the browser: three questions a post, and behind every number the list it counts."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest

import schemas
from engine.errors import Invalid
from engine.lifecycle.measures import parse_measures
from engine.lifecycle.people import ROLES
from tests.web.agency import Agency, Browser
from tests.web.conftest import DemoAgency
from web.app import create_app
from web.demo.clock import SettableClock

POSTS = {
    "acceptance_clerk": "YW000231", "auditor": "SH000101", "claims_officer": "LP000117",
    "it_operator": "IT000004", "info_manager": "XX000002", "partner_user": "WB000052",
    "department_head": "YW000001", "reviewer": "XX000003", "system_admin": "IT000009",
    "security_admin": "XX000008", "audit_admin": "XX000009",
}  # fmt: skip
NUMBER = re.compile(r'<a class="figure-(count|share|days)" href="([^"]+)"[^>]*>([^<]*)</a>')
TOTAL = re.compile(r'<span class="count">([0-9]+)</span>')


@pytest.fixture(scope="module")
def agency(demo: DemoAgency) -> Agency:
    """The demo behind browsers."""
    return Agency(create_app(demo.services), demo.services, SettableClock(demo.services.desk.clock.now()))


def total_of(browser: Browser, href: str) -> int:
    answer = browser.get(href)
    found = TOTAL.search(answer.text)
    assert answer.status_code == 200 and found is not None, href
    return int(found[1])


def numbers_of(html: str) -> list[tuple[str, str, str]]:
    return [(kind, unescape(href), text) for kind, href, text in NUMBER.findall(html)]


@pytest.mark.parametrize("post", POSTS)
def test_every_number_opens_the_list_it_counts(agency: Agency, post: str) -> None:
    browser = agency.browser(POSTS[post])
    page = browser.get("/figures?period=all")
    assert page.status_code == 200
    numbers = numbers_of(page.text)
    totals = {href: total_of(browser, href) for href in dict.fromkeys(href for _, href, _ in numbers)}
    counts = [(href, text) for kind, href, text in numbers if kind == "count"]
    assert [one for one in counts if totals[one[0]] != int(one[1])] == []
    # A share and a number of days open the documents they were counted of: none where they say nothing.
    others = [(href, text) for kind, href, text in numbers if kind != "count"]
    assert [one for one in others if (one[1] == "—") != (totals[one[0]] == 0)] == []


def test_the_demo_has_something_to_count_for_those_who_work_in_it(agency: Agency) -> None:
    seen = {
        post: sum(kind == "count" and text != "0" for kind, _, text in numbers_of(page))
        for post in POSTS
        for page in [agency.browser(POSTS[post]).get("/figures?period=all").text]
    }
    assert min(seen[one] for one in ("acceptance_clerk", "auditor", "info_manager", "department_head")) >= 6


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
@pytest.mark.parametrize("post", POSTS)
def test_each_post_has_three_questions_in_both_languages(agency: Agency, post: str, lang: str) -> None:
    desk = agency.services.desk
    asked = [one.title if lang == "zh-CN" else one.title_en for one in desk.measures.roles[post]]
    browser = agency.sign_in(POSTS[post], "")
    if lang == "en":
        browser.post("/language", lang="en", next="/figures")
    html = unescape(browser.get("/figures").text)
    heads = re.findall(r"<h2 id=\"[a-z_]+\">([^<]+)</h2>", html)
    assert len(asked) == 3 and [one for one in asked if one not in heads] == []


def test_a_list_behind_a_number_holds_only_what_its_reader_may_list(agency: Agency) -> None:
    clerk, technician = agency.browser(POSTS["acceptance_clerk"]), agency.browser(POSTS["it_operator"])
    href = "/figures/documents?part=all&form=info_entry"
    assert total_of(clerk, href) > 0
    assert total_of(technician, href) == 0
    assert technician.get("/figures/documents?part=everything").status_code == 404
    assert technician.get("/figures/documents?part=all&period=2026-13").status_code == 404


def test_the_table_of_measures_names_states_that_there_are_and_every_post(demo: DemoAgency) -> None:
    desk = demo.services.desk
    assert set(desk.measures.roles) == set(ROLES)
    unknown = []
    for name, meaning in desk.measures.forms.items():
        known = {state for span in desk.registry.spans(name) for state in span.form.workflow.states}
        said = meaning.decided | meaning.returned | meaning.effective | meaning.settled
        unknown += [(name, one) for one in said - known]
    assert (unknown, set(desk.registry.forms()) - set(desk.measures.forms)) == ([], set())


def test_a_post_with_two_questions_is_refused() -> None:
    declared = json.loads(schemas.root().joinpath("measures", "1.0.0.json").read_bytes())
    declared["roles"]["auditor"].pop()
    declared["roles"]["reviewer"][0]["measure"] = "beauty"
    with pytest.raises(Invalid) as refused:
        parse_measures(declared)
    assert {one.code for one in refused.value.problems} == {"measures.three", "measures.question"}
