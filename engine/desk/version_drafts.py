"""Drafts of form versions: an information manager writes the next version beside the one in force.

Decides who may write one and what is wrong with it. A draft binds nobody: what departments agree to and two
people publish is its content by digest (`publishing`). Two who save at once are told of each other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from typing import Any, Final

from engine.desk.desk import Desk
from engine.desk.version_checks import (
    LIFT_FILE,
    SEMANTIC,
    Candidate,
    Judged,
    check_candidate,
    judge_candidate,
    once,
)
from engine.errors import Conflict, Invalid, NotAllowed, NotFound, Problem
from engine.identity import Version, base32, local_day, parse_version, utc_text
from engine.lifecycle.people import Actor
from engine.registry.bundle import (
    BUNDLE_FILES,
    LAYOUT,
    LOCALE,
    SCHEMA,
    STATES,
    FormBundle,
    digest_of,
    parse_bundle,
)
from engine.registry.check import CHANGES
from engine.registry.compiled import CompiledForm, compile_bundle
from engine.trust import canonical
from engine.version_ports import VersionDraft

WRITERS: Final = frozenset({"info_manager"})
MOST_BYTES: Final = 5 * 1024 * 1024
MOST_FILES: Final = 600
_FORM_ID: Final = "abcdefghijklmnopqrstuvwxyz0123456789_"


@dataclass(frozen=True, slots=True)
class Content:
    """What a draft comes to: the bundle with its digest, and the lift with its own, None without one."""

    bundle: FormBundle
    lift: Any | None
    papers: Mapping[str, bytes]


def check_writer(desk: Desk, actor: Actor) -> None:
    """Refuse (`NotAllowed("version_draft.role")`) whoever is no information manager today."""
    if not WRITERS.intersection(actor.roles(local_day(desk.clock.now()))):
        raise NotAllowed("version_draft.role", roles=sorted(WRITERS))


def begin(desk: Desk, actor: Actor, form: str, version: str = "") -> VersionDraft:
    """A draft that follows the newest published version of a form, with everything of its folder.

    `version` is the number wanted; without one it is the next minor. NotFound for an unknown form.
    """
    check_writer(desk, actor)
    newest = desk.registry.newest(form)
    if newest is None:
        raise NotFound("form", form=form)
    before = newest.form
    papers = desk.workshop.archive.papers(before.digest)
    number = version or _next_minor(before.version)
    files = texts_of(before.bundle, number)
    files |= {name: data.decode() for name, data in papers.items() if name != LIFT_FILE}
    return store_new(desk, actor, form, number, files)


def begin_new(desk: Desk, actor: Actor, form: str, title: str) -> VersionDraft:
    """A draft of a form that does not exist yet, as 1.0.0: the four files with nothing in them.

    Raises Conflict("form.exists"), Invalid for an id that is none.
    """
    check_writer(desk, actor)
    if not form or len(form) > 64 or not form[0].isalpha() or set(form) - set(_FORM_ID):
        raise Invalid("form_id", problems=[Problem("/form", "form.id", {"form": form})])
    if desk.registry.newest(form) is not None:
        raise Conflict("form.exists", form=form)
    return store_new(desk, actor, form, "1.0.0", _empty_files(form, title))


def all_drafts(desk: Desk, actor: Actor) -> tuple[VersionDraft, ...]:
    """Every version draft of the agency, the one saved last first."""
    check_writer(desk, actor)
    return desk.workshop.drafts.all()


def open_draft(desk: Desk, actor: Actor, draft_id: str) -> VersionDraft:
    """One version draft. NotFound when there is none."""
    check_writer(desk, actor)
    return stored(desk, draft_id)


def stored(desk: Desk, draft_id: str) -> VersionDraft:
    """The draft of that id, whoever asks; for the desk's own use."""
    found = desk.workshop.drafts.get(draft_id)
    if found is None:
        raise NotFound("version_draft.not_found", draft=draft_id)
    return found


def save(
    desk: Desk,
    actor: Actor,
    draft_id: str,
    expected_revision: int,
    files: Mapping[str, str],
    *,
    version: str | None = None,
    semantic: bool | None = None,
) -> VersionDraft:
    """Store the files that are given over the revision the caller saw; a text may be no valid JSON yet.

    Files that are not named stay; one with an empty text goes. Raises Conflict("version_draft.changed")
    with `revision`, `files_theirs` and `files_yours` (those that differ), `saved_at`, `saved_by`; Invalid
    for a name that is no file of a version, or too much text.
    """
    draft = open_draft(desk, actor, draft_id)
    check_files(files)
    if draft.revision != expected_revision:
        raise _changed(draft, files)
    kept = {name: text for name, text in {**draft.files, **files}.items() if text}
    if len(kept) > MOST_FILES or sum(len(text.encode()) for text in kept.values()) > MOST_BYTES:
        too_large = Problem("", "version_draft.too_large", {"limit": MOST_BYTES})
        raise Invalid("version_draft", problems=[too_large])
    saved = replace(
        draft,
        revision=draft.revision + 1,
        files=kept,
        version=draft.version if version is None else version,
        semantic=draft.semantic if semantic is None else semantic,
        saved_by=actor.person,
        saved_at=utc_text(desk.clock.now()),
    )
    try:
        desk.workshop.drafts.save(saved, expected_revision)
    except Conflict:
        raise _changed(stored(desk, draft_id), files) from None
    return saved


def discard(desk: Desk, actor: Actor, draft_id: str) -> None:
    """Throw a version draft away. What was proposed of it stays kept by digest."""
    open_draft(desk, actor, draft_id)
    desk.workshop.drafts.discard(draft_id)


def problems(desk: Desk, draft: VersionDraft) -> tuple[Problem, ...]:
    """Everything that stops this draft from being published; the fact `file` names the file.

    Invalid JSON carries line and column, expressions the pointer and their own line and column. Codes: those
    of check_candidate, `version.malformed`, `version.differs` (x-form or x-version says something else),
    `json.*`, `file.missing`.
    """
    number = _check_number(draft)
    try:
        found = candidate_of(desk, draft)
    except Invalid as unread:
        missing = [] if CHANGES in draft.files else [Problem("", "file.missing", {"file": CHANGES})]
        return (*number, *missing, *unread.problems)
    return (*number, *check_candidate(desk, found))


def compared(desk: Desk, draft: VersionDraft) -> Judged | None:
    """The draft against the version it follows, with the documents that stand now; None for a new form.

    Raises Invalid while a file cannot be read or the form cannot be compiled.
    """
    return judge_candidate(desk, candidate_of(desk, draft))


def candidate_of(desk: Desk, draft: VersionDraft, kind: str = "") -> Candidate:
    """What a draft comes to, ready to be judged; `kind` is what a proposal says of the change.

    Raises Invalid with every file that cannot be read.
    """
    content = content_of(draft)
    return Candidate(
        bundle=content.bundle,
        tables=dict(tables(desk, draft)),
        papers=content.papers,
        lift=content.lift,
        base=base_of(desk, draft),
        is_semantic=draft.semantic or kind == SEMANTIC,
    )


def content_of(draft: VersionDraft) -> Content:
    """The draft's bundle, lift and papers. Raises Invalid with every file that cannot be read."""
    named = json.dumps([draft.form, draft.version, sorted(draft.files.items())], ensure_ascii=False)
    return once(f"content:{sha256(named.encode()).hexdigest()}", partial(_read_content, draft))


def _read_content(draft: VersionDraft) -> Content:
    files = _bytes_of(draft)
    signed: dict[str, bytes] = {name: files[name] for name in BUNDLE_FILES if name in files}
    lift, wrong = _lift_of(draft)
    try:
        bundle = parse_bundle(draft.form, draft.version, signed)
    except Invalid as unread:
        raise Invalid("bundle", problems=(*unread.problems, *wrong)) from None
    if wrong:
        raise Invalid("lift", problems=wrong)
    papers = {name: data for name, data in files.items() if name not in BUNDLE_FILES and name != LIFT_FILE}
    return Content(bundle, lift, papers)


def digest_or_nothing(draft: VersionDraft) -> str:
    """The digest of the draft's bundle, "" while a file cannot be read."""
    try:
        return content_of(draft).bundle.digest
    except Invalid:
        return ""


def compiled_of(desk: Desk, draft: VersionDraft) -> CompiledForm:
    """The draft made ready, for a preview. Raises Invalid with every problem."""
    return compile_bundle(content_of(draft).bundle, tables(desk, draft))


def base_of(desk: Desk, draft: VersionDraft) -> FormBundle | None:
    """The version a draft was begun from; None for a new form."""
    return desk.registry.by_digest(draft.base_digest).bundle if draft.base_digest else None


def tables(desk: Desk, draft: VersionDraft) -> Mapping[str, Any]:
    """The code tables a draft may pin: what is shipped today, those of its base, those it came with.

    Of several by one name the one whose digest the draft names.
    """
    digests = [one for one in (draft.base_digest, draft.received) if one]
    kept = [found[1] for one in digests if (found := desk.workshop.archive.bundle(one)) is not None]
    held = {name: table for each in (desk.workshop.tables, *kept) for name, table in each.items()}
    for pin in _pins_of(draft):
        for each in kept:
            if pin.get("file") in each and digest_of(each[pin["file"]]) == pin.get("sha256"):
                held[pin["file"]] = each[pin["file"]]
    return held


def _pins_of(draft: VersionDraft) -> list[dict[str, Any]]:
    try:
        schema = canonical.parse_bundle(draft.files.get(SCHEMA, "").encode())
    except Invalid:
        return []
    pins = schema.get("x-tables", {}) if isinstance(schema, dict) else {}
    return [one for one in pins.values() if isinstance(one, dict)] if isinstance(pins, dict) else []


def _changed(theirs: VersionDraft, yours: Mapping[str, str]) -> Conflict:
    differing = [name for name, text in yours.items() if theirs.files.get(name, "") != text]
    return Conflict(
        "version_draft.changed",
        revision=theirs.revision,
        files_theirs={name: theirs.files.get(name, "") for name in differing},
        files_yours={name: yours[name] for name in differing},
        saved_at=theirs.saved_at,
        saved_by=theirs.saved_by,
    )


def check_files(files: Mapping[str, str]) -> None:
    """Refuse (`Invalid`) names that are no files of a version."""
    known = {*BUNDLE_FILES, LIFT_FILE, CHANGES}
    strange = [name for name in files if name not in known and not _is_example(name)]
    if strange:
        raise Invalid(
            "version_draft", problems=[Problem("", "version_draft.file", {"file": name}) for name in strange]
        )


def _is_example(name: str) -> bool:
    folder, _, file = name.partition("/")
    stem = file.removesuffix(".json")
    return (
        folder == "examples"
        and file.endswith(".json")
        and stem.startswith(("ok-", "bad-"))
        and (len(file) <= 120 and not set(stem) & set("/\\\0"))
    )


def _check_number(draft: VersionDraft) -> list[Problem]:
    if parse_version(draft.version) is None:
        return [Problem("", "version.malformed", {"version": draft.version})]
    try:
        schema = canonical.parse_bundle(draft.files.get(SCHEMA, "").encode())
    except Invalid:
        return []
    said = {"x-form": draft.form, "x-version": draft.version}
    return [
        Problem(f"/{key}", "version.differs", {"file": SCHEMA, "expected": value})
        for key, value in said.items()
        if isinstance(schema, dict) and schema.get(key) != value
    ]


def _lift_of(draft: VersionDraft) -> tuple[Any | None, list[Problem]]:
    text = draft.files.get(LIFT_FILE)
    if text is None:
        return None, []
    try:
        return canonical.parse_bundle(text.encode()), []
    except Invalid as refused:
        return None, [
            Problem(one.pointer, one.code, {"file": LIFT_FILE, **one.facts}) for one in refused.problems
        ]


def _bytes_of(draft: VersionDraft) -> dict[str, bytes]:
    return {name: text.encode() for name, text in draft.files.items()}


def texts_of(bundle: FormBundle, number: str) -> dict[str, str]:
    """The four files as an editor shows them, with the new number."""
    schema = {**bundle.schema, "x-version": number}
    if isinstance(schema.get("$id"), str):
        schema["$id"] = schema["$id"].removesuffix(bundle.version) + number
    parts = {SCHEMA: schema, STATES: bundle.states, LAYOUT: bundle.layout, LOCALE: bundle.locale}
    return {name: pretty(value) for name, value in parts.items()}


def pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _next_minor(version: str) -> str:
    found = parse_version(version)
    return str(Version(found.major, found.minor + 1, 0)) if found is not None else "1.0.0"


def _empty_files(form: str, title: str) -> dict[str, str]:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:fengjian:form:{form}:1.0.0",
        "title": title,
        "type": "object",
        "additionalProperties": False,
        "x-form": form,
        "x-version": "1.0.0",
        "properties": {},
    }
    states = {
        "initial": "draft", "states": {}, "transitions": [], "system": [], "kinds_of_record": {},
        "access": [], "retention": {"class": "Y10"}, "seal": {"classes": ["other"]},
    }  # fmt: skip
    return {
        SCHEMA: pretty(schema),
        STATES: pretty(states),
        LAYOUT: pretty({"sections": []}),
        LOCALE: pretty({}),
        CHANGES: f"# {title} 1.0.0\n",
    }


def store_new(
    desk: Desk, actor: Actor, form: str, version: str, files: Mapping[str, str], received: str = ""
) -> VersionDraft:
    """A new draft that follows the newest version of the form, if there is one."""
    newest = desk.registry.newest(form)
    now = utc_text(desk.clock.now())
    draft = VersionDraft(
        id=base32(desk.randomness.bytes(16)),
        form=form,
        version=version,
        follows=newest.form.version if newest is not None else "",
        base_digest=newest.form.digest if newest is not None else "",
        revision=1,
        files=files,
        created_by=actor.person,
        created_at=now,
        saved_by=actor.person,
        saved_at=now,
        received=received,
    )
    desk.workshop.drafts.save(draft, 0)
    return draft
