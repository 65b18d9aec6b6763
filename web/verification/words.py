"""A verification put into the words of one language: sentence, four answers, verdicts, steps, values.

Decides which sentence of the catalogue says a result, and takes labels of states, steps and fields from the
form version inside the bundle, so that a verifier without our registry speaks of them all the same. Never
judges.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.errors import Invalid
from engine.identity import SHANGHAI
from engine.trust import bundle as bundles
from engine.trust import canonical, sentences
from engine.trust import root as roots
from engine.trust.verdicts import Report
from web.verification.judge import Question, Verification

Say = Callable[..., str]
TONES = {
    "genuine": "good", "pending": "good", "replaced": "warn", "altered": "bad", "unauthorised": "bad",
    "unknown_seal": "warn", "page_unsealed": "warn", "unsealed": "warn", "unreadable": "warn",
}  # fmt: skip
_DERIVED = re.compile(r"/_derived(?:/@(\w+))?(/.*)")
ICONS = {"good": "✓", "warn": "!", "bad": "✕"}


@dataclass(frozen=True, slots=True)
class Answered:
    """One of the four questions in words."""

    ask: str
    answer: str
    is_word: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page or a terminal shows of a verification, in one language."""

    result: str
    tone: str
    icon: str
    mark: str
    sentence: str
    questions: tuple[Answered, ...]
    document: tuple[tuple[str, str], ...] = ()
    verdicts: tuple[tuple[str, str, str, str], ...] = ()
    steps: tuple[tuple[str, ...], ...] = ()
    values: tuple[tuple[str, str], ...] = ()
    unchecked: str = ""


class FormWords:
    """Labels of states, transitions and fields, from the bytes of a form bundle; codes where there is none.
    """

    def __init__(self, form: Mapping[str, Any], lang: str, say: Say) -> None:
        self._form = form
        self._lang = lang
        self._say = say
        self._places = {pointer: place for place, pointer in enumerate(self._cells())}

    def state(self, name: str) -> str:
        """The title of a state."""
        found = self._form.get("states", {}).get("states", {}).get(name)
        return self._titled(found, f"#/states/{name}", name)

    def transition(self, name: str) -> str:
        """The title of a transition."""
        states = self._form.get("states", {})
        listed = [*states.get("transitions", []), *states.get("system", [])]
        found = next((one for one in listed if one.get("name") == name), None)
        return self._titled(found, f"#/transitions/{name}", name)

    def field(self, path: str) -> str:
        """The titles on the way to a field; of a masked or derived form, what it is of which field."""
        found = _DERIVED.fullmatch(path)
        if found is None:
            return self._titles(path)
        return self._say(f"verify.derived.{found[1] or 'masked'}", field=self._titles(found[2]))

    def _titles(self, pointer: str) -> str:
        """The titles on the way to a field, as far as the schema gives them."""
        here: Any = self._form.get("schema", {})
        words: list[str] = []
        for step in pointer.split("/")[1:]:
            here = self._resolved(here)
            if step.isdigit() and isinstance(here.get("items"), dict):
                here = here["items"]
                words.append(str(int(step) + 1))
                continue
            here = self._resolved(here.get("properties", {}).get(step, {}))
            words.append(str(here.get("title", step)))
        return " · ".join(words)

    def value(self, pointer: str, value: Any) -> str:
        """A value as text; an enumerated one with its label."""
        here: Any = self._form.get("schema", {})
        for step in pointer.split("/")[1:]:
            here = self._resolved(here)
            found = here.get("items") if step.isdigit() else here.get("properties", {}).get(step)
            here = found if isinstance(found, dict) else {}
        label = self._resolved(here).get("x-enum", {}).get(str(value))
        if isinstance(value, bool):
            return self._say("verify.answer.yes" if value else "verify.answer.no")
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        return str(label) if label else text

    def rank(self, pointer: str) -> tuple[int, str]:
        """The place of a field on the paper: the layout says it, the canonical schema has forgotten it."""
        steps = pointer.split("/")
        for end in range(len(steps), 1, -1):
            found = self._places.get("/".join(steps[:end]))
            if found is not None:
                return found, pointer
        return len(self._places), pointer

    def _cells(self) -> Iterator[str]:
        for section in self._form.get("layout", {}).get("sections", []):
            for row in section.get("rows", []):
                yield from (str(cell.get("p", "")) for cell in row)

    def _resolved(self, schema: Any) -> dict[str, Any]:
        for _ in range(8):
            if not isinstance(schema, dict):
                return {}
            reference = schema.get("$ref")
            if not isinstance(reference, str) or not reference.startswith("#/"):
                return schema
            target: Any = self._form.get("schema", {})
            for step in reference[2:].split("/"):
                target = target.get(step, {}) if isinstance(target, dict) else {}
            schema = {**target, **{k: v for k, v in schema.items() if k != "$ref"}}
        return {}

    def _titled(self, found: Any, pointer: str, name: str) -> str:
        english = self._form.get("locale", {}).get(pointer)
        if self._lang == "en" and isinstance(english, str):
            return english
        return str(found.get("title", name)) if isinstance(found, dict) else name


def put_into_words(case: Verification, lang: str, say: Say) -> Shown:
    """The verification in `lang`."""
    facts = case.facts
    words = FormWords(_form_of(case.proof, case.report), lang, say)
    agency = str(facts.get("agency_en" if lang == "en" else "agency_zh", ""))
    pages = "、".join(map(str, facts.get("pages", ())))
    where = say(f"verify.where.{facts['where']}", pages=pages) if "where" in facts else ""
    told = {
        "agency": agency, "at": _local(facts.get("at", "")), "day": _local(facts.get("state_at", ""))[:10],
        "state": words.state(str(facts.get("state", ""))), "where": where, "by": facts.get("by", ""),
    }  # fmt: skip
    key = "replaced_by" if case.result == "replaced" and facts.get("by") else case.result
    tone = TONES[case.result]
    return Shown(
        result=case.result,
        tone=tone,
        icon=ICONS[tone],
        mark=say(f"verify.mark.{case.result}"),
        sentence=say(f"verify.result.{key}", **told),
        questions=tuple(_answered(case, one, told, say) for one in case.questions),
        document=_document(case, say),
        verdicts=_verdicts(case.report, lang, say),
        steps=_steps(case, words, lang),
        values=_values(case.report, words),
        unchecked="、".join(case.report.unchecked) if case.report else "",
    )


def _form_of(data: bytes | None, report: Report | None) -> Mapping[str, Any]:
    if data is None or report is None or not report.form:
        return {}
    try:
        parsed = [canonical.parse_bundle(one) for one in bundles.read(data).forms.values()]
    except Invalid:
        return {}
    return next((one for one in reversed(parsed) if isinstance(one, dict)), {})


def _answered(case: Verification, one: Question, told: Mapping[str, Any], say: Say) -> Answered:
    key = f"verify.{one.name}.{one.answer}"
    if key == "verify.changed.no" and case.page_seal is not None:
        key += "_page"
    if key == "verify.valid.yes" and not case.facts.get("is_live"):
        key += "_as_of"
    return Answered(say(f"verify.ask.{one.name}"), say(key, **told), say(f"verify.answer.{one.answer}"))


def _document(case: Verification, say: Say) -> tuple[tuple[str, str], ...]:
    rows = [
        (say("verify.doc_no"), str(case.facts.get("doc_no", ""))),
        (say("verify.doc_id"), str(case.facts.get("doc_id", ""))),
    ]
    if case.page_seal is not None:
        rows.append((say("verify.copy"), case.page_seal.copy))
        rows.append((say("verify.printed_at"), _local(case.page_seal.printed_at)))
    seal = case.file_seal
    if seal.status != "none":
        rows.append((say("verify.file_seal"), say(f"verify.file_seal.{seal.status}", signer=seal.signer)))
    if case.report is not None and case.report.log:
        rows.append((say("verify.log"), say("verify.log.size", size=case.report.log.get("size", ""))))
    return tuple((label, text) for label, text in rows if text)


def _verdicts(report: Report | None, lang: str, say: Say) -> tuple[tuple[str, str, str, str], ...]:
    if report is None:
        return ()
    return tuple(
        (
            sentences.title(one.name, lang),
            one.status,
            say(f"verify.status.{one.status}"),
            sentences.sentence(one.code, one.facts, lang),
        )
        for one in report.verdicts
    )


def _steps(case: Verification, words: FormWords, lang: str) -> tuple[tuple[str, ...], ...]:
    if case.report is None:
        return ()
    roles = _role_titles(case.proof, lang)
    return tuple(
        (
            str(one.seq),
            f"{words.transition(one.transition)} → {words.state(one.target)}",
            roles.get(one.role, one.role),
            _local(one.received_at),
            str(one.index),
        )
        for one in case.report.events
    )


def _role_titles(proof: bytes | None, lang: str) -> Mapping[str, str]:
    """The agency's own words for its roles, from the trust root in the bundle."""
    try:
        newest = roots.walk(bundles.read(proof or b"").trust)[-1]
    except Invalid:
        return {}
    return {name: titles["title_en" if lang == "en" else "title_zh"] for name, titles in newest.roles.items()}


def _values(report: Report | None, words: FormWords) -> tuple[tuple[str, str], ...]:
    if report is None:
        return ()
    in_order = sorted(report.values, key=lambda one: words.rank(one.path))
    return tuple((words.field(one.path), words.value(one.path, one.value)) for one in in_order)


def _local(text: Any) -> str:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return ""
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
