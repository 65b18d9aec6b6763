"""A comparison of two versions for a page: changes in words, both verdicts, the witness as a filled form.

Decides order, groups and words; the comparison itself and the smallest number are the engine's. A witness is
an invented document, never one that somebody filed.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from engine.desk import revisions, version_checks, version_drafts
from engine.desk.counting import standing_in
from engine.desk.desk import Desk
from engine.desk.version_checks import Candidate, Judged
from engine.errors import Invalid, NotFound, Problem, Refused
from engine.lifecycle.publishes import Publishes
from engine.registry.bundle import LAYOUT, LOCALE, SCHEMA, STATES
from engine.registry.compiled import CompiledForm
from engine.version_ports import VersionDraft
from engine.versions.changes import Change, is_wording
from engine.versions.comparison import Comparison
from engine.versions.numbering import is_understated
from engine.versions.process import ProcessVerdict, Stuck
from engine.versions.verdict import Verdict
from forms.messages import sentence
from forms.model import FormModel
from forms.summary import SummarySection, summarise
from web import labels
from web.labels import Say
from web.messages import Catalogue
from web.models import code_names, model_of
from web.version_editing import problems_of
from web.version_words import process_words, reason_words, words_of

K = TypeVar("K")
V = TypeVar("V")
MOST_REMEMBERED: Final = 12
FILES: Final = (SCHEMA, STATES, LAYOUT, LOCALE)
SHOWN: Final = 400
VERSION_NAME: Final = "version_name"  # that the number differs is no change to be told


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change: its words, what kind of weight it has (`wording` or `matter`), and where it stands."""

    words: str
    weight: str
    pointer: str


@dataclass(frozen=True, slots=True)
class ChangeGroup:
    """The changes of one file, in its order. `left_out` is how many more there are than are shown."""

    file: str
    title: str
    rows: tuple[ChangeRow, ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class WitnessView:
    """A witness as a form filled with it: `sections` when it can be shown so, `text` (JSON) always.

    `hits` are pointers with what is wrong there under the version that refuses it.
    """

    form_title: str
    valid_under: str
    refused_by: str
    sections: tuple[SummarySection, ...]
    text: str
    hits: tuple[tuple[str, str], ...]

    @property
    def hit_sections(self) -> tuple[SummarySection, ...]:
        """The sections in which something is wrong."""
        return tuple(one for one in self.sections if self._is_hit(one))

    @property
    def other_sections(self) -> tuple[SummarySection, ...]:
        """The others."""
        return tuple(one for one in self.sections if not self._is_hit(one))

    def _is_hit(self, section: SummarySection) -> bool:
        top = f"{section.pointer}/"
        return any(pointer == section.pointer or pointer.startswith(top) for pointer, _ in self.hits)


@dataclass(frozen=True, slots=True)
class VerdictView:
    """One direction: `verdict` as a code, what was asked, the answer and the reason in words."""

    verdict: str
    question: str
    answer: str
    reason: str
    witness: WitnessView | None


@dataclass(frozen=True, slots=True)
class StandingRow:
    """One state in which documents stand, and whether they could finish. `tone` of the answer's tag."""

    state: str
    count: int
    answer: str
    tone: str


@dataclass(frozen=True, slots=True)
class ComparedView:
    """Everything a page says of a comparison. `smallest` is patch, minor or major; `least` that number."""

    before: str
    version: str
    groups: tuple[ChangeGroup, ...]
    count: int
    old: VerdictView
    new: VerdictView
    process_verdict: str
    process: tuple[str, ...]
    standing: tuple[StandingRow, ...]
    smallest: str
    least: str
    understated: bool
    semantic: bool

    @property
    def verdict(self) -> str:
        """The one word at the top: of documents already there, or of those that could not finish."""
        if self.old.verdict == "compatible" and self.process_verdict in ("incompatible", "unknown"):
            return self.process_verdict
        return self.old.verdict


@dataclass(frozen=True, slots=True)
class NamedVersion:
    """A version that a revision document publishes, for those who decide on it. `problem` says why it could
    not be read; `view` is None then, or for a form that is new."""

    form: str
    title: str
    version: str
    follows: str
    digest: str
    clause: str
    view: ComparedView | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """A draft as far as it can be read: its problems, and what it comes to (None: a file is unreadable)."""

    problems: tuple[Problem, ...]
    candidate: Candidate | None


_read: OrderedDict[tuple[str, int], Read] = OrderedDict()


def read_draft(desk: Desk, draft: VersionDraft) -> Read:
    """The problems and the content of one save of a draft; the last few answers are remembered."""
    key = (draft.id, draft.revision)
    found = _read.get(key)
    if found is None:
        problems = problems_of(desk, draft)
        try:
            candidate = version_drafts.candidate_of(desk, draft)
            version_checks.compiled_of(candidate)
        except Invalid as unread:
            return Read(problems or unread.problems, None)
        found = _remember(_read, key, Read(problems, candidate))
    return found


def judge(desk: Desk, found: Candidate) -> Judged | None:
    """The comparison with the version before, with the documents that stand now; None for a new form.

    Raises Invalid where the two cannot be compared.
    """
    return version_checks.judge_candidate(desk, found)


def _remember(memo: OrderedDict[K, V], key: K, value: V) -> V:
    memo[key] = value
    while len(memo) > MOST_REMEMBERED:
        memo.popitem(last=False)
    return value


def compared(desk: Desk, found: Candidate, judged: Judged, lang: str, catalogue: Catalogue) -> ComparedView:
    """A judged candidate as its page shows it."""
    base = found.base
    if base is None:
        raise NotFound("version.no_base", form=found.bundle.form)
    shown = _Pair(desk.registry.by_digest(base.digest), version_checks.compiled_of(found), lang, catalogue)
    one, before, number = judged.comparison, base.version, found.bundle.version
    return ComparedView(
        before=before,
        version=number,
        groups=group_changes(one.changes, lang, catalogue),
        count=sum(change.kind != VERSION_NAME for change in one.changes),
        old=_verdict(shown, one.old_documents, "old"),
        new=_verdict(shown.turned(), one.new_documents, "new"),
        process_verdict=one.process.verdict,
        process=tuple(process_words(one.process, lang, catalogue)),
        standing=_standing(desk, shown, one.process),
        smallest=judged.smallest,
        least=version_checks.least_number(before, judged.smallest),
        understated=is_understated(before, number, judged.smallest),
        semantic=found.is_semantic,
    )


def compare_published(desk: Desk, form: CompiledForm, before: CompiledForm) -> Comparison | None:
    """A published version against the one before it; None where the two cannot be compared."""
    archive = desk.workshop.archive
    kept = archive.bundle(form.digest)
    if kept is None:
        return None
    found = Candidate(kept[0], kept[1], archive.papers(form.digest), None, before.bundle, is_semantic=False)
    try:
        judged = judge(desk, found)
    except Invalid:
        return None
    return judged.comparison if judged is not None else None


def group_changes(found: Iterable[Change], lang: str, catalogue: Catalogue) -> tuple[ChangeGroup, ...]:
    """The changes in words by file, what matters before what is only wording."""
    changes, groups = tuple(found), []
    for file in FILES:
        own = [one for one in changes if one.file == file and one.kind != VERSION_NAME]
        own.sort(key=is_wording)
        rows = tuple(
            ChangeRow(words_of(one, lang, catalogue), "wording" if is_wording(one) else "matter", one.pointer)
            for one in own[:SHOWN]
        )
        if rows:
            title = catalogue.say(lang, f"versions.flow.file.{file.partition('.')[0].replace('/', '_')}")
            groups.append(ChangeGroup(file, title, rows, max(0, len(own) - SHOWN)))
    return tuple(groups)


def named_by(
    desk: Desk, rules: Publishes, answers: Mapping[str, Any], lang: str, catalogue: Catalogue
) -> tuple[NamedVersion, ...]:
    """The versions that a revision document names, as kept, each compared with the one it follows."""
    return tuple(_named(desk, line, lang, catalogue) for line in revisions.lines_of(rules, answers))


def named_in(
    desk: Desk, form: CompiledForm, answers: Mapping[str, Any], lang: str, catalogue: Catalogue
) -> tuple[NamedVersion, ...]:
    """The versions that a document publishes; () for a form that publishes none."""
    rules = form.workflow.publishes
    return named_by(desk, rules, answers, lang, catalogue) if rules is not None else ()


def _named(desk: Desk, line: Mapping[str, Any], lang: str, catalogue: Catalogue) -> NamedVersion:
    form, digest, follows = (str(line.get(name, "")) for name in ("form", "sha256", "follows"))
    named = NamedVersion(
        form=form, title=form, version=str(line.get("version", "")), follows=follows, digest=digest,
        clause=str(line.get("clause", "")), view=None,
    )  # fmt: skip
    archive = desk.workshop.archive
    kept = archive.bundle(digest) if digest else None
    if kept is None:
        return replace(named, problem="version.not_kept")
    bundle, tables = kept
    try:
        lift = archive.lift(str(line["lift_sha256"])) if line.get("lift_sha256") else None
        base = desk.registry.get(form, follows).bundle if follows else None
        semantic = line.get("kind") == version_checks.SEMANTIC
        found = Candidate(bundle, tables, archive.papers(digest), lift, base, semantic)
        title = labels.form_title(version_checks.compiled_of(found), lang)
        judged = judge(desk, found)
    except Refused as refused:
        return replace(named, problem=refused.code)
    view = compared(desk, found, judged, lang, catalogue) if judged is not None else None
    return replace(named, title=title, view=view)


@dataclass(frozen=True, slots=True)
class _Pair:
    """The version under which a witness is valid, and the one that refuses it."""

    old: CompiledForm
    new: CompiledForm
    lang: str
    catalogue: Catalogue

    def turned(self) -> _Pair:
        return _Pair(self.new, self.old, self.lang, self.catalogue)

    def say(self, key: str, **facts: Any) -> str:
        return self.catalogue.say(self.lang, key, **facts)


def _verdict(pair: _Pair, found: Verdict, way: str) -> VerdictView:
    facts = {"before": pair.old.version, "version": pair.new.version}
    return VerdictView(
        verdict=found.verdict,
        question=pair.say(f"versions.flow.verdict.{way}", **facts),
        answer=pair.say(f"versions.flow.verdict.{way}.{found.verdict}", **facts),
        reason=reason_words(found, pair.lang, pair.catalogue),
        witness=_witness(pair, found.witness) if found.has_witness else None,
    )


def _witness(pair: _Pair, value: Any) -> WitnessView:
    """The witness under the version it is valid in; what the other says of it, at its places."""
    model = model_of(pair.old)
    sections: tuple[SummarySection, ...] = ()
    if isinstance(value, dict):
        sections = summarise(model, value, lang=pair.lang, codes=code_names(pair.old, pair.lang))
    problems = pair.new.shape.problems(value)
    return WitnessView(
        form_title=labels.form_title(pair.old, pair.lang),
        valid_under=pair.old.version,
        refused_by=pair.new.version,
        sections=sections,
        text=json.dumps(value, ensure_ascii=False, indent=2),
        hits=tuple((one.pointer, _sentence(pair, model, one)) for one in problems[:20]),
    )


def _sentence(pair: _Pair, model: FormModel, problem: Problem) -> str:
    """What is wrong, with the label of either version."""
    other = model_of(pair.new)

    def label(pointer: str) -> str:
        return other.label(pointer, pair.lang) or model.label(pointer, pair.lang) or pointer

    return sentence(problem, pair.lang, label)


def _standing(desk: Desk, pair: _Pair, process: ProcessVerdict) -> tuple[StandingRow, ...]:
    """Every state in which documents of the older version stand now, and whether they could finish."""
    counts = standing_in(desk, pair.old.form).get(pair.old.digest, {})
    stuck: dict[str, Stuck] = {one.state: one for one in process.stuck}
    doubtful: dict[str, Stuck] = {one.state: one for one in process.doubtful}
    rows = []
    for state, found in pair.old.workflow.states.items():
        if not counts.get(state):
            continue
        key, tone = ("finished", "neutral") if found.is_final else ("can_finish", "positive")
        if state in stuck:
            key, tone = "stuck", "negative"
        elif state in doubtful:
            key, tone = "doubtful", "attention"
        word = labels.state_tag(pair.old, state, pair.lang).word
        rows.append(StandingRow(word, counts[state], pair.say(f"versions.flow.process.{key}"), tone))
    return tuple(rows)


def words_of_step(step: str, say: Say) -> str:
    """patch, minor or major in words."""
    return say(f"versions.step.{step}")
