"""Printing a document: what this person may see, laid out, sealed page by page, with its proof inside.

Steps:
 1 the right to print, and the document as this person may see it (masked values stay masks)
 2 a bundle that discloses what the paper shows in clear
 3 the page: blocks, signatures, print line, code
 4 the press lays it out; the platform signs what each page shows; bundle and page seal go into the file
 5 where the agency wants it, a seal over the whole file (web.pdf.pades), the last thing done to it
 6 the access log knows who printed what
Never puts into the file a value that the paper masks: neither in text nor in metadata nor in the bundle.

As of a checkpoint the paper says that checkpoint and its time, and nothing in the file depends on when it is
made: the same document, copy number, language and checkpoint give whoever sees the same the same bytes, as
long as the release, its fonts and the names of those concerned stay. Right and access log are today's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol

from jinja2 import Environment

from engine.desk import as_of, proving, reading, sealing
from engine.desk.as_of import Moment
from engine.desk.desk import Desk
from engine.errors import Invalid, NotAllowed, NotFound, Problem
from engine.identity import SHANGHAI, local_day, parse_utc, utc_text
from engine.lifecycle.people import Actor
from engine.ports import Access
from engine.projection import DocumentRow
from engine.registry.compiled import CompiledForm
from engine.trust import canonical, identifiers, page_seal
from engine.trust.envelope import PAGE, Envelope
from forms.charts import bars_of
from forms.model import MISSING, FormModel, lookup
from forms.paper import PrintModel, Signature, moment_on_paper, paper
from web import kept_subjects
from web.labels import form_title
from web.messages import Catalogue
from web.models import model_of
from web.named_values import names_of
from web.pdf import notices, numbers
from web.pdf.job import Enclosure, PrintJob
from web.pdf.pades import Sealer
from web.pdf.qr import qr_png
from web.pdf.renderer import Printed, sealed_as_a_whole

FORM = "form"


class PrintServices(Protocol):
    """What of the services printing uses."""

    @property
    def desk(self) -> Desk: ...
    @property
    def catalogue(self) -> Catalogue: ...
    @property
    def templates(self) -> Environment: ...
    @property
    def renderer(self) -> Any: ...
    @property
    def sealer(self) -> Sealer | None: ...


@dataclass(frozen=True, slots=True)
class Sheet:
    """What every page of a print carries: title, number, print line, code, watermark."""

    title: str
    number: str
    agency: str
    created: str
    look: str
    watermark: str
    printed_local: str
    printed_by: str
    copy: str
    data_version: str
    code: str
    has_qr: bool = True
    checkpoint: int = 0  # of a paper as of an older checkpoint
    is_specimen: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """The second page: where the document stands in the log."""

    title: str
    rows: tuple[tuple[str, str], ...]


class Printer(Protocol):
    """Who prints: a session, or somebody at the command line."""

    @property
    def actor(self) -> Actor: ...
    @property
    def name(self) -> str: ...
    @property
    def staff_no(self) -> str: ...


def print_form(
    services: PrintServices, session: Printer, doc: str, copy: str, lang: str, checkpoint: int | None = None
) -> Printed:
    """The form as PDF, as of a checkpoint (default: as of now).

    Raises NotFound, NotAllowed("print"), Conflict("print.destroyed"), Invalid("print.glyph_missing"),
    Unavailable.
    """
    opened, moment = _open(services, session, doc, checkpoint)

    def prove(shown: proving.Wish) -> bytes:
        return proving.bundle(services.desk, session.actor, doc, shown, moment)

    return print_opened(services, session, opened, moment, prove, copy, lang)


def print_opened(
    services: PrintServices, session: Printer, opened: reading.Opened, moment: Moment,
    prove: Callable[[proving.Wish], bytes], copy: str, lang: str,
) -> Printed:  # fmt: skip
    """The form as PDF of what was opened; `prove` makes the bundle that discloses what the paper shows.

    Whoever calls has asked for the right to print. Raises as `print_form`.
    """
    row, model = opened.row, model_of(opened.form)
    about = _sheet(services, session, row, FORM, copy, lang, moment)
    desk = services.desk
    agency = desk.agency.name if lang == "zh-CN" else desk.agency.name_en
    header = {"doc_no": row["doc_no"], "doc_id": row["doc_id"], "agency": agency}
    answers = kept_subjects.in_words(opened.form, dict(opened.answers), services.catalogue, lang)
    form = paper(
        model, answers, header, _signatures(services, model, opened.answers, row, lang), lang=lang,
        masked=opened.masked, names=names_of(services.desk, opened.form, lang),
    )  # fmt: skip
    record = _record(services, model, opened.form, row, lang)
    bars = bars_of(model, opened.answers, lang)
    html = render(services, "print/form.html", lang, sheet=about, form=form, record=record, bars=bars)

    def shown(path: str) -> bool:
        is_hidden = path.startswith(sealing.RESERVED) or path in opened.masked
        return not is_hidden and lookup(opened.answers, path) is not MISSING

    bundle = prove(shown)
    try:
        return _press(services, session, opened, about, html, FORM, bundle, moment)
    except Invalid as refused:
        raise _placed(services, refused, form, lang) from None


def print_notice(
    services: PrintServices, session: Printer, doc: str, seq: int, kind: str, copy: str, lang: str,
    checkpoint: int | None = None,
) -> Printed:  # fmt: skip
    """The paper `kind` that step `seq` made. Raises as `print_form`."""
    opened, moment = _open(services, session, doc, checkpoint)
    desk, row, model = services.desk, opened.row, model_of(opened.form)
    view = next((one for one in reading.history(desk, session.actor, doc) if one.step.seq == seq), None)
    if view is None or view.step.index >= moment.size:
        raise NotFound("paper.not_found")
    notice = notices.compose(desk, opened.form, model, row, view, kind, lang, services.catalogue)
    about = _sheet(services, session, row, kind, copy, lang, moment, title=notice.title)
    html = render(services, "print/notice.html", lang, sheet=about, notice=notice)
    bundle = proving.bundle(desk, session.actor, doc, proving.nothing, moment)
    return _press(services, session, opened, about, html, kind, bundle, moment)


def _open(
    services: PrintServices, session: Printer, doc: str, checkpoint: int | None
) -> tuple[reading.Opened, Moment]:
    # 1
    desk = services.desk
    row, _ = reading.readable_row(desk, session.actor, doc)
    if checkpoint is None:
        moment = as_of.newest(desk, [step["index"] for step in row["steps"]])
    else:
        moment = as_of.at(desk, checkpoint)
    opened = as_of.open_document(desk, session.actor, doc, moment)
    if "print" not in opened.rights.actions:
        raise NotAllowed("print")
    return opened, moment


def _sheet(
    services: PrintServices, session: Printer, row: DocumentRow, kind: str, copy: str, lang: str,
    moment: Moment, title: str = "",
) -> Sheet:  # fmt: skip
    desk = services.desk
    local = parse_utc(moment.at).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    copy = copy or "01"
    watermark = services.catalogue.say(lang, "paper.watermark", who=session.name, copy=copy, at=local[:10])
    return Sheet(
        title=title or form_title(desk.registry.by_digest(row["digest"]), lang),
        number=row["doc_no"],
        agency=desk.agency.name if lang == "zh-CN" else desk.agency.name_en,
        created=row["steps"][-1]["at"],
        look=look_of(desk.registry.by_digest(row["digest"]), kind),
        watermark=watermark,
        printed_local=local,
        printed_by=session.staff_no,
        copy=copy,
        data_version=numbers.data_version(row),
        code=proving.verification_code(row),
        checkpoint=moment.size if moment.is_past else 0,
    )


def render(services: PrintServices, template: str, lang: str, **context: Any) -> str:
    """A page of a print from its template."""

    def say(key: str, **facts: Any) -> str:
        return services.catalogue.say(lang, key, **facts)

    return services.templates.get_template(template).render(lang=lang, t=say, **context)


def _press(
    services: PrintServices, session: Printer, opened: reading.Opened, about: Sheet, html: str, kind: str,
    bundle: bytes, moment: Moment,
) -> Printed:  # fmt: skip
    desk, row = services.desk, opened.row

    def enclose(drawn: tuple[str, ...]) -> tuple[Enclosure, ...]:
        # 4
        seal = page_seal.PageSeal(
            origin=desk.agency.origin, doc=row["doc"], event=row["head"], index=row["steps"][-1]["index"],
            kind=kind, copy=about.copy, printed_at=moment.at, bundle=sha256(bundle).hexdigest(), pages=drawn,
        )  # fmt: skip
        payload = page_seal.payload(seal)
        signature = desk.vault.sign_platform(identifiers.pae(PAGE, payload))
        sealed = canonical.encode(Envelope(PAGE, payload, (signature,)).to_json())
        return (
            Enclosure("bundle.json", "fengjian proof bundle", bundle),
            Enclosure("page.json", "fengjian page seal", sealed),
        )

    job = PrintJob(
        html, numbers.print_identifier(row, kind), about.created,
        qr_png(numbers.signed_code(desk.vault, desk.agency.origin, row)),
    )  # fmt: skip
    printed: Printed = services.renderer.render(job, enclose)
    # 5
    if services.sealer is not None:
        printed = sealed_as_a_whole(printed, services.sealer.seal(printed.data, parse_utc(moment.at)))
    # 6
    roles = session.actor.roles(local_day(desk.clock.now()))
    what = (f"print:{kind}", f"copy:{about.copy}", f"checkpoint:{moment.size}", f"sha256:{printed.sha256}")
    role = roles[0] if roles else ""
    now, ground = utc_text(desk.clock.now()), str(opened.ground)
    desk.access.write(Access(now, session.actor.person, role, row["doc"], what, "print", ground))
    return printed


def look_of(form: CompiledForm, kind: str) -> str:
    """How a paper lies: as the layout of its form says, letters upright."""
    if kind != FORM:
        return "letter-page"
    wished = form.bundle.layout.get("print", {}).get("page", {}).get("orientation")
    return "form-page landscape" if wished == "landscape" else "form-page"


def _signatures(
    services: PrintServices, model: FormModel, answers: Mapping[str, Any], row: DocumentRow, lang: str
) -> tuple[Signature, ...]:
    """The signature block as the layout lists it: by a staff number in the answers, by a step, a seal, a
    hand."""
    wishes = model.printed(lang).get("signatures", [])
    return tuple(_signature(services, one, answers, row, lang) for one in wishes)


def _signature(
    services: PrintServices, wish: Mapping[str, Any], answers: Mapping[str, Any], row: DocumentRow, lang: str
) -> Signature:
    label, desk = str(wish["label"]), services.desk
    if "of" in wish:
        staff_no = lookup(answers, str(wish["of"]))
        account = desk.directory.by_staff_no(staff_no) if isinstance(staff_no, str) else None
        filed = _day(row["submitted_at"], lang)
        return Signature(label, account.name if account is not None else str(staff_no), filed)
    taken = [step for step in row["steps"] if step["transition"] in wish.get("transition", ())]
    if taken:
        return Signature(label, reading.name_in(desk, row, taken[-1]["person"]), _day(taken[-1]["at"], lang))
    return Signature(label, is_seal=bool(wish.get("seal")))


def _day(moment: str, lang: str) -> str:
    return moment_on_paper(moment, lang).split(" ")[0]


def _record(
    services: PrintServices, model: FormModel, form: Any, row: DocumentRow, lang: str
) -> Record | None:
    """The record that goes on the second page, once a step has made it."""
    wanted = str(model.print.get("second_page", ""))
    made = [seq for seq, kind, _ in notices.papers_of(form, row) if kind == wanted]
    if not made:
        return None
    step = next(one for one in row["steps"] if one["seq"] == made[-1])
    account = services.desk.directory.by_person(step["person"])
    rows = (
        ("doc_id", row["doc_id"]), ("doc_no", row["doc_no"]), ("form", f"{row['form']} {row['version']}"),
        ("form_digest", row["digest"]), ("revision", str(row["revision"])), ("event", step["event"]),
        ("effective_at", moment_on_paper(step["at"], lang)), ("index", str(step["index"])),
        ("uploaded_by", account.staff_no if account is not None else ""),
    )  # fmt: skip
    say = services.catalogue.say
    named = tuple((say(lang, f"paper.record.{name}"), text) for name, text in rows if text)
    return Record(notices.paper_title(form, wanted, lang), named)


def _placed(services: PrintServices, refused: Invalid, form: PrintModel, lang: str) -> Invalid:
    """The refusal with the pointer of the field that holds each character without a glyph."""
    problems = []
    for problem in refused.problems:
        character = str(problem.facts.get("character", ""))
        pointer = next((place for place, text in form.texts() if character and character in text), "")
        message = services.catalogue.say(lang, "paper.glyph_missing", **problem.facts)
        problems.append(Problem(pointer, problem.code, problem.facts, message=message))
    return Invalid(refused.code, problems=problems)


