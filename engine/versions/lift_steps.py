"""What each step of a lift does to answers that are being read as another version.

Decides by three promises: a step never throws, never writes over a value, and never lets one vanish: what
leaves the answers stands among the unknown (kept) or the dropped.
Never computes from a place that is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from engine.registry.expressions import Expression, Failure
from engine.registry.patterns import matches
from engine.versions.lift_places import (
    closed,
    filled,
    found,
    get,
    is_inside,
    is_named,
    pointer_of,
    put,
    without,
)
from engine.versions.lift_terms import (
    ABSENT,
    ALWAYS,
    DROP,
    STAR,
    UNKNOWN,
    Dropped,
    Entry,
    Lifted,
    Path,
    Reason,
    Step,
    Unknown,
)
from engine.versions.lift_values import READS_UNKNOWN, evaluate, is_key, is_plain


@dataclass(frozen=True, slots=True)
class Mark:
    """A place that is unknown, with what the older document says there."""

    path: Path
    reason: Reason
    kept: Any


@dataclass(slots=True)
class Work:
    """Answers between two versions. The values inside are never changed, only replaced."""

    answers: Any
    marks: list[Mark] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    before: Any = None
    marked_before: tuple[Mark, ...] = ()
    touched: list[Path] = field(default_factory=list)

    def take_step(self, step: Step) -> None:
        """Do one step. Conditions and expressions see the answers as they stood before it."""
        self.before, self.marked_before, self.touched = self.answers, tuple(self.marks), []
        _DO[step.op](self, step)
        self.answers, paths = closed(self.answers, self.touched, [mark.path for mark in self.marks])
        self.marks = [
            Mark(path, mark.reason, mark.kept) for path, mark in zip(paths, self.marks, strict=True)
        ]

    def result(self) -> Lifted:
        """What was made of the answers."""
        return Lifted(
            self.answers,
            tuple(Unknown(pointer_of(one.path), one.reason, one.kept) for one in self.marks),
            tuple(self.dropped),
        )

    def places(self, step: Step, pattern: Path) -> Iterator[Path]:
        """The places of a pattern that hold a value or are marked, where the step's condition holds."""
        values = list(found(self.before, pattern))
        marked = [mark.path[: len(pattern)] for mark in self.marked_before if is_named(mark.path, pattern)]
        for place in dict.fromkeys([*values, *marked]):
            if self.fits(step, place):
                yield place

    def fits(self, step: Step, place: Path) -> bool:
        """Whether the step's pattern and condition hold for the value at a place."""
        if step.matches is not None:
            value = get(self.before, place)
            if not isinstance(value, str) or not matches(step.matches, value):
                return False
        return step.when is None or self.evaluate(step.when, place) is True

    def evaluate(self, expression: Expression, place: Path) -> Any | Failure:
        """The value of an expression at a place, as the answers stood before the step."""
        return evaluate(expression, self.before, place, [mark.path for mark in self.marked_before])

    def move(self, place: Path, target: Path) -> bool:
        """Move a value with the marks below it; False (nothing done) when the target is not free."""
        value = get(self.answers, place)
        if value is ABSENT:
            self.move_marks(place, target)
            return True
        rest = without(self.answers, place)
        standing = get(rest, target)
        if standing is not ABSENT and not (is_inside(place, target) and standing in ({}, [])):
            return False
        moved = put(rest, target, value)
        if moved is ABSENT:
            return False
        self.answers = moved
        self.touched += [place, target]
        inside = [mark for mark in self.marks if is_inside(mark.path, place)]
        self.marks = [mark for mark in self.marks if not is_inside(mark.path, place)]
        self.release(target)
        self.marks += inside
        self.move_marks(place, target)
        return True

    def move_marks(self, place: Path, target: Path) -> None:
        """Marks at or below a place follow it."""
        self.marks = [
            Mark((*target, *mark.path[len(place) :]), mark.reason, mark.kept)
            if is_inside(mark.path, place)
            else mark
            for mark in self.marks
        ]

    def take(self, place: Path) -> Any:
        """The value at a place, taken out; ABSENT when there is none."""
        value = get(self.answers, place)
        if value is not ABSENT:
            self.answers = without(self.answers, place)
            self.touched.append(place)
        return value

    def set(self, place: Path, value: Any) -> bool:
        """Put a value at a place, in place of what is there; False when something stands in the way."""
        changed = put(self.answers, place, value)
        if changed is ABSENT:
            return False
        self.answers = changed
        self.touched.append(place)
        self.release(place)
        return True

    def release(self, place: Path) -> None:
        """A place has a value now: its marks go, and what they kept is among the dropped."""
        self.drop_marks(place, Reason("replaced"))

    def drop_marks(self, place: Path, reason: Reason) -> None:
        """Take the marks at and below a place away; what they kept is dropped with a reason."""
        for mark in self.marks:
            if is_inside(mark.path, place) and mark.kept is not None:
                self.dropped.append(Dropped(pointer_of(mark.path), reason, mark.kept))
        self.marks = [mark for mark in self.marks if not is_inside(mark.path, place)]

    def mark(self, place: Path, reason: Reason, kept: Any = None) -> None:
        """Mark a place unknown. An item of a list cannot be left open, so its list is marked."""
        while place and isinstance(place[-1], int):
            place = place[:-1]
        self.marks.append(Mark(place, reason, None if kept is ABSENT else kept))

    def leave_out(self, place: Path, reason: Reason) -> None:
        """Take a value out and list it; an empty list or object is nothing to list."""
        value = self.take(place)
        if value is not ABSENT and value not in ({}, []):
            self.dropped.append(Dropped(pointer_of(place), reason, value))
        self.drop_marks(place, reason)

    def not_in_table(self, step: Step, place: Path, targets: Iterable[Path]) -> None:
        """What becomes of a value that the step's table has no entry for."""
        reason = step.reason("not_in_table")
        if step.otherwise == DROP:
            self.leave_out(place, reason)
        elif step.otherwise == UNKNOWN:
            kept = self.take(place)
            for target in targets:
                self.mark(target, reason, kept)


def _move(work: Work, step: Step) -> None:
    for place in work.places(step, step.source or ()):
        work.move(place, filled(step.target or (), place, step.source or ()))


def _wrap(work: Work, step: Step) -> None:
    for place in work.places(step, step.source or ()):
        work.move(place, (*filled(step.target or (), place, step.source or ()), 0))


def _split(work: Work, step: Step) -> None:
    for place in work.places(step, step.source or ()):
        value = get(work.answers, place)
        targets = [(filled(into, place, step.source or ()), column) for into, column in step.into]
        if value is ABSENT:
            kept = [mark for mark in work.marks if is_inside(mark.path, place)]
            work.marks = [mark for mark in work.marks if not is_inside(mark.path, place)]
            for one in kept:
                for target, _ in targets:
                    work.mark(target, one.reason, one.kept)
            continue
        row = _row(step, work, place, value)
        if not isinstance(row, Mapping):
            work.not_in_table(step, place, [target for target, _ in targets])
            continue
        rest = without(work.answers, place)
        if any(get(rest, target) is not ABSENT for target, _ in targets):
            continue
        work.take(place)
        for target, column in targets:
            if column not in row or not work.set(target, row[column]):
                work.mark(target, step.reason("not_in_table"), value)


def _map(work: Work, step: Step) -> None:
    for place in work.places(step, step.source or ()):
        value = get(work.answers, place)
        if value is ABSENT:
            continue
        row = _row(step, work, place, value)
        if row is ABSENT:
            work.not_in_table(step, place, [place])
        else:
            work.set(place, row)


def _key(work: Work, step: Step) -> None:
    for place in work.places(step, step.source or ()):
        value = get(work.answers, place)
        if value is ABSENT:
            continue
        names: Any = step.names
        if step.names_at is not None:
            names = get(work.before, filled(step.names_at, place, step.source or ()))
        if isinstance(value, list) and _are_names(names) and len(names) == len(value):
            work.set(place, dict(zip(names, value, strict=True)))
        else:
            work.mark(place, step.reason("not_a_list_of_values"), work.take(place))


def _drop(work: Work, step: Step) -> None:
    for place in work.places(step, step.source or ()):
        work.leave_out(place, step.reason("declared"))


def _unknown(work: Work, step: Step) -> None:
    reason, target = step.reason("declared"), step.target or ()
    if step.source is None:
        for parent in found(work.before, target[:-1]):
            place = (*parent, target[-1])
            is_open = get(work.before, place) is ABSENT and not any(
                is_inside(mark.path, place) for mark in work.marks
            )
            if isinstance(get(work.before, parent), dict) and is_open and work.fits(step, place):
                work.mark(place, reason)
        return
    for place in work.places(step, step.source):
        kept = work.take(place)
        at = filled(target, place, step.source)
        if kept is ABSENT:
            work.move_marks(place, at)
        elif get(work.answers, at) is ABSENT:
            work.mark(at, reason, kept)
        else:
            work.dropped.append(Dropped(pointer_of(place), reason, kept))


def _cel(work: Work, step: Step) -> None:
    target = step.target or ()
    items = target[-1] == STAR
    parents = list(found(work.before, target if items else target[:-1]))
    for parent in parents:
        place = parent if items else (*parent, target[-1])
        if step.value is None or not work.fits(step, place):
            continue
        value = work.evaluate(step.value, place)
        if value is None:
            continue
        if isinstance(value, Failure) or not is_plain(value):
            code = "reads_unknown" if value is READS_UNKNOWN else "not_computed"
            work.mark(place, step.reason(code), work.take(place))
        else:
            work.set(place, value)


_DO: Final[Mapping[str, Callable[[Work, Step], None]]] = {
    "move": _move,
    "rename": _move,
    "wrap": _wrap,
    "split": _split,
    "map": _map,
    "key": _key,
    "drop": _drop,
    "unknown": _unknown,
    "cel": _cel,
}
OPS: Final = frozenset(_DO)


def _row(step: Step, work: Work, place: Path, value: Any) -> Any:
    """What the table says of a value on the day at `on` (any day without one); ABSENT for nothing."""
    day = None if step.on is None else get(work.before, filled(step.on, place, step.source or ()))
    for entry in step.table:
        if _is_code(entry, value) and (step.on is None or _is_valid(entry, day)):
            return entry.to
    return ABSENT


def _is_code(entry: Entry, value: Any) -> bool:
    return type(entry.code) is type(value) and bool(entry.code == value)


def _is_valid(entry: Entry, day: Any) -> bool:
    """Whether an entry holds on a day or moment; one without dates always does."""
    if (entry.valid_from, entry.valid_to) == ALWAYS:
        return True
    return isinstance(day, str) and entry.valid_from <= day[:10] <= entry.valid_to


def _are_names(names: Any) -> bool:
    return (
        isinstance(names, (list, tuple))
        and all(is_key(name) for name in names)
        and len(set(names)) == len(names)
    )
