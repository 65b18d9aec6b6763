"""Changes and verdicts between versions in words, for the command line and the administrator's pages.

Decides only which sentence of the catalogue stands for a kind, and how facts are written in a language. Never
decides what changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from engine.versions.changes import Change, Label, Term
from engine.versions.comparison import Comparison, Words
from engine.versions.process import ProcessVerdict, Stuck
from engine.versions.verdict import Verdict
from web.messages import Catalogue

MOST_SHOWN = 12
LONGEST = 200


def words_from(catalogue: Catalogue) -> Words:
    """How changes are said with the sentences of a catalogue: a function of a change and a language."""
    return lambda change, lang: words_of(change, lang, catalogue)


def words_of(change: Change, lang: str, catalogue: Catalogue) -> str:
    """One change in one sentence."""
    facts = {name: _written(name, value, lang, catalogue) for name, value in change.facts.items()}
    return catalogue.say(lang, f"versions.change.{change.kind}", **{"label": "", **facts})


def _written(name: str, value: Any, lang: str, catalogue: Catalogue) -> str:
    if isinstance(value, Label):
        named = value.within(lang)
        return (
            catalogue.say(lang, "versions.quoted", text=named)
            if named
            else catalogue.say(lang, "versions.whole")
        )
    if isinstance(value, Term):
        key = f"versions.{value.key}"
        return catalogue.say(lang, key) if catalogue.knows(key) else value.key.partition(".")[2]
    if value is None or value == [] or value == "":
        return "" if name == "message" else catalogue.say(lang, "versions.none")
    if isinstance(value, list | tuple):
        shown = [_written("", one, lang, catalogue) for one in value[:MOST_SHOWN]]
        more = "…" if len(value) > MOST_SHOWN else ""
        return catalogue.say(lang, "versions.join").join(shown) + more
    if isinstance(value, bool):
        return catalogue.say(lang, "versions.yes" if value else "versions.no")
    if isinstance(value, str):
        text = value if len(value) <= LONGEST else value[:LONGEST] + "…"
        return catalogue.say(lang, "versions.quoted", text=text) if name == "option" else text
    written = json.dumps(value, ensure_ascii=False)
    return written if len(written) <= LONGEST else written[:LONGEST] + "…"


def reason_words(verdict: Verdict, lang: str, catalogue: Catalogue) -> str:
    """Why a verdict is unknown, or "" when it is proved."""
    if not verdict.reason:
        return ""
    rules = _written("rules", list(verdict.facts.get("rules", ())), lang, catalogue)
    return catalogue.say(lang, f"versions.reason.{verdict.reason}", rules=rules)


def verdict_words(verdict: Verdict, lang: str, catalogue: Catalogue) -> str:
    """A verdict in one sentence; the witness is shown apart."""
    reason = reason_words(verdict, lang, catalogue)
    return catalogue.say(lang, f"versions.verdict.{verdict.verdict}", reason=reason)


def process_words(process: ProcessVerdict, lang: str, catalogue: Catalogue) -> Iterator[str]:
    """What becomes of documents under way, a line each."""
    yield catalogue.say(lang, f"versions.process.{process.verdict}")
    for one in (*process.stuck, *process.doubtful):
        yield _stuck_words(one, lang, catalogue)
    for word in ("unreachable", "nobody", "self_approval"):
        names = getattr(process, word)
        if names:
            joined = catalogue.say(lang, "versions.join").join(names)
            yield catalogue.say(lang, f"versions.{word}", names=joined)


def _stuck_words(one: Stuck, lang: str, catalogue: Catalogue) -> str:
    return catalogue.say(lang, f"versions.stuck.{one.reason}", title=one.title, count=one.count)


def page_of_words(comparison: Comparison, lang: str, catalogue: Catalogue) -> Iterator[str]:
    """The whole comparison as lines of text."""
    count = len(comparison.changes)
    heading = "versions.head.changes" if count else "versions.head.none"
    yield catalogue.say(lang, heading, count=count)
    for change in comparison.changes:
        yield f"  {change.pointer or '/'}  {words_of(change, lang, catalogue)}"
    for key, verdict in (("old", comparison.old_documents), ("new", comparison.new_documents)):
        yield ""
        yield f"{catalogue.say(lang, f'versions.head.{key}')}: {verdict_words(verdict, lang, catalogue)}"
        if verdict.has_witness:
            yield json.dumps(verdict.witness, ensure_ascii=False, indent=2)
    yield ""
    yield f"{catalogue.say(lang, 'versions.head.process')}:"
    yield from (f"  {line}" for line in process_words(comparison.process, lang, catalogue))
    step = catalogue.say(lang, f"versions.step.{comparison.smallest_version}")
    yield catalogue.say(lang, "versions.smallest", step=step)
