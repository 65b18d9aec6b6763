"""The form 制度修订申请表: everything a folder must hold, and its examples judged."""

from __future__ import annotations

from importlib.resources.abc import Traversable

from engine.registry.check import check_folder
from tests.schemas.reading import folder, read, tables

FORM = ("regulation_revision", "1.0.0")


def _files(place: Traversable, prefix: str = "") -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for one in place.iterdir():
        if one.is_dir():
            found |= _files(one, f"{prefix}{one.name}/")
        else:
            found[prefix + one.name] = one.read_bytes()
    return found


def test_the_revision_form_may_be_published_as_it_stands() -> None:
    meta = {name: read("_meta", f"{name}.schema.json") for name in ("annotations", "states", "layout")}

    assert check_folder(_files(folder(*FORM)), tables(), meta, form=FORM[0], version=FORM[1]) == []


def test_only_information_management_proposes_and_only_heads_of_departments_agree() -> None:
    transitions = {one["name"]: one for one in read(*FORM, "states.json")["transitions"]}

    assert transitions["propose"]["by"]["roles"] == ["info_manager"]
    agreeing = ("agree", "agree_last", "disagree", "reject")
    assert {role for name in agreeing for role in transitions[name]["by"]["roles"]} == {"department_head"}


def test_publication_needs_a_second_person_who_is_not_the_proposer() -> None:
    transitions = {one["name"]: one for one in read(*FORM, "states.json")["transitions"]}

    assert {"last_actor", "creator", "submitter"} <= set(transitions["publish"]["not_by"])
    assert (transitions["publish"]["from"], transitions["publish"]["signing"]) == (
        ["publication_ordered"],
        "step_up",
    )
