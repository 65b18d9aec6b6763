"""The pages on which a form version is written: a file, the table of fields, one field.

Decides what each page is given and which sentence says that something was done.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from fastapi import Request
from starlette.responses import Response

from engine.desk import reading
from engine.desk.version_checks import LIFT_FILE
from engine.errors import Invalid, NotFound, Problem
from engine.registry.bundle import LOCALE, SCHEMA
from engine.version_ports import VersionDraft
from web import version_editing
from web.entry_pages import Paper
from web.labels import Say
from web.pages import page, translator
from web.security import Form, Session, session_of
from web.services import Services, services_of
from web.version_editing_fields import (
    BASES,
    CLASSES,
    INDEXES,
    KINDS,
    MASKS,
    SEALS,
    SENSITIVITIES,
    FieldFacts,
    Files,
    choices_of,
    facts_of,
    infos_of,
    read_files,
    sections_of,
    tables_of,
)
from web.version_editing_places import in_words, parsed, place_of
from web.version_editing_preview import Glance, glance
from web.version_editing_traces import mentions
from web.version_editing_wish import posted_facts
from web.version_pages import title_of as published_title

LISTS = {
    "class": CLASSES, "sensitivity": SENSITIVITIES, "seal": SEALS, "index": INDEXES, "mask": MASKS,
    "basis": BASES, "kind": KINDS,
}  # fmt: skip
DONE = frozenset({"added", "changed", "moved", "retired"})


def desk_of(request: Request) -> tuple[Session, Services, Say]:
    """Who asks, what there is, and the language."""
    session, services = session_of(request), services_of(request)
    return session, services, translator(request, session.lang)


def title_of(services: Services, draft: VersionDraft, lang: str) -> str:
    """The name of the draft's form, as the draft has it."""
    schema, locale = parsed(draft.files.get(SCHEMA, "")), parsed(draft.files.get(LOCALE, ""))
    english = locale.get("#/title") if lang != "zh-CN" and isinstance(locale, dict) else ""
    own = schema.get("title") if isinstance(schema, dict) else ""
    return str(english or own or published_title(services, draft.form, lang))


def draft_crumbs(
    services: Services, draft: VersionDraft, lang: str, say: Say, here: str
) -> tuple[tuple[str, str | None], ...]:
    """Home, forms, the draft, and the page."""
    name = f"{title_of(services, draft, lang)} {draft.version}"
    return (
        (say("shell.home"), "/"), (say("versions.flow.title"), "/versions"),
        (name, f"/versions/drafts/{draft.id}"), (here, None),
    )  # fmt: skip


def file_page(
    request: Request, draft: VersionDraft, name: str, text: str, *, revision: int | None = None,
    typed: bool = False, done: bool = False, template: str = "versions/edit_file.html",
) -> Response:  # fmt: skip
    """One file with its problems and what it draws. `draft` already holds the text that is shown."""
    session, services, say = desk_of(request)
    desk, lang = services.desk, session.lang
    found, count = version_editing.findings_of(desk, draft, services.catalogue, lang)
    shown = Glance()
    reasons: tuple[str, ...] = ()
    try:
        with version_editing.as_refusal(desk, draft):
            shown = glance(desk, draft, name, lang, say)
    except Invalid as refused:
        reasons = version_editing.problems_in_the_way(refused, services.catalogue, lang)
    raw = version_editing.problems_of(desk, draft)
    lines = version_editing.file_lines(draft, raw, name)
    here = say(f"versions.edit.file.{name}") if name in version_editing.FILES else name
    return page(
        request, template, title=f"{title_of(services, draft, lang)} {draft.version} · {here}",
        heading=title_of(services, draft, lang), draft=draft, name=name, here=here, text=text,
        revision=draft.revision if revision is None else revision, typed=typed, done=done,
        who=reading.name_of(desk, draft.saved_by), lines=lines, problems=found, count=count,
        mine=[one for one in found if one.file == name],
        others=[one for one in found if one.file != name], glance=shown, reasons=reasons,
        p=Paper(t=say, action="", pins=False, buttons=False, upload=False, extras=False),
        crumbs=draft_crumbs(services, draft, lang, say, here),
    )  # fmt: skip


def fields_page(
    request: Request, draft: VersionDraft, *, done: str = "", wrong: Sequence[Problem] = ()
) -> Response:
    """The table of fields."""
    session, services, say = desk_of(request)
    read, lang = read_files(draft.files), session.lang
    base = _base(services, draft)
    found, count = version_editing.findings_of(services.desk, draft, services.catalogue, lang, most=8)
    return page(
        request, "versions/edit_fields.html", 422 if wrong else 200,
        title=say("versions.edit.fields.title", form=title_of(services, draft, lang), version=draft.version),
        draft=draft, is_read=read is not None, least=version_editing.least_of(services.desk, draft),
        sections=sections_of(read, base, lang) if read is not None else (),
        problems=found, count=count, done=_done_words(draft, read, base, done, say),
        left=_left_over(services, draft, done, lang, say), has_lift=LIFT_FILE in draft.files,
        faults=_faults(services, wrong, lang), word=_word(say),
        lists={"basis": choices_of(BASES, "basis", say)},
        who=reading.name_of(services.desk, draft.saved_by),
        crumbs=draft_crumbs(services, draft, lang, say, say("versions.edit.fields")),
    )  # fmt: skip


def field_page(
    request: Request, draft: VersionDraft, at: str, add: str, *, posted: Form | None = None,
    wrong: Sequence[Problem] = (),
) -> Response:  # fmt: skip
    """One field to change, or a new one. NotFound for a field or part the draft does not have."""
    session, services, say = desk_of(request)
    lang, read = session.lang, read_files(draft.files)
    known = facts_of(read, draft.files.get(SCHEMA, ""), at or add) if read is not None else None
    if read is None or known is None:
        raise NotFound("version_draft.field")
    facts = known if at else FieldFacts("", add, width="12", klass=known.klass, seal=known.seal)
    if posted is not None and not posted.has("_retire"):
        typed = posted_facts(posted, facts.section, at)
        facts = _with_typed(typed, facts) if at else typed
    label = known.label_en if lang != "zh-CN" and known.label_en else known.label
    title = say("versions.edit.field.change.of", label=label) if at else (
        say("versions.edit.field.add_to", section=label)
    )
    around = infos_of(read).get(facts.section)
    inherited = (around.legal_basis if around is not None else ()) or ("",)
    return page(
        request, "versions/edit_field.html", 422 if wrong else 200, title=title, draft=draft, facts=facts,
        is_new=not at, lists={name: choices_of(values, name, say) for name, values in LISTS.items()},
        tables=tables_of(read), inherited=_word(say)("basis", inherited[0]) if inherited[0] else "–",
        targets=[one for one in _leaves(read, lang) if one[0] != at], posted=_kept(posted),
        faults=_faults(services, wrong, lang),
        crumbs=(*draft_crumbs(services, draft, lang, say, "")[:-1],
                (say("versions.edit.fields"), f"/versions/drafts/{draft.id}/fields"), (title, None)),
    )  # fmt: skip


def _word(say: Say) -> Callable[[str, str], str]:
    """The word of a fixed list; the code itself when the file says something else."""

    def word(area: str, value: str) -> str:
        try:
            return say(f"versions.edit.{area}.{value}")
        except KeyError:
            return value

    return word


def _faults(services: Services, wrong: Sequence[Problem], lang: str) -> dict[str, str]:
    """What is wrong with a wish, by the name of the box."""
    return {
        one.pointer.lstrip("/"): version_editing.words_of(one, services.catalogue, lang) for one in wrong
    }


def _with_typed(typed: FieldFacts, known: FieldFacts) -> FieldFacts:
    """What was typed over a field that is there; its name, place and shape are its own."""
    return replace(typed, name=known.name, is_plain=known.is_plain, line=known.line,
                   kind=typed.kind or known.kind)  # fmt: skip


def _kept(posted: Form | None) -> dict[str, str]:
    """What was typed into the boxes that are no part of the field itself."""
    names = ("fate", "target", "reason", "reason_en", "old")
    return {name: posted.get(name) if posted is not None else "" for name in names}


def _leaves(read: Files, lang: str) -> list[tuple[str, str]]:
    """The single fields, as (pointer, words)."""
    infos = infos_of(read)
    out = []
    for pointer, info in infos.items():
        if info.kind == "field" and "*" not in pointer:
            above = infos.get(pointer.rpartition("/")[0])
            words = [one.title_en if lang != "zh-CN" and one.title_en else one.title
                     for one in (above, info) if one is not None]  # fmt: skip
            out.append((pointer, " › ".join(words)))
    return out


def _base(services: Services, draft: VersionDraft) -> Files | None:
    if not draft.base_digest:
        return None
    bundle = services.desk.registry.by_digest(draft.base_digest).bundle
    return Files(bundle.schema, bundle.layout, bundle.locale)


def _done_words(draft: VersionDraft, read: Files | None, base: Files | None, done: str, say: Say) -> str:
    kind, _, rest = done.partition(" ")
    if kind == "number":
        return say("versions.edit.number.done", version=draft.version)
    if kind == "carried" and rest.isdecimal():
        return say("versions.edit.examples.carried", count=rest)
    for files in (read, base):
        info = infos_of(files).get(rest) if files is not None and kind in DONE else None
        if info is not None:
            key = {"added": "added", "changed": "changed", "moved": "moved", "retired": "retired"}[kind]
            return say(f"versions.edit.field.{key}", label=info.title)
    return ""


def _left_over(
    services: Services, draft: VersionDraft, done: str, lang: str, say: Say
) -> tuple[tuple[str, str, int], ...]:
    """(file, place in words, line) of every place that still speaks of a field just retired."""
    kind, _, pointer = done.partition(" ")
    if kind != "retired" or not pointer.startswith("/"):
        return ()
    return tuple(
        (file, in_words(file, draft.files, at, lang, say), place_of(draft.files.get(file, ""), at).line)
        for file, at in mentions(draft.files, pointer)[:30]
    )
