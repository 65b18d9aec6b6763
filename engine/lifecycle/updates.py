"""What a states file says of a form whose documents change other documents.

Decides only how the declaration reads; what is done with it is engine.desk.updating's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Given = Mapping[str, tuple[str, ...]]
"""Pointers into answers, each with the values of which one stands there."""


@dataclass(frozen=True, slots=True)
class Hold:
    """That an update keeps something of its target from happening, from its filing until it is decided, and
    once it is applied for `working_days` more.

    It is one where the facets `given` say so. Meanwhile no update may write into the target what `stops`
    names.
    """

    name: str
    title: str
    given: Given
    working_days: int
    stops: Given


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Documents of the person that an update leaves to be looked at, listed when it is applied.

    Asked for by an update that changes one of `changes` (any, when empty) and says what `given` names; of
    those documents that stand in one of `states`, say what `among` names and whose `ends` lies after the date
    `since` of the update ("": whatever their dates). `shows` is shown of each, masked. `begins`: each still
    says what the update corrected, and the same update may be begun from it.
    """

    name: str
    title: str
    changes: tuple[str, ...]
    given: Given
    states: tuple[str, ...]
    since: str
    ends: str
    among: Given
    shows: tuple[str, ...]
    begins: bool


@dataclass(frozen=True, slots=True)
class Updates:
    """That a document changes another one, as pointers into its answers.

    It is begun from documents of `form` that stand in one of `states`. `doc_id` and `revision` name the
    target as it was seen, `changes` is the list of changes, `kinds` the classes of the changed fields,
    `subject_key` and `subject_masked` whom it is about, who stands at `subject` in the target (its last
    pointer is what the key is of). Nothing at or below a pointer of `fixed` can be changed this way.
    `reverts` names the update that this one takes back ("": none can be).
    """

    form: str
    states: tuple[str, ...]
    doc_id: str
    revision: str
    changes: str
    kinds: str
    subject_key: str
    subject_masked: str
    subject: tuple[str, ...]
    fixed: tuple[str, ...]
    reverts: str = ""
    holds: tuple[Hold, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()


def parse_updates(declared: Any) -> Updates | None:
    """The part `updates` of a parsed states.json; None without one. Its shape is the meta-schema's."""
    if not isinstance(declared, dict):
        return None

    def text(name: str) -> str:
        return str(declared.get(name, ""))

    def listed(name: str) -> tuple[str, ...]:
        return tuple(map(str, declared.get(name, ())))

    return Updates(
        form=text("form"),
        states=listed("states"),
        doc_id=text("doc_id"),
        revision=text("revision"),
        changes=text("changes"),
        kinds=text("kinds"),
        subject_key=text("subject_key"),
        subject_masked=text("subject_masked"),
        subject=listed("subject"),
        fixed=listed("fixed"),
        reverts=text("reverts"),
        holds=tuple(map(_hold, declared.get("holds", ()))),
        follow_ups=tuple(map(_follow_up, declared.get("follow_ups", ()))),
    )


def _hold(declared: Mapping[str, Any]) -> Hold:
    return Hold(
        name=str(declared["name"]),
        title=str(declared["title"]),
        given=_given(declared["given"]),
        working_days=int(declared.get("working_days", 0)),
        stops=_given(declared.get("stops", {})),
    )


def _follow_up(declared: Mapping[str, Any]) -> FollowUp:
    return FollowUp(
        name=str(declared["name"]),
        title=str(declared["title"]),
        changes=tuple(declared.get("changes", ())),
        given=_given(declared.get("given", {})),
        states=tuple(declared["states"]),
        since=str(declared.get("since", "")),
        ends=str(declared.get("ends", "")),
        among=_given(declared.get("among", {})),
        shows=tuple(declared.get("shows", ())),
        begins=declared.get("begins") is True,
    )


def _given(declared: Mapping[str, Any]) -> Given:
    return {str(at): tuple(map(str, values)) for at, values in declared.items()}
