"""The access log on a page: who read which sealed content, why, and what it rested on (O16, C.2).

Decides nothing about rights: the desk does. What is looked for stands in the address: staff and document
numbers, days and kinds, never a name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.desk import overseeing
from engine.desk.overseeing import Line, Wanted
from engine.errors import NotAllowed, NotFound
from engine.identity import is_document_id
from engine.registry.compiled import CompiledForm
from engine.trust.seal import DERIVED_PREFIX
from web import labels
from web.labels import Say
from web.models import model_of
from web.pages import page, translator
from web.security import session_of
from web.services import Services, services_of

router = APIRouter()
PATH = "/access-log"
VIEWS = ("", "without", *overseeing.KINDS)
PURPOSES = (
    "task", "review", "print", "api", "search", "update", "bundle", "proof", "query", "sample", "trial",
    "breakglass", overseeing.LOG, overseeing.REFUSED,
)  # fmt: skip
TONES = {
    overseeing.TASK: "neutral", overseeing.APPROVAL: "positive", overseeing.EMERGENCY: "negative",
    overseeing.NOTHING: "attention", overseeing.REFUSED: "attention",
}  # fmt: skip
MOST_SHOWN = 6
SHOWN_OF_DIGEST = 16
PRINT = "print"


@dataclass(frozen=True, slots=True)
class Row:
    """One reading in words; `more` documents and `unsaid` fields are not named one by one."""

    at: str
    name: str
    staff_no: str
    role: str
    docs: tuple[str, ...]
    more: int
    what: tuple[str, ...]
    unsaid: int
    purpose: str
    basis: tuple[str, ...]
    kind: str
    tone: str


@router.get(PATH)
def show(
    request: Request,
    person: str = "",
    document: str = "",
    first: str = "",
    last: str = "",
    purpose: str = "",
    view: str = "",
    before: int | None = None,
) -> Response:
    """One page of the log, narrowed to what was asked for."""
    session, services = session_of(request), services_of(request)
    say = translator(request, session.lang)
    kinds = overseeing.WITHOUT if view == "without" else frozenset({view} if view in VIEWS[2:] else ())
    wanted = Wanted(person.strip(), document.strip(), first, last, purpose, kinds)
    try:
        found = overseeing.page(services.desk, session.actor, wanted, before)
    except NotAllowed as refusal:
        raise NotFound("access_log") from refusal  # for anybody else there is no such page
    said = {"person": person, "document": document, "first": first, "last": last}
    said |= {"purpose": purpose, "view": view}
    kept = {name: text for name, text in said.items() if text}
    return page(
        request,
        "access/log.html",
        title=say("access.title"),
        crumbs=((say("shell.home"), "/"), (say("access.title"), None)),
        rows=[_row(services, line, session.lang, say) for line in found.lines],
        said=said,
        views=[(one, _address(kept | {"view": one}), say(f"access.view.{one or 'all'}")) for one in VIEWS],
        purposes=[(name, _word("access.purpose", name, say)) for name in PURPOSES],
        following=_address(kept | {"before": str(found.before)}) if found.before else "",
        newest=_address(kept) if before else "",
    )


def _address(said: Mapping[str, str]) -> str:
    query = urlencode({name: text for name, text in said.items() if text})
    return f"{PATH}?{query}" if query else PATH


def _row(services: Services, line: Line, lang: str, say: Say) -> Row:
    access = line.access
    parts = [one for one in access.what if not is_document_id(one)]
    form = services.desk.registry.by_digest(line.digest) if line.digest else None
    what = tuple(dict.fromkeys(_part(form, one, lang, say) for one in parts))
    return Row(
        at=access.at,
        name=line.name,
        staff_no=line.staff_no,
        role=labels.role_title(access.role, say) if access.role else "",
        docs=line.docs[:MOST_SHOWN],
        more=max(len(line.docs) - MOST_SHOWN, 0),
        what=what[:MOST_SHOWN],
        unsaid=max(len(what) - MOST_SHOWN, 0),
        purpose=_word("access.purpose", access.purpose, say),
        basis=tuple(_basis(services, one, say) for one in access.basis.split()),
        kind=say(f"access.kind.{line.kind}"),
        tone=TONES[line.kind],
    )


def _part(form: CompiledForm | None, part: str, lang: str, say: Say) -> str:
    """What was read: a class, a field by its label, a file, a copy; what has no word stands as it is."""
    if part.startswith(DERIVED_PREFIX):
        part = "/" + part.removeprefix(DERIVED_PREFIX)
    if part.startswith("/") and form is not None:
        return model_of(form).label(part, lang) or part
    name, _, rest = part.partition(":")
    if not rest or name == PRINT:
        return _word("access.what", name, say)
    return f"{_word('access.what', name, say)} {rest[:SHOWN_OF_DIGEST]}"


def _basis(services: Services, basis: str, say: Say) -> str:
    """What it rested on; a document is said by its official number, a step's name or a draft's is not."""
    kind, _, ref = basis.partition(":")
    word = _word("access.basis", kind, say)
    row = services.desk.store.by_doc_id(ref) if ref.startswith("LTCI-") else None
    if row is not None:
        return f"{word} {row['doc_no']}"
    return f"{word} {ref}" if ref.startswith("LTCI-") or ref.isdigit() else word


def _word(area: str, name: str, say: Say) -> str:
    try:
        return say(f"{area}.{name}")
    except KeyError:
        return name
