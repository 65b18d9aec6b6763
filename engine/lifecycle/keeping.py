"""What a states file says of how long documents are kept, what stops their destruction and who asks for it.

Decides only how the declarations read; what is done with them is engine.desk's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

LIST_DUE: Final = "list_due"
CONSENT_DESTRUCTION: Final = "consent_destruction"
DESTROY_LISTED: Final = "destroy_listed"
FIND_HOLDINGS: Final = "find_holdings"
TELL_READERS: Final = "tell_readers"
CAPABILITIES: Final = (LIST_DUE, CONSENT_DESTRUCTION, DESTROY_LISTED, FIND_HOLDINGS, TELL_READERS)
DECLARED_IN: Final = {
    LIST_DUE: "appraises",
    CONSENT_DESTRUCTION: "destroys",
    DESTROY_LISTED: "destroys",
    FIND_HOLDINGS: "answers_person",
    TELL_READERS: "answers_person",
}
"""Which part of the states file says where the document holds what a capability works on."""


@dataclass(frozen=True, slots=True)
class Holds:
    """That a document in one of `states` stops the destruction of those whose ids it lists at `documents`."""

    documents: str
    states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Appraises:
    """That a document lists what is to be judged because its time has come.

    `lines` is the list, `department` says whose documents, `day` and `count` are written. Once it stands in
    one of `settled`, the documents whose ids it shows at `kept` are kept for longer.
    """

    lines: str
    department: str
    day: str
    count: str
    kept: str
    settled: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Destroys:
    """That two steps together destroy what a list names.

    Of `lines` those count whose `member` is one of `values`; `document` is the member with the document id.
    `basis` is the legal basis: a code, or a pointer into the answers.
    """

    lines: str
    document: str
    member: str
    values: tuple[str, ...]
    basis: str


@dataclass(frozen=True, slots=True)
class Found:
    """How documents of one form are about a person: by which indexed numbers, or by naming a found document.

    `others` are the parts that speak of somebody else.
    """

    known_by: tuple[str, ...]
    linked_by: str
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnswersPerson:
    """That a document answers a person who asks what is held about them.

    `number` and `names` say who it is; `kind` which right is used; `holdings` and `readers` are lists that
    the system writes, `reader_count` the number of all readings, of which no more than `most` are listed.
    In `answered` states a request of a kind in `copies` opens the copies to whoever may print the request;
    one of a kind in `corrects`, standing in one of `correcting`, may begin documents of `update` with
    `update_answers`, terms by pointer.
    """

    number: str
    kind: str
    holdings: str
    readers: str
    reader_count: str
    most: int
    forms: Mapping[str, Found]
    copies: tuple[str, ...]
    answered: tuple[str, ...]
    corrects: tuple[str, ...]
    correcting: tuple[str, ...]
    update: str
    update_answers: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Keeping:
    """All of it, each part None where the states file does not say it."""

    holds: Holds | None = None
    appraises: Appraises | None = None
    destroys: Destroys | None = None
    answers_person: AnswersPerson | None = None


NOTHING_KEPT: Final = Keeping()


def parse_keeping(states: Mapping[str, Any]) -> Keeping:
    """The parts `holds`, `appraises`, `destroys` and `answers_person` of a parsed states.json."""
    held, listed, ended, told = (
        states.get(name) for name in ("holds", "appraises", "destroys", "answers_person")
    )
    return Keeping(
        holds=Holds(_text(held, "documents"), _texts(held, "states")) if isinstance(held, dict) else None,
        appraises=_appraises(listed) if isinstance(listed, dict) else None,
        destroys=_destroys(ended) if isinstance(ended, dict) else None,
        answers_person=_answers_person(told) if isinstance(told, dict) else None,
    )


def _appraises(said: Mapping[str, Any]) -> Appraises:
    return Appraises(
        lines=_text(said, "lines"),
        department=_text(said, "department"),
        day=_text(said, "day"),
        count=_text(said, "count"),
        kept=_text(said, "kept"),
        settled=_texts(said, "settled"),
    )


def _destroys(said: Mapping[str, Any]) -> Destroys:
    where = said.get("where", {})
    return Destroys(
        lines=_text(said, "lines"),
        document=_text(said, "document"),
        member=_text(where, "member"),
        values=_texts(where, "in"),
        basis=_text(said, "basis"),
    )


def _answers_person(said: Mapping[str, Any]) -> AnswersPerson:
    return AnswersPerson(
        number=_text(said, "number"),
        kind=_text(said, "kind"),
        holdings=_text(said, "holdings"),
        readers=_text(said, "readers"),
        reader_count=_text(said, "reader_count"),
        most=int(said.get("most", 0)),
        forms={
            str(name): Found(_texts(one, "known_by"), _text(one, "linked_by"), _texts(one, "others"))
            for name, one in said.get("forms", {}).items()
        },
        copies=_texts(said, "copies"),
        answered=_texts(said, "answered"),
        corrects=_texts(said, "corrects"),
        correcting=_texts(said, "correcting"),
        update=_text(said, "update"),
        update_answers=dict(said.get("update_answers", {})),
    )


def _text(said: Mapping[str, Any], name: str) -> str:
    return str(said.get(name, ""))


def _texts(said: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(map(str, said.get(name, ())))
