"""What a release brings along is recorded once, signed by the platform, and held against the next release."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from engine.desk import proving, shipping
from engine.errors import Broken
from engine.registry.registry import Registry, build_registry
from engine.trust.verify import verify
from tests.engine.desk.office import Office, open_office
from tests.engine.desk.revising import line, proposal, published, street_draft
from tests.schemas.reading import VERSIONS, compiled
from tests.simulators.memory_stores import MemoryTrust

NOW = datetime(2026, 3, 6, 2, 0, tzinfo=UTC)


def _shipped(first: str = "2020-01-01") -> Registry:
    return build_registry([(compiled(), date.fromisoformat(first))])


def test_every_shipped_version_is_recorded_with_digest_first_day_and_release() -> None:
    office = open_office()

    index = shipping.record(office.desk, "0.1.0")

    assert index is not None
    said = office.desk.journal.read(index).statement()
    assert (said["type"], said["actor"]["role"], said["body"]["release"]) == ("forms.ship", "system", "0.1.0")
    entries = shipping.recorded(office.desk)
    assert {(one.form, one.version) for one in entries} == set(VERSIONS)
    one = next(each for each in entries if each.form == "info_entry")
    assert (one.digest, one.effective_on, one.follows) == (compiled().digest, "2020-01-01", "")


def test_a_second_start_records_nothing_and_a_release_with_more_records_what_is_new() -> None:
    office = open_office()
    small = replace(office.desk, registry=_shipped())
    first = shipping.record(small, "0.1.0")

    assert (first is not None, shipping.record(small, "0.1.0")) == (True, None)
    assert shipping.record(office.desk, "0.2.0") is not None
    assert shipping.record(office.desk, "0.2.0") is None
    named = [(one.form, one.version) for one in shipping.recorded(office.desk)]
    assert (named[0], sorted(named)) == (("info_entry", "1.0.0"), sorted(VERSIONS))


def test_before_an_agency_has_its_people_nothing_is_recorded() -> None:
    office = open_office()

    assert shipping.record(replace(office.desk, trust=MemoryTrust()), "0.1.0") is None

    assert shipping.recorded(office.desk) == ()


def test_the_record_is_proved_to_a_stranger_with_five_good_verdicts() -> None:
    office = open_office()
    index = shipping.record(office.desk, "0.1.0")
    assert index is not None

    report = verify(proving.bundle_of_record(office.desk, index), office.desk.trust.root_chain(), now=NOW)

    assert [one.status for one in report.verdicts] == ["good"] * 5
    assert report.state == "shipped"


def _recorded() -> Office:
    office = open_office()
    shipping.record(replace(office.desk, registry=_shipped()), "0.1.0")
    return office


@pytest.mark.parametrize(
    "registry",
    [
        pytest.param(
            build_registry([(replace(compiled(), bundle=replace(compiled().bundle, digest="ab" * 32)),
                             date(2020, 1, 1))]), id="content",
        ),
        pytest.param(_shipped("2021-01-01"), id="first day"),
    ],
)  # fmt: skip
def test_a_shipped_version_that_is_not_what_was_recorded_stops_the_start(registry: Registry) -> None:
    changed = replace(_recorded().desk, registry=registry)

    with pytest.raises(Broken) as stopped:
        shipping.load(changed)

    assert (stopped.value.code, stopped.value.facts) == (
        "form.shipped_differs", {"form": "info_entry", "version": "1.0.0"},
    )  # fmt: skip
    (entry,) = shipping.recorded(changed)
    assert [one.code for one in shipping.judge(changed, entry)] == ["form.registry_differs"]


def test_what_is_shipped_no_more_stays_in_force_from_the_forms_folder() -> None:
    older = replace(_recorded().desk, registry=build_registry([]))

    shipping.load(older)

    assert older.registry.in_force("info_entry", date(2026, 3, 5)).version == "1.0.0"
    (entry,) = shipping.recorded(older)
    assert list(shipping.judge(older, entry)) == []


def test_what_was_published_here_is_not_recorded_again_when_a_release_ships_it() -> None:
    office = open_office()
    published(office, proposal(line(street_draft(office)), effective_on="2026-03-06"))
    desk = office.desk
    spans = [span for form in desk.registry.forms() for span in desk.registry.spans(form)]
    later = replace(desk, registry=build_registry((span.form, span.first) for span in spans))

    shipping.record(later, "0.2.0")

    recorded = {(one.form, one.version) for one in shipping.recorded(later)}
    assert (recorded, ("info_entry", "1.1.0") in recorded) == (set(VERSIONS), False)
