"""The disability grade from the 17 items: all 64 level triples, and every edge of the bands."""

from __future__ import annotations

import copy
import itertools
from typing import Any

import pytest

from engine.registry.validate import compute
from tests.schemas import reading

# Domain B.1.3, copied by hand: rows are the level of daily living, columns the worse of the other two.
BY_HAND = {
    (0, 0): 0, (0, 1): 0, (0, 2): 1, (0, 3): 1,
    (1, 0): 1, (1, 1): 1, (1, 2): 1, (1, 3): 2,
    (2, 0): 2, (2, 1): 2, (2, 2): 2, (2, 3): 3,
    (3, 0): 3, (3, 1): 3, (3, 2): 4, (3, 3): 5,
}  # fmt: skip
TRIPLES = list(itertools.product(range(4), repeat=3))
# One total inside each level, best first (B.1.2).
TOTALS = {"adl": (100, 80, 50, 20), "cog": (16, 10, 3, 1), "per": (12, 7, 2, 0)}
MOST = {
    "adl": {"eating": 10, "dressing": 10, "face_oral_cleaning": 5, "bowel_control": 10, "bladder_control": 10,
            "toilet_use": 10, "walking": 15, "transfer": 15, "stairs": 10, "bathing": 5},
    "cog": {"time_orientation": 4, "person_orientation": 4, "place_orientation": 4, "memory": 4},
    "per": {"vision": 4, "hearing": 4, "communication": 4},
}  # fmt: skip
RESULT = reading.examples()["ok-2-assessment-result"]


def _items(group: str, total: int) -> dict[str, int]:
    """Item scores that add up to `total`, filled from the first item on."""
    step = 5 if group == "adl" else 1
    scores, left = {}, total
    for key, most in MOST[group].items():
        scores[key] = min(most, left - left % step)
        left -= scores[key]
    assert left == 0
    return scores


def _assess(adl: int, cog: int, per: int) -> dict[str, Any]:
    data = copy.deepcopy(RESULT["data"])
    for key in ("adl_total", "cog_total", "per_total", "disability_grade", "ruleset_hash"):
        data["assess"].pop(key)
    data["assess"] |= {"adl": _items("adl", adl), "cog": _items("cog", cog), "per": _items("per", per)}
    assessed: dict[str, Any] = compute(reading.compiled(), data, reading.around(RESULT["context"]))["assess"]
    return assessed


def _totals_and_grade(adl: int, cog: int, per: int) -> tuple[int, int, int, int]:
    done = _assess(adl, cog, per)
    return done["adl_total"], done["cog_total"], done["per_total"], done["disability_grade"]


@pytest.mark.parametrize("triple", TRIPLES, ids=str)
def test_each_of_the_64_level_triples_has_the_grade_of_the_standard(triple: tuple[int, int, int]) -> None:
    adl, cog, per = (TOTALS[group][level] for group, level in zip(("adl", "cog", "per"), triple, strict=True))
    grade = BY_HAND[triple[0], max(triple[1:])]
    assert _totals_and_grade(adl, cog, per) == (adl, cog, per, grade)


# Checked vectors of domain C.6 and both sides of every edge of B.1.2.
EDGES = [
    ((100, 16, 12), 0), ((100, 0, 0), 1), ((65, 1, 12), 2), ((45, 0, 12), 3),
    ((40, 16, 12), 3), ((40, 3, 12), 4), ((0, 1, 12), 5), ((25, 3, 7), 4),
    ((95, 16, 12), 1), ((65, 16, 12), 1), ((60, 16, 12), 2), ((45, 16, 12), 2),
    ((100, 15, 12), 0), ((100, 4, 12), 0), ((100, 3, 12), 1), ((0, 2, 12), 4),
    ((0, 15, 12), 3), ((0, 4, 12), 3), ((0, 16, 11), 3), ((0, 16, 4), 3),
    ((0, 16, 3), 4), ((0, 16, 2), 4), ((0, 16, 1), 5), ((0, 16, 0), 5),
]  # fmt: skip


@pytest.mark.parametrize(("totals", "grade"), EDGES, ids=str)
def test_both_sides_of_every_edge(totals: tuple[int, int, int], grade: int) -> None:
    assert _totals_and_grade(*totals) == (*totals, grade)


def test_the_scores_offered_are_those_of_the_standard() -> None:
    fields = reading.compiled().fields
    offered = {
        group: {key: max(fields[f"/assess/{group}/{key}"].schema["enum"]) for key in keys}
        for group, keys in MOST.items()
    }
    assert offered == MOST
    items = {
        group["key"]: group["items"] for group in reading.tables()["codes/disability_grade.json"]["groups"]
    }
    assert items == {group: list(keys) for group, keys in MOST.items()}


def test_a_missing_item_gives_no_total_and_no_grade() -> None:
    data = copy.deepcopy(RESULT["data"])
    data["assess"]["cog"].pop("memory")
    done = compute(reading.compiled(), data, reading.around(RESULT["context"]))["assess"]
    assert ("cog_total" in done, "disability_grade" in done, done["adl_total"]) == (False, False, 25)


def test_a_local_standard_is_never_turned_into_a_national_grade() -> None:
    example = reading.examples()["ok-11-local-barthel"]
    done = reading.judge(example).answers["assess"]
    assert {"disability_grade", "adl_total", "ruleset_hash"} & set(done) == set()


def test_the_document_names_the_ruleset_by_its_digest() -> None:
    pinned = reading.read("info_entry", "1.0.0", "schema.json")["x-tables"]["disability_grade"]["sha256"]
    assert reading.judge(RESULT).answers["assess"]["ruleset_hash"] == pinned
