"""Forms and their versions as rows for pages: where each stands, since when, by which revision document.

Decides order and words. Who reads drafts is the desk's to say; what is published, everybody signed in reads.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from engine.desk import interpretations, reading, revisions, shipping, version_drafts
from engine.desk.desk import Desk
from engine.errors import Invalid, NotAllowed, NotFound
from engine.identity import local_day
from engine.lifecycle.deadlines import count_working_days
from engine.lifecycle.people import Actor
from engine.ports import Calendar, ListView
from engine.registry.compiled import CompiledForm
from engine.registry.registry import Span
from engine.trust import canonical
from engine.version_ports import VersionDraft
from engine.versions import standing
from engine.versions.regulation import Regulation
from engine.versions.standing import Life
from web import labels
from web.labels import Say, Tag
from web.models import model_of
from web.security import Session
from web.services import Services

TONES: Final = {
    standing.DRAFT: "neutral", standing.PROPOSED: "waiting", standing.APPROVED: "working",
    standing.PUBLISHED: "attention", standing.IN_FORCE: "positive", standing.SUPERSEDED: "neutral",
    standing.RETIRED: "neutral",
}  # fmt: skip
MOST_REMEMBERED: Final = 200
_digests: OrderedDict[tuple[str, int], str] = OrderedDict()


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version in a list. `since` and `until` are days or "", `paper` (address, number) of the revision
    document that this person may open, None without one."""

    version: str
    tag: Tag
    since: str
    until: str
    documents: int
    href: str
    paper: tuple[str, str] | None
    saved: str = ""


@dataclass(frozen=True, slots=True)
class FormGroup:
    """One form with its versions, the newest first. `in_force` is the number in force today, "" without."""

    form: str
    title: str
    in_force: str
    rows: tuple[VersionRow, ...]


@dataclass(frozen=True, slots=True)
class ClauseRow:
    """One clause of the regulation on a day, with the form versions that carry it out: (address, words), and
    the official notes on it: (day, words, their language, the document)."""

    clause: str
    text: str
    gloss: str
    since: str
    paper: tuple[str, str] | None
    forms: tuple[tuple[str, str], ...]
    notes: tuple[tuple[str, str, str, tuple[str, str] | None], ...] = ()


@dataclass(frozen=True, slots=True)
class ReferenceRow:
    """One law or norm the regulation names; without a published number it `is_unresolved`."""

    title: str
    number: str
    version: str
    url: str
    checked_on: str
    is_unresolved: bool
    clauses: tuple[str, ...]


def today_of(services: Services) -> str:
    """Today, YYYY-MM-DD in Asia/Shanghai."""
    return local_day(services.desk.clock.now())


def may_write(services: Services, actor: Actor) -> bool:
    """Whether this person writes versions, and so reads their drafts."""
    return bool(version_drafts.WRITERS.intersection(actor.roles(today_of(services))))


def groups_of(services: Services, session: Session, say: Say) -> tuple[FormGroup, ...]:
    """Every form with its versions; drafts and proposals only for those who write them."""
    desk = services.desk
    drafts = desk.workshop.drafts.all() if may_write(services, session.actor) else None
    forms = sorted({*desk.registry.forms(), *(one.form for one in drafts or ())})
    counts = unfinished(desk)
    return tuple(_group(services, session, form, drafts, counts, say) for form in forms)


def unfinished(desk: Desk) -> Mapping[str, int]:
    """How many documents are in no final state, by the digest of their version, over all forms at once."""
    out: dict[str, int] = {}
    for form in desk.registry.known():
        states = tuple(one.name for one in form.workflow.states.values() if not one.is_final)
        count = desk.store.count(ListView(forms=(form.form,), states=states, digest=form.digest))
        if count:
            out[form.digest] = count
    return out


def lives_of(
    desk: Desk, form: str, drafts: Sequence[VersionDraft] | None, counts: Mapping[str, int]
) -> tuple[Life, ...]:
    """The versions of a form, newest first; only what is published where `drafts` is None (nobody's)."""
    begun = [(one.id, one.version, _digest_of(one)) for one in drafts or () if one.form == form]
    named = revisions.proposed(desk, form) if drafts is not None else ()
    dated = [
        standing.Dated(
            span.form.version, span.form.digest, span.first.isoformat(),
            span.published.revision if span.published is not None else "",
        )
        for span in desk.registry.spans(form)
    ]  # fmt: skip
    return standing.lives_of(dated, named, begun, counts, local_day(desk.clock.now()))


def _digest_of(draft: VersionDraft) -> str:
    """The digest of one save of a draft, "" while a file cannot be read; the last ones are remembered."""
    key = (draft.id, draft.revision)
    found = _digests.get(key)
    if found is None:
        found = _digests[key] = version_drafts.digest_or_nothing(draft)
        while len(_digests) > MOST_REMEMBERED:
            _digests.popitem(last=False)
    return found


def tag_of(state: str, say: Say) -> Tag:
    """The life of a version as a word and a colour."""
    return Tag(say(f"versions.flow.state.{state}"), TONES[state])


def title_of(services: Services, form: str, lang: str) -> str:
    """The name of a form as its newest version has it; the id of a form that has none yet."""
    newest = services.desk.registry.newest(form)
    return labels.form_title(newest.form, lang) if newest is not None else form


def draft_title(services: Services, draft: VersionDraft, lang: str) -> str:
    """The name of a draft's form: by its published version, else by its own schema, else its id."""
    if services.desk.registry.newest(draft.form) is not None:
        return title_of(services, draft.form, lang)
    try:
        schema = canonical.parse_bundle(draft.files.get("schema.json", "").encode())
    except Invalid:
        return draft.form
    return str(schema.get("title") or draft.form) if isinstance(schema, dict) else draft.form


def version_address(desk: Desk, form: CompiledForm) -> str:
    """The page of a version, "" for one that is only kept: it was never in force here."""
    is_published = any(span.form.digest == form.digest for span in desk.registry.spans(form.form))
    return f"/versions/{form.form}/{form.version}" if is_published else ""


def paper_link(services: Services, session: Session, doc: str) -> tuple[str, str] | None:
    """Address and number of a revision document, None where this person may not open it."""
    if not doc:
        return None
    try:
        row, _ = reading.readable_row(services.desk, session.actor, doc)
    except (NotFound, NotAllowed):
        return None
    return f"/documents/{doc}", row["doc_no"]


def span_of(services: Services, form: str, version: str) -> Span:
    """A published version. NotFound for one that never was."""
    return services.desk.registry.span(form, version)


def clause_rows(
    services: Services, session: Session, text: Regulation, day: str, lang: str
) -> tuple[ClauseRow, ...]:
    """The clauses of a text in their order, each with the notes that stood on `day`."""
    notes: dict[str, list[tuple[str, str, str, tuple[str, str] | None]]] = {}
    for one in interpretations.notes(services.desk, day):
        is_english = lang == "en" and one.text_en != ""
        words, tongue = (one.text_en, "en") if is_english else (one.text, "zh-CN")
        told = (one.published_on, words, tongue, paper_link(services, session, one.doc))
        notes.setdefault(one.clause, []).append(told)
    glosses = {
        str(one["clause"]): str(one.get("gloss_en", ""))
        for one in services.desk.workshop.regulation["clauses"]
        if isinstance(one, dict)
    }
    return tuple(
        ClauseRow(
            clause=one.clause,
            text=one.text,
            gloss=glosses.get(one.clause, "") if lang == "en" and not one.revision else "",
            since=one.since,
            paper=paper_link(services, session, one.revision),
            forms=tuple(
                (f"/versions/{form}/{version}", f"{title_of(services, form, lang)} {version}")
                for form, version in one.forms
            ),
            notes=tuple(notes.get(one.clause, ())),
        )
        for one in text.clauses
    )


def reference_rows(services: Services, lang: str) -> tuple[ReferenceRow, ...]:
    """The register of what the regulation stands on (R3.1, R3.2); what could not be found says so."""
    return tuple(
        ReferenceRow(
            title=str(one["title_en"]) if lang == "en" else f"《{one['title']}》",
            number=str(one["number"]),
            version=str(one["version"]),
            url=str(one["url"]),
            checked_on=str(one["checked_on"]),
            is_unresolved=one["state"] == "unresolved",
            clauses=tuple(str(name) for name in one["clauses"]),
        )
        for one in services.desk.workshop.regulation.get("references", ())
    )


def working_days_until(calendar: Calendar, today: str, day: str) -> int:
    """How many working days lie after today, up to and including `day`; 0 for today or the past."""
    return count_working_days(calendar, date.fromisoformat(today), date.fromisoformat(day))


FieldGroup = tuple[str, tuple[tuple[str, str], ...]]


def field_groups(form: CompiledForm, lang: str, say: Say) -> tuple[FieldGroup, ...]:
    """The fields of a version by section in paper order: (section, ((label, how it is protected), …))."""
    groups = []
    for section in model_of(form).sections:
        nodes = [node for row in section.rows for cell in row for node in cell.node.walk()]
        leaves = [node for node in nodes if node.kind in ("leaf", "json")]
        english = lang == "en"
        rows = tuple(
            (
                (node.title_en if english else node.title) or node.title,
                say(f"versions.flow.sensitivity.{node.sensitivity}") if node.sensitivity != "none" else "",
            )
            for node in leaves
        )
        title = (section.title_en if english else section.title) or section.title
        groups.append((f"{section.letter} {title}".strip(), rows))
    return tuple(group for group in groups if group[1])


def facts_of_version(services: Services, span: Span, life: Life | None) -> dict[str, Any]:
    """What the page of a version says besides its changes."""
    form: CompiledForm = span.form
    entry = span.published
    logged = entry or shipping.entry_of(services.desk, form.form, form.version)
    papers = services.desk.workshop.archive.papers(form.digest)
    return {
        "digest": form.digest,
        "lift": entry.lift if entry is not None else "",
        "clause": entry.clause if entry is not None else "",
        "index": logged.index if logged is not None else -1,
        "follows": entry.follows if entry is not None else "",
        "drafts_rule": entry.drafts.rule if entry is not None else "",
        "drafts_until": entry.drafts.until if entry is not None else "",
        "legal_basis": str(form.bundle.schema.get("x-legal-basis", "")),
        "fields": len(form.fields),
        "states": len(form.workflow.states),
        "retention": str(form.bundle.states.get("retention", {}).get("class", "")),
        "examples": sum(name.startswith("examples/") for name in papers),
        "changes_text": papers.get("CHANGES.md", b"").decode("utf-8", "replace"),
        "documents": life.documents if life is not None else 0,
    }


def _group(
    services: Services,
    session: Session,
    form: str,
    drafts: Sequence[VersionDraft] | None,
    counts: Mapping[str, int],
    say: Say,
) -> FormGroup:
    saved = {one.id: one for one in drafts or () if one.form == form}
    lives = lives_of(services.desk, form, drafts, counts)
    rows = [_row(services, session, form, life, saved, say) for life in lives]
    now = next((row.version for row in rows if row.tag.tone == TONES[standing.IN_FORCE]), "")
    named = next(iter(saved.values()), None)
    title = draft_title(services, named, session.lang) if named else title_of(services, form, session.lang)
    return FormGroup(form, title, now, tuple(rows))


def _row(
    services: Services, session: Session, form: str, life: Life, drafts: dict[str, VersionDraft], say: Say
) -> VersionRow:
    paper = paper_link(services, session, life.revision)
    if life.state in (standing.DRAFT,):
        href = f"/versions/drafts/{life.draft}"
    elif life.state in (standing.PROPOSED, standing.APPROVED):
        # The draft that was proposed, while it is there; else the document that names its content.
        known = next((one.id for one in drafts.values() if one.version == life.version), "")
        href = f"/versions/drafts/{known}" if known else (paper[0] if paper else "")
    else:
        href = f"/versions/{form}/{life.version}"
    return VersionRow(
        version=life.version,
        tag=tag_of(life.state, say),
        since=life.first,
        until=life.until,
        documents=life.documents,
        href=href,
        paper=paper,
        saved=drafts[life.draft].saved_at if life.draft in drafts else "",
    )
