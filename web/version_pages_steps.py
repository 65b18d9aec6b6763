"""The way of a version draft: compare, verdict, trial run, preview, review, publication by two, in force.

Decides which step is done, which is next and what to do there. Nothing here moves anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from engine.desk import reading, revisions
from engine.errors import Problem
from engine.registry.pointers import ABSENT, look
from engine.version_ports import VersionDraft
from engine.versions.standing import Named
from web import labels
from web.labels import Say, Tag
from web.services import Services
from web.version_pages_compare import ComparedView
from web.version_pages_trial import TrialView

DONE, NOW, LATER, WRONG = "done", "now", "later", "wrong"
TONES: Final = {DONE: "positive", NOW: "waiting", LATER: "neutral", WRONG: "negative"}


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `mark` is done, now, later or wrong; `links` are (address, words, is what to do next)."""

    name: str
    title: str
    mark: str
    tag: Tag
    said: tuple[str, ...]
    links: tuple[tuple[str, str, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """The revision document that names this version: where it stands and who has acted."""

    doc: str
    number: str
    tag: Tag
    state: str
    agreed: bool
    same: bool
    effective_on: str
    acted: tuple[tuple[str, str, str, str], ...]  # verb, unit, name, moment


def paper_of(services: Services, draft: VersionDraft, digest: str, lang: str, say: Say) -> Paper | None:
    """The newest open revision document that names this draft's version; None before one is proposed."""
    named = [one for one in revisions.proposed(services.desk, draft.form) if one.version == draft.version]
    return _paper(services, named[-1], digest, lang, say) if named else None


def steps_of(
    draft: VersionDraft,
    *,
    problems: Sequence[Problem],
    view: ComparedView | None,
    trial: TrialView,
    paper: Paper | None,
    begun: str,
    is_readable: bool,
    say: Say,
) -> tuple[Step, ...]:
    """The seven steps. `view` is None for a new form, or while a file cannot be read (`problems` says so);
    `begun` is the id of this person's unfinished proposal, "" without one; `is_readable`: it can be tried
    although problems are left."""
    at = f"/versions/drafts/{draft.id}"
    steps = (
        _compare(at, view, draft, problems, say),
        _verdict(at, view, draft, problems, say),
        _trial(at, trial, () if is_readable else problems, paper, say),
        _preview(at, problems, say),
        _review(at, paper, problems, view, begun, say),
        _publication(paper, say),
        _effect(at, paper, say),
    )
    ready = steps if not problems else ()  # else the next thing to do is to correct them
    next_one = next((one.name for one in ready if one.mark in (NOW, WRONG) and any(_leads(one))), "")
    return tuple(one if one.name == next_one else replace(one, links=_quiet(one)) for one in steps)


def _leads(step: Step) -> list[bool]:
    return [is_next for _, _, is_next in step.links]


def _quiet(step: Step) -> tuple[tuple[str, str, bool], ...]:
    """The links of a step that is not the next thing to do."""
    return tuple((href, words, False) for href, words, _ in step.links)


def _paper(services: Services, named: Named, digest: str, lang: str, say: Say) -> Paper:
    desk = services.desk
    row = reading.row_of(desk, named.revision)
    form = desk.registry.by_digest(row["digest"])
    rules = form.workflow.publishes
    answers = reading.answers_of(desk, row)
    day = look(answers, rules.effective_on) if rules is not None else ABSENT
    acted = tuple(
        (
            labels.transition_title(form, step["transition"], lang),
            labels.unit_title(step["unit"], say),
            reading.name_of(desk, step["person"]),
            step["at"],
        )
        for step in row["steps"]
    )
    return Paper(
        doc=named.revision, number=row["doc_no"], tag=labels.state_tag(form, row["state"], lang),
        state=row["state"], agreed=named.agreed, same=named.digest == digest,
        effective_on=day if isinstance(day, str) else "", acted=acted,
    )  # fmt: skip


def _step(name: str, mark: str, say: Say, said: Sequence[str], *links: tuple[str, str, bool], tag: str = "",
          tone: str = "") -> Step:  # fmt: skip
    word = say(f"versions.flow.mark.{tag or mark}")
    found = Tag(word, tone or TONES[mark])
    return Step(name, say(f"versions.flow.step.{name}"), mark, found, tuple(said), tuple(links))


def _stopped(name: str, problems: Sequence[Problem], say: Say) -> Step:
    return _step(name, LATER, say, [say("versions.flow.step.stopped", count=len(problems))], tag="blocked")


def _compare(at: str, view: ComparedView | None, draft: VersionDraft, problems: Any, say: Say) -> Step:
    if view is None:
        if draft.follows:
            return _stopped("compare", problems, say)
        return _step("compare", DONE, say, [say("versions.flow.step.compare.new")], tag="not_needed")
    link = (f"{at}/compare", say("versions.flow.step.compare.do"), view.count > 0)
    if not view.count:
        return _step("compare", NOW, say, [say("versions.flow.step.compare.same", before=view.before)], link)
    words = say("versions.flow.step.compare.some", before=view.before, count=view.count)
    return _step("compare", DONE, say, [words], link)


def _verdict(at: str, view: ComparedView | None, draft: VersionDraft, problems: Any, say: Say) -> Step:
    if view is None:
        if draft.follows:
            return _stopped("verdict", problems, say)
        return _step("verdict", DONE, say, [say("versions.flow.step.verdict.new")], tag="not_needed")
    link = (f"{at}/compare#verdict", say("versions.flow.step.verdict.do"), view.understated)
    said = [say(f"versions.flow.step.verdict.{view.verdict}"), number_words(view, say)]
    tones = {"compatible": "positive", "incompatible": "attention", "unknown": "attention"}
    mark = WRONG if view.understated else DONE
    return _step("verdict", mark, say, said, link, tag=f"verdict.{view.verdict}",
                 tone="negative" if view.understated else tones[view.verdict])  # fmt: skip


def number_words(view: ComparedView, say: Say) -> str:
    """Whether the number says enough, and the least one that does."""
    step = say(f"versions.flow.size.{view.smallest}")
    key = "understated" if view.understated else "semantic" if view.semantic else "fits"
    return say(f"versions.flow.number.{key}", version=view.version, least=view.least, step=step)


def _trial(at: str, trial: TrialView, problems: Any, paper: Paper | None, say: Say) -> Step:
    if paper is not None and trial.state == "none":
        link = (f"{at}/trial", say("versions.flow.step.trial.do"), False)
        return _step("trial", LATER, say, [say("versions.flow.trial.none")], link, tag="not_run")
    if problems and trial.state == "none":
        return _stopped("trial", problems, say)
    is_next = trial.state in ("none", "old", "failed", "stopped", "broken_off")
    key = "do" if is_next else "see"
    link = (f"{at}/trial", say(f"versions.flow.step.trial.{key}"), is_next)
    said = [trial.sentence or say("versions.flow.trial.none")]
    if trial.state == "done":
        said = [say("versions.flow.step.trial.done", seen=trial.seen, failing=trial.failing), trial.sample]
        return _step("trial", DONE, say, said, link, tone="attention" if trial.failing else "")
    if trial.is_running:
        return _step("trial", NOW, say, said, link, tag="running", tone="working")
    return _step("trial", NOW, say, said, link)


def _preview(at: str, problems: Any, say: Say) -> Step:
    link = (f"{at}/preview", say("versions.flow.step.preview.do"), False)
    return _step("preview", NOW, say, [say("versions.flow.step.preview.said")], link, tag="to_look")


def _review(
    at: str, paper: Paper | None, problems: Sequence[Problem], view: ComparedView | None, begun: str, say: Say
) -> Step:
    if paper is not None:
        link = (f"/documents/{paper.doc}", paper.number, not paper.agreed)
        said = [say("versions.flow.step.review.paper", number=paper.number, state=paper.tag.word)]
        if not paper.same:
            said.append(say("versions.flow.step.review.changed"))
        return _step("review", DONE if paper.agreed else NOW, say, said, link)
    if problems:
        return _stopped("review", problems, say)
    if view is not None and view.understated:
        return _step("review", LATER, say, [say("versions.flow.step.review.number")], tag="blocked")
    if begun:
        link = (f"/drafts/{begun}", say("versions.flow.step.review.go_on"), True)
        other = (f"{at}/effect", say("versions.flow.step.review.anew"), False)
        return _step("review", NOW, say, [say("versions.flow.step.review.begun")], link, other)
    link = (f"{at}/effect", say("versions.flow.step.review.do"), True)
    return _step("review", NOW, say, [say("versions.flow.step.review.said")], link)


def _publication(paper: Paper | None, say: Say) -> Step:
    if paper is None or not paper.agreed:
        return _step("publication", LATER, say, [say("versions.flow.step.publication.said")])
    link = (f"/documents/{paper.doc}", paper.number, True)
    said = say("versions.flow.step.publication.now", state=paper.tag.word)
    return _step("publication", NOW, say, [said], link)


def _effect(at: str, paper: Paper | None, say: Say) -> Step:
    if paper is not None and paper.effective_on:
        said = say("versions.flow.step.effect.day", day=paper.effective_on)
    else:
        said = say("versions.flow.step.effect.said")
    link = (f"{at}/effect", say("versions.flow.step.effect.see"), False)
    return _step("effect", LATER, say, [said], link)
