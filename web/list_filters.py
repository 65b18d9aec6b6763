"""Narrowing a list: the choices above it, each a link whose address says what is shown.

Decides which choices a list offers (forms; states and the first facet that is a choice, as soon as one form
is meant; missed limits) and how they are written in an address. An address with an unknown choice shows the
whole list. Never decides who may see a document, never holds anything personal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from engine.desk.listing import Narrow, View
from engine.registry.compiled import CompiledForm
from web import labels
from web.labels import Say

MARKS = ("overdue", "late")
LONGEST_TRAIL = 40


@dataclass(frozen=True, slots=True)
class Wish:
    """What stands in the address: `kind` is `form:value` of the facet, `mark` overdue or late."""

    form: str = ""
    state: str = ""
    kind: str = ""
    mark: str = ""

    def address(self, path: str, after: str = "", trail: Iterable[str] = ()) -> str:
        """The address of the list with these choices, from a cursor on."""
        pairs = [("form", self.form), ("state", self.state), ("kind", self.kind)]
        pairs += [("mark", self.mark), ("after", after)]
        pairs += [("trail", one) for one in trail]
        query = urlencode([(name, value) for name, value in pairs if value])
        return f"{path}?{query}" if query else path


@dataclass(frozen=True, slots=True)
class Link:
    """One choice."""

    label: str
    href: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """A line of choices that exclude each other."""

    label: str
    links: tuple[Link, ...]


def narrow_of(wish: Wish, forms: Iterable[CompiledForm]) -> Narrow:
    """The wish as the desk takes it. A kind names its form; a form not in this list is not asked for."""
    of_kind, _, value = wish.kind.partition(":")
    form = next((one for one in forms if one.bundle.form == (of_kind or wish.form)), None)
    pointer = labels.kind_facet(form) if form is not None else ""
    facets = ((pointer, value),) if pointer and value else ()
    return Narrow(
        form=form.bundle.form if form is not None and (facets or wish.form) else "",
        state=wish.state,
        facets=facets,
        late=wish.mark == "late",
        overdue=wish.mark == "overdue",
    )


def filters_of(
    path: str, view: View, forms: tuple[CompiledForm, ...], wish: Wish, lang: str, say: Say
) -> tuple[Filter, ...]:
    """The lines of choices above a list; a line without a choice is left out.

    States and kinds are those of one form: in a list of several they are offered once a form is chosen, since
    side by side nobody could tell whose they are.
    """
    named = wish.kind.partition(":")[0] or wish.form
    meant = forms if len(forms) == 1 else tuple(one for one in forms if one.bundle.form == named)
    states = {
        name: labels.state_tag(form, name, lang).word
        for form in meant
        for name in form.workflow.states
        if name != form.workflow.initial
    }
    kinds = {
        f"{form.bundle.form}:{value}": chinese if lang == "zh-CN" else english
        for form in meant
        if (pointer := labels.kind_facet(form))
        for value, (chinese, english) in form.fields[pointer].enum.items()
    }
    titles = {one.bundle.form: labels.form_title(one, lang) for one in forms}
    lines = (
        ("form", say("list.form"), titles if len(forms) > 1 else {}),
        ("state", say("list.state"), states if not view.view.states else {}),
        ("kind", say("list.kind"), kinds),
        ("mark", say("list.deadline"), {mark: say(f"list.only.{mark}") for mark in MARKS}),
    )
    at = replace(wish, form=named)
    return tuple(_line(path, name, label, choices, at, say) for name, label, choices in lines if choices)


def _line(path: str, name: str, label: str, choices: dict[str, str], wish: Wish, say: Say) -> Filter:
    chosen = getattr(wish, name)
    every = {"": say("list.all"), **choices}
    known = chosen if chosen in every else ""
    links = (
        Link(word, _with(wish, name, value).address(path), value == known)
        for value, word in every.items()
    )
    return Filter(label, tuple(links))


def _with(wish: Wish, name: str, value: str) -> Wish:
    """The wish with one choice changed; another form has other states and kinds."""
    if name == "form" and value != wish.form:
        return Wish(form=value, mark=wish.mark)
    return replace(wish, **{name: value})
