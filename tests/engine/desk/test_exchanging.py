"""何信 hands a published version to another agency; over there 何信's namesake takes it in as a draft."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from engine.desk import exchanging, shipping, version_drafts
from engine.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.engine.desk.office import HE, LIN, Office, open_office
from tests.engine.desk.revising import line, proposal, published, street_draft


@pytest.fixture(scope="module")
def province() -> Office:
    """An agency that has published 1.1.0 of the entry form."""
    office = open_office()
    published(office, proposal(line(street_draft(office)), effective_on="2026-03-06"))
    return office


@pytest.fixture(scope="module")
def handed(province: Office) -> bytes:
    return exchanging.export_version(province.desk, province.actors[HE], "info_entry", "1.1.0")


def _trust(office: Office) -> bytes:
    return office.desk.trust.root_chain()


def test_a_version_of_the_province_becomes_a_draft_of_the_city(province: Office, handed: bytes) -> None:
    city = open_office(datetime(2026, 4, 1, 2, 0, tzinfo=UTC))

    draft = exchanging.import_version(city.desk, city.actors[HE], handed, _trust(province))

    assert (draft.form, draft.version, draft.follows, draft.revision) == ("info_entry", "1.1.0", "1.0.0", 1)
    there = province.desk.registry.get("info_entry", "1.1.0")
    assert version_drafts.content_of(draft).bundle == there.bundle
    assert version_drafts.problems(city.desk, draft) == ()
    assert city.desk.registry.versions("info_entry")[-1].version == "1.0.0"  # nothing is in force by that


def test_a_file_says_who_published_it_and_when(province: Office, handed: bytes) -> None:
    found = exchanging.read_version(handed, _trust(province))

    assert found.published == province.desk.registry.span("info_entry", "1.1.0").published
    assert found.agency["code"] == "310104"


@pytest.mark.parametrize(
    "at, value, problem",
    [
        (("bundle", "layout", "sections"), [], "seal"),
        (("papers", "CHANGES.md"), "nothing changed", "seal"),
        (("version",), "1.2.0", "not_published"),
        (("sha256",), "ab" * 32, "not_published"),
        (("seal", "sig"), "AAAA", "seal"),
        (("format",), "fengjian-form-version/v2", "malformed"),
        (("bundle",), {}, "malformed"),
    ],
)
def test_a_file_that_was_changed_is_not_believed(
    province: Office, handed: bytes, at: tuple[str, ...], value: Any, problem: str
) -> None:
    changed = json.loads(handed)
    place = changed
    for name in at[:-1]:
        place = place[name]
    place[at[-1]] = value

    with pytest.raises(Invalid) as refused:
        exchanging.read_version(json.dumps(changed).encode(), _trust(province))

    assert [one.code for one in refused.value.problems] == [f"version_file.{problem}"]


def test_another_agencys_trust_file_does_not_vouch_for_it(handed: bytes) -> None:
    city = open_office(datetime(2026, 4, 1, 2, 0, tzinfo=UTC))
    stranger = _trust(city)

    with pytest.raises(Invalid) as refused:
        exchanging.import_version(city.desk, city.actors[HE], handed, stranger)

    assert {one.code for one in refused.value.problems} <= {"version_file.proof", "version_file.seal"}
    assert version_drafts.all_drafts(city.desk, city.actors[HE]) == ()


def test_whoever_published_it_does_not_take_it_in_again(province: Office, handed: bytes) -> None:
    with pytest.raises(Conflict) as refused:
        exchanging.import_version(province.desk, province.actors[HE], handed, _trust(province))

    assert refused.value.code == "version.published"


def test_only_information_management_hands_versions_out_and_only_those_published_here(
    province: Office,
) -> None:
    with pytest.raises(NotAllowed):
        exchanging.export_version(province.desk, province.actors[LIN], "info_entry", "1.1.0")
    with pytest.raises(NotFound) as shipped:
        exchanging.export_version(province.desk, province.actors[HE], "info_entry", "1.0.0")
    assert shipped.value.code == "version.not_published_here"


def test_a_shipped_version_is_handed_over_like_a_published_one_once_it_is_recorded() -> None:
    province, city = open_office(), open_office(datetime(2026, 4, 1, 2, 0, tzinfo=UTC))
    index = shipping.record(province.desk, "0.1.0")

    handed = exchanging.export_version(province.desk, province.actors[HE], "info_entry", "1.0.0")
    found = exchanging.read_version(handed, _trust(province))

    entry = next(one for one in shipping.recorded(province.desk) if one.form == "info_entry")
    assert (found.published, found.published.index) == (entry, index)
    assert found.bundle == province.desk.registry.get("info_entry", "1.0.0").bundle
    with pytest.raises(Conflict, match=r"version\.published"):  # the city works with that very version
        exchanging.import_version(city.desk, city.actors[HE], handed, _trust(province))
