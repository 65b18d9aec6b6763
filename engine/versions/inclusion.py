"""Is there a value that one schema accepts and another does not? Found, disproved, or left open.

Decides by a search that branches only where it must: the plain assertions are solved first, and of the rest
only those are split that the value found does not satisfy. A question met again inside itself has no smaller
answer there, so it counts as disproved on that path (least fixed point). Never fetches, never reads a clock.

The ideas: Attouche, Baazizi, Colazzo, Ghelli, Sartiani, Scherzinger, "Witness Generation for JSON Schema"
(VLDB 2022); Habib, Shinnar, Hirzel, Pradel, "Finding Data Compatibility Bugs with JSON Subschema Checking"
(ISSTA 2021).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from engine.versions.inclusion_arrays import ListSearch
from engine.versions.inclusion_atoms import TYPES, Atom, Home, Literal
from engine.versions.inclusion_cases import options_of, spelled_out
from engine.versions.inclusion_objects import Members, ObjectSearch, sort_members
from engine.versions.inclusion_shapes import number_answer, text_answer
from engine.versions.inclusion_truth import Undecided, holds, thawed, type_of
from engine.versions.inclusion_work import NOTHING, Answer, Found, Nothing, Open, Work

DEEPEST: Final = 40
MOST_COMPARED: Final = 40
Goal = frozenset[Literal]
_SPEAKS: Final = {
    **dict.fromkeys(("MIN", "MAX", "MULT"), "number"),
    **dict.fromkeys(("MINLEN", "MAXLEN", "PATTERN", "FORMAT"), "string"),
    **dict.fromkeys(("MINITEMS", "MAXITEMS", "UNIQUE", "PREFIX", "ITEMS", "CONTAINS"), "array"),
    **dict.fromkeys(("MINPROPS", "MAXPROPS", "HAS", "PROP", "PATPROP", "ADDL", "NAMES"), "object"),
}


class Branch:
    """One alternative: its plain literals, those still to be split, and its values where listed."""

    __slots__ = ("finite", "known", "of", "on", "open", "plain", "search")

    def __init__(self, search: Search, of: str) -> None:
        self.search, self.of = search, of
        self.known: set[Literal] = set()
        self.plain: list[Literal] = []
        self.open: list[Literal] = []
        self.finite: frozenset[str] | None = None
        self.on: Members | None = None

    def copy(self, without: Literal) -> Branch:
        """The same, to be narrowed in another way."""
        self.search.work.step(1 + len(self.known) // 8)
        out = Branch(self.search, self.of)
        out.known, out.plain, out.finite = set(self.known), list(self.plain), self.finite
        out.open = [one for one in self.open if one != without]
        return out

    def denies(self, literals: Iterable[Literal]) -> bool:
        """True when the opposite of one of them is held already."""
        return any(Literal(not one.holds, one.atom) in self.known for one in literals)

    def take(self, literals: Iterable[Literal]) -> bool:
        """Narrow by literals; False when that contradicts what is held already."""
        waiting = list(literals)
        while waiting:
            literal = waiting.pop()
            if literal in self.known:
                continue
            self.search.work.step()
            if Literal(not literal.holds, literal.atom) in self.known:
                return False
            self.known.add(literal)
            more = self._sorted(literal)
            if more is None:
                return False
            waiting += more
        return self.finite is None or bool(self.finite)

    def _sorted(self, literal: Literal) -> list[Literal] | None:
        """Put a literal in its place; what it comes down to at once, or None when it cannot hold."""
        positive, (kind, args) = literal
        speaks = _SPEAKS.get(kind)
        if speaks is not None and speaks != self.of:
            return [] if positive else None
        if kind == "TYPE":
            return self._typed(positive, args)
        if kind == "FALSE":
            return None if positive else []
        if kind == "IN":
            return self._listed(literal, args[0])
        options = options_of(literal, self.of)
        if options is None:
            self.plain.append(literal)
            return []
        if len(options) == 1:
            return options[0]
        if not options:
            return None
        self.open.append(literal)
        return []

    def _typed(self, positive: bool, named: tuple[str, ...]) -> list[Literal] | None:
        if self.of in named:
            return [] if positive else None
        if self.of == "number" and "integer" in named:
            return [Literal(positive, Atom("MULT", (1,)))]
        return None if positive else []

    def _listed(self, literal: Literal, values: frozenset[str]) -> list[Literal] | None:
        if literal.holds:
            fitting = frozenset(text for text in values if _type_in_text(text) == self.of)
            self.finite = fitting if self.finite is None else self.finite & fitting
            return []
        same_type = [text for text in sorted(values) if _type_in_text(text) == self.of]
        if self.of in ("object", "array"):
            made = (self.search.home.made(spelled_out(thawed(text))) for text in same_type)
            return [schema.literal(False) for schema in made]
        if same_type:
            self.plain.append(literal)
        return []


def _type_in_text(text: str) -> str:
    first = text[0]
    if first in "{[":
        return "object" if first == "{" else "array"
    if first == '"':
        return "string"
    return {"n": "null", "t": "boolean", "f": "boolean"}.get(first, "number")


class Search:
    """One search, with what it has learned. `home` reads schemas that the search itself makes up."""

    def __init__(self, home: Home, work: Work) -> None:
        self.home, self.work = home, work
        self._learned: dict[Goal, Answer] = {}
        self._asking: dict[Goal, int] = {}
        self._lowest = 1 << 30

    def answer(self, goal: Goal) -> Answer:
        """A value that satisfies every literal of the goal, or Nothing, or Open. Raises GivingUp."""
        known = self._learned.get(goal)
        if known is not None:
            return known
        self.work.step()
        if goal in self._asking:
            self._lowest = min(self._lowest, self._asking[goal])
            return NOTHING
        depth = len(self._asking)
        if depth > DEEPEST:
            return Open("recursive")
        outside, self._lowest = self._lowest, 1 << 30
        self._asking[goal] = depth
        try:
            found = self._of_any_type(goal)
        finally:
            del self._asking[goal]
        leans_outward = self._lowest < depth
        self._lowest = min(outside, self._lowest) if leans_outward else outside
        if not (leans_outward and isinstance(found, Nothing)):
            self._learned[goal] = found
        return found

    def _of_any_type(self, goal: Goal) -> Answer:
        reason = ""
        for of in TYPES:
            try:
                found = self._of_type(goal, of)
            except Undecided as undecided:
                found = Open(undecided.reason)
            if isinstance(found, Found):
                return found
            if isinstance(found, Open):
                reason = reason or found.reason
        return Open(reason) if reason else NOTHING

    def _of_type(self, goal: Goal, of: str) -> Answer:
        branch = Branch(self, of)
        if not branch.take(goal):
            return NOTHING
        if of in ("null", "boolean"):
            every = frozenset({"null"} if of == "null" else {"false", "true"})
            allowed = every if branch.finite is None else every & branch.finite
            return self._listed(branch, map(thawed, sorted(allowed)))
        return self._narrowed(branch)

    def _listed(self, branch: Branch, values: Iterable[Any]) -> Answer:
        reason = ""
        for value in values:
            try:
                if self._fits(branch, value, (*branch.plain, *branch.open)):
                    return Found(value)
            except Undecided as undecided:
                reason = undecided.reason
        return Open(reason) if reason else NOTHING

    def _fits(self, branch: Branch, value: Any, literals: Iterable[Literal]) -> bool:
        return type_of(value) == branch.of and all(holds(one, value, self.work) for one in literals)

    def _narrowed(self, branch: Branch) -> Answer:
        """A value for one alternative, splitting only what the value at hand does not satisfy."""
        self.work.step(1 + len(branch.plain) // 8)
        if branch.finite is not None:
            return self._listed(branch, map(thawed, sorted(branch.finite)))
        found = self._plainly(branch)
        if isinstance(found, Nothing):
            return found
        missed = branch.open
        if isinstance(found, Found):
            missed = [one for one in branch.open if not holds(one, found.value, self.work)]
            if not missed:
                fits = self._fits(branch, found.value, branch.plain)
                return found if fits else Open("unconfirmed")
        elif not missed:
            return found
        return self._split(branch, missed)

    def _split(self, branch: Branch, missed: list[Literal]) -> Answer:
        """Try the alternatives of one literal: what is denied as a whole, else the one with fewest left."""
        denied = [one for one in missed if not one.holds and one.atom.kind == "SCHEMA"]
        if len(denied) == 1:
            # That is the question itself; everything else only gets in its way.
            return self._tried(self._alternatives(branch, denied[0]))
        best: list[Branch] | None = None
        for literal in missed[:MOST_COMPARED]:
            left = list(self._alternatives(branch, literal))
            best = left if best is None or len(left) < len(best) else best
            if len(left) <= 1:
                break
        return self._tried(best or ())

    def _alternatives(self, branch: Branch, literal: Literal) -> Iterator[Branch]:
        for option in options_of(literal, branch.of) or []:
            if not branch.denies(option) and not self._is_refuted(branch, option):
                narrower = branch.copy(literal)
                if narrower.take(option):
                    yield narrower

    def _tried(self, branches: Iterable[Branch]) -> Answer:
        reason = ""
        for one in branches:
            found = self._narrowed(one)
            if isinstance(found, Found):
                return found
            if isinstance(found, Open):
                reason = reason or found.reason
        return Open(reason) if reason else NOTHING

    def _is_refuted(self, branch: Branch, option: list[Literal]) -> bool:
        """True when one denied member contradicts what is already asked of that member alone."""
        if branch.of != "object" or len(option) != 1 or option[0].holds or option[0].atom.kind != "PROP":
            return False
        name, schema = option[0].atom.args
        if branch.on is None:
            branch.on = sort_members(branch.plain)
        goal = {*branch.on.on.get(name, ()), schema.literal(False)}
        goal |= {one.schema.literal() for one in branch.on.every if one.covers(name)}
        return isinstance(self.answer(frozenset(goal)), Nothing)

    def _plainly(self, branch: Branch) -> Answer:
        """A value for the plain literals alone."""
        if branch.of == "object":
            return ObjectSearch(branch.plain, self.answer, self.work).answer()
        if branch.of == "array":
            return ListSearch(branch.plain, self.answer, self.work).answer()

        def accepts(value: Any) -> bool:
            return type_of(value) == branch.of and all(holds(one, value, self.work) for one in branch.plain)

        if branch.of == "string":
            return text_answer(branch.plain, accepts, self.work)
        return number_answer(branch.plain, accepts, self.work)


def find_difference(accepted: Any, refused: Any, work: Work) -> Answer:
    """A value valid under schema `accepted` and not under `refused` (parsed JSON Schemas).

    Nothing is a proof that there is none. Raises GivingUp, whose reason is the code of an `unknown`.
    """
    one, other = Home(accepted, work), Home(refused, work)
    search = Search(one, work)
    goal = frozenset({one.schema(accepted).literal(), other.schema(refused).literal(False)})
    return search.answer(goal)
