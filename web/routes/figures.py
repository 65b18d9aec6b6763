"""Figures: the three questions of each of the reader's posts, the rates, where documents wait; and the lists
behind the numbers.

Decides nothing: the desk counts what the reader may list, and gives the documents behind each number.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Annotated, TypeAlias
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from engine.desk import figures, listing
from engine.desk.figures import NOTHING_COUNTED, Span
from engine.errors import NotFound
from engine.identity import local_date, local_day
from engine.lifecycle.periods import period_of, quarter_of
from web import labels
from web.figures_pages import LISTS, Reader, card, form_names, rates, waiting
from web.list_filters import Filter, Link
from web.pages import page, translator
from web.routes.lists import shown_rows
from web.security import session_of
from web.services import services_of

router = APIRouter()
PERIOD = re.compile(r"[0-9]{4}(-(H[12]|Q[1-4]|0[1-9]|1[0-2]))?\Z")
WHOLE_TIME = "all"
ADDRESS = "/figures"
Ways: TypeAlias = Callable[[str], tuple[str, str, str]]
"""From a choice to form, department and period."""


@router.get(ADDRESS)
def show_figures(request: Request, form: str = "", unit: str = "", period: str = "") -> Response:
    """The reader's questions, and the rates of what the reader may list, of this quarter unless said."""
    session, services = session_of(request), services_of(request)
    desk, say = services.desk, translator(request, session.lang)
    today = local_date(desk.clock.now())
    chosen = period if PERIOD.match(period) or period == WHOLE_TIME else quarter_of(today)
    counting = figures.count(desk, services.figures, session.actor)
    span = Span((form,) if form else (), unit, "" if chosen == WHOLE_TIME else chosen)
    reader = Reader(services, counting, span, session.lang, say, form_names(services, today, session.lang))
    roles = session.actor.roles(local_day(desk.clock.now()))
    return page(
        request,
        "figures/figures.html",
        title=say("figures.title"),
        crumbs=((say("shell.home"), "/"), (say("figures.title"), None)),
        filters=_filters(reader, chosen, form, today),
        cards=[card(reader, one) for one in desk.measures.questions(roles)],
        rates=rates(reader),
        waiting=waiting(reader),
    )


@router.get(LISTS)
def list_documents(
    request: Request,
    part: str = figures.ALL,
    form: Annotated[list[str] | None, Query()] = None,
    unit: str = "",
    period: str = "",
    state: str = "",
    skip: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """The documents behind a number, those that wait longest first."""
    session, services = session_of(request), services_of(request)
    desk, say = services.desk, translator(request, session.lang)
    if part not in figures.PARTS or (period and not PERIOD.match(period)):
        raise NotFound("list.not_found", name=part[:32])
    span = Span(tuple(form or ()), unit, period, state)
    found = figures.select(desk, services.figures, session.actor, span, part)
    many, now = services.settings.inbox_rows, desk.clock.now()
    names = form_names(services, local_date(now), session.lang)
    rows = [row for row in (desk.store.get(one.doc) for one in found[skip : skip + many]) if row is not None]
    lines = [listing.list_row(desk, desk.registry.by_digest(row["digest"]), row, now) for row in rows]
    reader = Reader(services, NOTHING_COUNTED, span, session.lang, say, names)
    here = [(name, value) for name, value in request.query_params.multi_items() if name != "skip"]
    title = say(f"figures.part.{part}")
    return page(
        request,
        "figures/documents.html",
        title=title,
        crumbs=((say("shell.home"), "/"), (say("figures.title"), ADDRESS), (title, None)),
        narrowed=_said(reader),
        rows=shown_rows(services, lines, session.lang, say),
        total=len(found),
        before=_at(here, max(0, skip - many)) if skip else "",
        following=_at(here, skip + many) if skip + many < len(found) else "",
    )


def _at(pairs: list[tuple[str, str]], skip: int) -> str:
    return f"{LISTS}?{urlencode([*pairs, ('skip', str(skip))] if skip else pairs)}"


def _said(reader: Reader) -> list[str]:
    """What the list is narrowed to, in words."""
    services, span, say = reader.services, reader.span, reader.say
    known = services.desk.registry.forms()
    said = [reader.form_name(one) for one in span.forms if one in known]
    said += [labels.unit_title(span.unit, say)] if span.unit else []
    said += [say("figures.filed_in", period=span.period)] if span.period else []
    if span.state and len(span.forms) == 1 and span.forms[0] in known:
        said[0] = reader.state_name(span.forms[0], span.state)
    return said


def _filters(reader: Reader, chosen: str, form: str, today: date) -> list[Filter]:
    """The lines of choices above the figures."""
    say, unit = reader.say, reader.span.unit
    before_month = today.replace(day=1) - timedelta(days=1)
    quarter = quarter_of(today)
    first_of_quarter = date(today.year, (int(quarter[-1]) - 1) * 3 + 1, 1)
    periods = {
        period_of("month", today): say("figures.this_month"),
        period_of("month", before_month): say("figures.last_month"),
        quarter: say("figures.this_quarter"),
        quarter_of(first_of_quarter - timedelta(days=1)): say("figures.last_quarter"),
        str(today.year): say("figures.this_year"),
        WHOLE_TIME: say("list.all"),
    }
    cells = reader.counting.cells
    forms = {"": say("list.all"), **{one: reader.form_name(one) for one in sorted({key[0] for key in cells})}}
    units = {"": say("list.all")}
    units |= {one: labels.unit_title(one, say) for one in sorted({key[1] for key in cells})}
    return [
        _line(say("figures.period"), periods, chosen, lambda value: (form, unit, value)),
        _line(say("figures.by.form"), forms, form, lambda value: (value, unit, chosen)),
        _line(say("figures.by.unit"), units, unit, lambda value: (form, value, chosen)),
    ]


def _line(label: str, choices: dict[str, str], chosen: str, address: Ways) -> Filter:
    links = []
    for value, word in choices.items():
        pairs = zip(("form", "unit", "period"), address(value), strict=True)
        query = urlencode([(name, said) for name, said in pairs if said])
        links.append(Link(word, f"{ADDRESS}?{query}" if query else ADDRESS, value == chosen))
    return Filter(label, tuple(links))
