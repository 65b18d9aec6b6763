"""Narrowing a list: the choices above it, each a link whose address says what is shown.

Decides which choices a list offers (states, the first facet of its forms that is a choice, missed limits) and
how they are written in an address. An address with an unknown choice shows the whole list. Never decides who
may see a document, never holds anything personal.
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

    state: str = ""
    kind: str = ""
    mark: str = ""

    def address(self, path: str, after: str = "", trail: Iterable[str] = ()) -> str:
        """The address of the list with these choices, from a cursor on."""
        pairs = [("state", self.state), ("kind", self.kind), ("mark", self.mark), ("after", after)]
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

    @property
    def is_used(self) -> bool:
        """Whether something else than "all" is chosen."""
        return not self.links[0].is_chosen


def narrow_of(wish: Wish, forms: Iterable[CompiledForm]) -> Narrow:
    """The wish as the desk takes it."""
    form, _, value = wish.kind.partition(":")
    pointer = next((kind_facet(one) for one in forms if one.bundle.form == form), "")
    facets = ((pointer, value),) if pointer and value else ()
    return Narrow(
        form=form if facets else "",
        state=wish.state,
        facets=facets,
        late=wish.mark == "late",
        overdue=wish.mark == "overdue",
    )


def kind_facet(form: CompiledForm) -> str:
    """The first facet of a form that is one of a few choices, "" when it has none."""
    found = (form.fields[pointer] for pointer in form.facets if pointer in form.fields)
    return next((info.pattern for info in found if info.enum and not info.is_array), "")


def filters_of(
    path: str, view: View, forms: tuple[CompiledForm, ...], wish: Wish, lang: str, say: Say
) -> tuple[Filter, ...]:
    """The lines of choices above a list; a line without a choice is left out."""
    states = {
        name: labels.state_tag(form, name, lang).word
        for form in forms
        for name in form.workflow.states
        if name != form.workflow.initial
    }
    kinds = {
        f"{form.bundle.form}:{value}": chinese if lang == "zh-CN" else english
        for form in forms
        if (pointer := kind_facet(form))
        for value, (chinese, english) in form.fields[pointer].enum.items()
    }
    lines = (
        ("state", say("list.state"), states if not view.view.states else {}),
        ("kind", say("list.kind"), kinds),
        ("mark", say("list.deadline"), {mark: say(f"list.only.{mark}") for mark in MARKS}),
    )
    return tuple(_line(path, name, label, choices, wish, say) for name, label, choices in lines if choices)


def _line(path: str, name: str, label: str, choices: dict[str, str], wish: Wish, say: Say) -> Filter:
    chosen = getattr(wish, name)
    every = {"": say("list.all"), **choices}
    known = chosen if chosen in every else ""
    links = (
        Link(word, replace(wish, **{name: value}).address(path), value == known)
        for value, word in every.items()
    )
    return Filter(label, tuple(links))
