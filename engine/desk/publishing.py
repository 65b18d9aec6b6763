"""Publishing form versions: what a revision document pins when it is proposed, and what happens at the end.

Decides that exactly what the departments agreed to is published, or nothing. There is no other way for a
version to come into force.

Steps of `prepare` (at the last of the two people's steps):
 1 the bundles and lifts are those kept by the digests that the signed document names
 2 each is checked again, as a folder and against the version it follows; an understated number is refused
 3 numbers and dates fit the registry: no conflict, no past day, no overlap
 4 what is published is stated in the body of the one signed event (`statement`), and admitted once the
   journal has committed it (`admit`)
Steps 3 and 4 are asked again inside the journal's critical section.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from engine.desk import revisions, version_drafts
from engine.desk.desk import Desk
from engine.desk.version_checks import SEMANTIC, Candidate, check_candidate, smallest_of
from engine.errors import Conflict, Invalid, NotFound, Problem, Refused
from engine.identity import local_day
from engine.lifecycle.publishes import Publishes
from engine.projection import DocumentRow
from engine.registry.compiled import CompiledForm, compile_bundle
from engine.registry.pointers import ABSENT, look
from engine.registry.registry import is_greater
from engine.versions import regulation
from engine.versions.published import PUBLISHES, Published

MOST_LINES = 50


@dataclass(frozen=True, slots=True)
class Publication:
    """What is about to be published: the versions ready for work, their entries, and the regulation's own
    number. `drafts` are the version drafts that have served their purpose."""

    versions: tuple[tuple[CompiledForm, Published], ...]
    text: Mapping[str, str]
    drafts: tuple[str, ...] = ()

    def body(self) -> dict[str, Any]:
        """What the event states."""
        return {PUBLISHES: [entry.as_body() for _, entry in self.versions], "regulation": dict(self.text)}


def fill(desk: Desk, form: CompiledForm, answers: dict[str, Any]) -> dict[str, Any]:
    """The answers with what the system knows of each chosen version draft: form, number, digests; and with
    these forms among those that are touched.

    Answers of a form that publishes nothing are given back as they are, and so is a line whose draft is gone
    or cannot be read: that is said by `judge`.
    """
    rules = form.workflow.publishes
    lines = look(answers, rules.changes) if rules is not None else ABSENT
    if rules is None or not isinstance(lines, list) or len(lines) > MOST_LINES:
        return answers
    filled = [_filled(desk, one) for one in lines]
    answers = _with(answers, rules.changes, filled)
    said = look(answers, rules.forms) if rules.forms else ABSENT
    named = [one["form"] for one in filled if isinstance(one, dict) and isinstance(one.get("form"), str)]
    if not rules.forms or not named or not (said is ABSENT or isinstance(said, list)):
        return answers
    touched = said if isinstance(said, list) else []
    missing = [one for one in dict.fromkeys(named) if one not in touched]
    return _with(answers, rules.forms, [*touched, *missing]) if missing else answers


def judge(desk: Desk, form: CompiledForm, answers: Mapping[str, Any]) -> tuple[Problem, ...]:
    """What stops a proposal: the text it starts from, the versions it names, their numbers and dates."""
    rules = form.workflow.publishes
    if rules is None:
        return ()
    today = local_day(desk.clock.now())
    first = revisions.first_day(rules, answers, today)
    problems = _judge_text(desk, rules, answers)
    seen: set[str] = set()
    for place, one in enumerate(revisions.lines_of(rules, answers)):
        at = f"{rules.changes}/{place}"
        if str(one.get("form")) in seen:
            problems.append(Problem(f"{at}/draft", "version.twice", {"form": one.get("form", "")}))
        seen.add(str(one.get("form")))
        try:
            draft = version_drafts.stored(desk, str(one.get("draft", "")))
            found = version_drafts.candidate_of(desk, draft, str(one.get("kind", "")))
            if draft.semantic and one.get("kind") != SEMANTIC:
                problems.append(Problem(f"{at}/kind", "version.kind"))
        except NotFound as missing:
            problems.append(Problem(f"{at}/draft", missing.code))
            continue
        except Invalid as unreadable:
            problems.append(_folded(f"{at}/draft", unreadable.problems))
            continue
        problems.extend(_judge_one(desk, found, at, one, first, today))
    return tuple(problems)


def keep(desk: Desk, form: CompiledForm, answers: Mapping[str, Any]) -> None:
    """Keep what a proposal names, by digest: from now on the drafts may change, what is agreed to may not."""
    rules = form.workflow.publishes
    for one in revisions.lines_of(rules, answers) if rules is not None else ():
        draft = version_drafts.stored(desk, str(one["draft"]))
        content = version_drafts.content_of(draft)
        if content.bundle.digest != one["sha256"]:
            raise Conflict("version_draft.moved", draft=draft.id)
        archive = desk.workshop.archive
        archive.keep(content.bundle, version_drafts.tables(desk, draft))
        archive.keep_papers(content.bundle.digest, content.papers)
        if content.lift is not None:
            archive.keep_lift(content.lift)


def prepare(desk: Desk, row: DocumentRow, form: CompiledForm, answers: Mapping[str, Any]) -> Publication:
    """Steps 1 to 3 for a document whose departments have agreed.

    Raises Invalid("publication", problems with pointers into the document's answers) and changes nothing.
    """
    rules = form.workflow.publishes
    if rules is None:
        raise NotFound("publication")
    today = local_day(desk.clock.now())
    first = revisions.first_day(rules, answers, today)
    problems = _judge_text(desk, rules, answers)
    ready: list[tuple[CompiledForm, Published]] = []
    drafts: list[str] = []
    for place, one in enumerate(revisions.lines_of(rules, answers)):
        at = f"{rules.changes}/{place}"
        entry = revisions.entry_of(one, first)
        try:
            # 1
            found = _candidate_of_kept(desk, entry, one)
            # 2, 3
            problems.extend(_judge_one(desk, found, at, one, first, today))
            compiled = compile_bundle(found.bundle, found.tables)
        except Invalid as wrong:
            problems.append(_folded(f"{at}/sha256", wrong.problems))
            continue
        ready.append((compiled, replace(entry, revision=row["doc"])))
        drafts.append(str(one.get("draft", "")))
    if first < today:
        problems.append(Problem(rules.effective_on, "version.past_date", {"today": today}))
    if problems:
        raise Invalid("publication", problems=problems)
    version, follows = str(look(answers, rules.version)), str(look(answers, rules.follows))
    text = {"version": version, "follows": follows, "effective_on": first}
    return Publication(tuple(ready), text, tuple(drafts))


def confirm(desk: Desk, found: Publication) -> None:
    """Inside the critical section: nobody has published meanwhile what this would collide with.

    Raises Conflict (see Registry.check_admissible).
    """
    today = date.fromisoformat(local_day(desk.clock.now()))
    for _, entry in found.versions:
        desk.registry.check_admissible(entry, today)
    newest = revisions.newest_text(desk)
    if newest.version != found.text["follows"]:
        raise Conflict("regulation.version_differs", newest=newest.version, said=found.text["follows"])


def admit(desk: Desk, found: Publication, index: int) -> None:
    """The journal has committed the event at `index`: the registry of this process takes the versions in.

    Drafts that were published as they are have served their purpose; one that was edited on stays.
    """
    desk.registry.admit((form, replace(entry, index=index)) for form, entry in found.versions)
    digests = {entry.digest for _, entry in found.versions}
    for name in found.drafts:
        draft = desk.workshop.drafts.get(name)
        if draft is not None and version_drafts.digest_or_nothing(draft) in digests:
            desk.workshop.drafts.discard(name)


def _candidate_of_kept(desk: Desk, entry: Published, line: Mapping[str, Any]) -> Candidate:
    archive = desk.workshop.archive
    kept = archive.bundle(entry.digest)
    lift = archive.lift(entry.lift) if entry.lift else None
    if kept is None or (entry.lift and lift is None):
        raise Invalid("version", problems=[Problem("", "version.not_kept", {"sha256": entry.digest})])
    bundle, tables = kept
    if (bundle.form, bundle.version) != (entry.form, entry.version):
        conflict = Problem("", "version.digest_conflict", {"version": entry.version})
        raise Invalid("version", problems=[conflict])
    newest = desk.registry.newest(entry.form)
    return Candidate(
        bundle=bundle,
        tables=tables,
        papers=archive.papers(entry.digest),
        lift=lift,
        base=newest.form.bundle if newest is not None else None,
        is_semantic=line.get("kind") == SEMANTIC,
    )


def _judge_one(
    desk: Desk, found: Candidate, at: str, line: Mapping[str, Any], first: str, today: str
) -> list[Problem]:
    """One version: its folder, its number against what it breaks, its place among the others."""
    wrong = check_candidate(desk, found)
    problems = [_folded(f"{at}/draft", wrong)] if wrong else []
    if not wrong:
        problems.extend(smallest_of(desk, found, f"{at}/version"))
    if line.get("migration") == "lift_on_read" and found.lift is None and found.base is not None:
        problems.append(Problem(f"{at}/migration", "version.lift_missing"))
    try:
        desk.registry.check_admissible(revisions.entry_of(line, first), date.fromisoformat(today))
    except Refused as refused:
        problems.append(Problem(f"{at}/version", refused.code, refused.facts))
    return problems


def _judge_text(desk: Desk, rules: Publishes, answers: Mapping[str, Any]) -> list[Problem]:
    """The regulation's own number and the clauses, against the text as it stands once all is in force."""
    newest = revisions.newest_text(desk)
    follows, version = look(answers, rules.follows), look(answers, rules.version)
    problems = []
    if follows != newest.version:
        problems.append(Problem(rules.follows, "regulation.version_differs", {"newest": newest.version}))
    elif not is_greater(str(version), newest.version):
        problems.append(Problem(rules.version, "version.not_greater", {"newest": newest.version}))
    changes = revisions.clause_changes(rules, answers)
    return [*problems, *regulation.check_changes(newest, changes, rules.clauses)]


def _filled(desk: Desk, line: Any) -> Any:
    if not isinstance(line, dict) or not isinstance(line.get("draft"), str):
        return line
    try:
        draft = version_drafts.stored(desk, line["draft"])
        content = version_drafts.content_of(draft)
    except Refused:
        return line
    known = {"form": draft.form, "version": draft.version, "sha256": content.bundle.digest}
    if draft.follows:
        known["follows"] = draft.follows
    if content.lift is not None:
        known["lift_sha256"] = revisions.lift_digest(content.lift)
    return {**{name: value for name, value in line.items() if name not in _WRITTEN}, **known}


_WRITTEN = frozenset({"form", "version", "sha256", "follows", "lift_sha256"})


def _folded(at: str, problems: Sequence[Problem]) -> Problem:
    """Problems of a version's files as one problem of the document that names it; the first ones in full."""
    first = [one.as_json() for one in problems[:20]]
    return Problem(at, "version_draft.problems", {"count": len(problems), "problems": first})


def _with(answers: dict[str, Any], pointer: str, value: Any) -> dict[str, Any]:
    head, _, rest = pointer.lstrip("/").partition("/")
    inner = _with(answers.get(head, {}), rest, value) if rest else value
    return {**answers, head: inner}
