"""A specimen of a form version that is being written: its printed page as PDF, before anybody agreed to it.

Decides what tells it from a paper of ours: 样张 and SPECIMEN across every page and in the last line, no code,
no number, no proof inside, no seal. It is signed by nobody and stored nowhere.
"""

from __future__ import annotations

from hashlib import sha256

from engine.identity import SHANGHAI, utc_text
from engine.registry.compiled import CompiledForm
from forms.charts import bars_of
from forms.compile import compile_form
from forms.model import Json
from web import version_editing_preview as preview
from web.pdf.job import PrintJob
from web.pdf.prints import FORM, Printer, PrintServices, Sheet, look_of, render
from web.pdf.renderer import Printed


def print_specimen(
    services: PrintServices, session: Printer, form: CompiledForm, answers: Json, lang: str
) -> Printed:
    """The printed page of a version filled with `answers`.

    Raises Invalid("print.glyph_missing"), Unavailable, and Invalid where the layout cannot be drawn.
    """
    desk, say = services.desk, services.catalogue.say
    now, model = desk.clock.now(), compile_form(form)
    agency = desk.agency.name if lang == "zh-CN" else desk.agency.name_en
    page = preview.paper_view(form, answers, agency, lang)
    mark = " ".join(say(lang, "paper.specimen") for lang in ("zh-CN", "en"))  # whoever finds it can read it
    about = Sheet(
        title=page.title,
        number=mark,
        agency=agency,
        created=utc_text(now),
        look=f"{look_of(form, FORM)} specimen",
        watermark=mark,
        printed_local=now.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M"),
        printed_by=session.staff_no,
        copy="",
        data_version=f"{form.form} {form.version}",
        code="",
        has_qr=False,
        is_specimen=True,
    )
    given = answers if isinstance(answers, dict) else {}
    bars = bars_of(model, given, lang)
    html = render(services, "print/form.html", lang, sheet=about, form=page, record=None, bars=bars)
    name = sha256(f"fengjian/specimen/v1\x00{form.digest}".encode()).digest()[:16]
    job = PrintJob(html, name, about.created)
    printed: Printed = services.renderer.render(job)
    return printed
