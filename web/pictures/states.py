"""The state picture of a document: its form's states as boxes, what happened solid, what may come next
outlined.

Decides where boxes and lines lie, for any workflow: columns by the longest way from the first state (ways
back do not count), the longest way in the top row. Says nothing the timeline beside it does not say in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

BOX_WIDTH, BOX_HEIGHT, GAP_X, GAP_Y, MARGIN = 128, 60, 40, 16, 8
LANE = 14
SKY = 26  # room above the boxes for ways that pass over one
TITLE_UNITS, NOTE_UNITS = 17, 23  # what fits across a box, in half-width characters of title and note
TITLE_STEP, NOTE_STEP = 16, 13


@dataclass(frozen=True, slots=True)
class Way:
    """One way from a state to another: a transition, and in words who may take it."""

    source: str
    target: str
    title: str
    who: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """One line of words inside a box; `x` is its middle, `y` its base line."""

    words: str
    is_note: bool
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Box:
    """A state. `tone` is here, been, next or pale; `note` says who brings the document there."""

    state: str
    title: str
    note: str
    tone: str
    x: int
    y: int
    lines: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A way as an SVG path. `tone` is been, next or pale."""

    path: str
    tone: str


@dataclass(frozen=True, slots=True)
class Picture:
    """What the template draws; sizes in SVG user units."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    box_width: int = BOX_WIDTH
    box_height: int = BOX_HEIGHT


def draw_states(
    titles: Mapping[str, str],
    ways: Sequence[Way],
    initial: str,
    current: str,
    travelled: Iterable[tuple[str, str]],
    following: Iterable[Way] = (),
) -> Picture:
    """The picture of `current` with the ways already gone and those that may follow."""
    been, ahead = set(travelled), {way.target: way for way in following}
    edges = list(dict.fromkeys((way.source, way.target) for way in ways if way.source != way.target))
    columns = _columns(titles, edges, initial)
    rows = _rows(titles, edges, columns, initial)
    places = {
        state: (
            MARGIN + columns[state] * (BOX_WIDTH + GAP_X),
            MARGIN + SKY + rows[state] * (BOX_HEIGHT + GAP_Y),
        )
        for state in titles
    }
    visited = {state for edge in been for state in edge}
    boxes = tuple(
        _box(
            state,
            title,
            _note(ahead.get(state) if state != current else None),
            _box_tone(state, current, visited, ahead),
            places[state],
        )
        for state, title in titles.items()
    )
    following_edges = {(current, target) for target in ahead}
    depth = max(rows.values(), default=0)
    lines = sorted(
        (
            Line(_path(edge, places, columns, depth), _line_tone(edge, been, following_edges))
            for edge in edges
        ),
        key=lambda line: ("pale", "next", "been").index(line.tone),
    )
    width = 2 * MARGIN + (max(columns.values(), default=0) + 1) * (BOX_WIDTH + GAP_X) - GAP_X
    height = 2 * MARGIN + SKY + (depth + 1) * (BOX_HEIGHT + GAP_Y) + LANE
    return Picture(width, height, boxes, tuple(lines))


def _note(way: Way | None) -> str:
    return "" if way is None else f"{way.title} · {way.who}" if way.who else way.title


def _box(state: str, title: str, note: str, tone: str, place: tuple[int, int]) -> Box:
    x, y = place
    words = [(line, False) for line in _wrapped(title, TITLE_UNITS)]
    words += [(line, True) for line in _wrapped(note, NOTE_UNITS)] if note else []
    height = sum(NOTE_STEP if is_note else TITLE_STEP for _, is_note in words)
    at = y + (BOX_HEIGHT - height) // 2
    lines = []
    for text, is_note in words:
        at += NOTE_STEP if is_note else TITLE_STEP
        lines.append(Text(text, is_note, x + BOX_WIDTH // 2, at - 3))
    return Box(state, title, note, tone, x, y, tuple(lines))


def _wrapped(text: str, units: int) -> list[str]:
    """The text on at most two lines; what does not fit ends in an ellipsis."""
    lines: list[str] = []
    rest = text
    while rest and len(lines) < 2:
        cut = _fitting(rest, units)
        space = rest.rfind(" ", 0, cut + 1)
        if cut < len(rest) and space > 0:
            cut = space
        lines.append(rest[:cut].strip())
        rest = rest[cut:].strip()
    if rest:
        lines[-1] = lines[-1][: _fitting(lines[-1], units - 2)] + "…"
    return lines


def _fitting(text: str, units: int) -> int:
    """How many characters fit: a Chinese one takes two units, others one."""
    taken = 0
    for place, char in enumerate(text):
        taken += 2 if ord(char) > 0x2E7F else 1
        if taken > units:
            return place
    return len(text)


def _box_tone(state: str, current: str, visited: set[str], ahead: Mapping[str, Way]) -> str:
    if state == current:
        return "here"
    if state in ahead:
        return "next"
    return "been" if state in visited else "pale"


def _line_tone(edge: tuple[str, str], been: set[tuple[str, str]], ahead: set[tuple[str, str]]) -> str:
    if edge in ahead:
        return "next"
    return "been" if edge in been else "pale"


def _columns(states: Iterable[str], edges: Sequence[tuple[str, str]], initial: str) -> dict[str, int]:
    """Column of each state: length of the longest way from the first one, ways back left out."""
    after: dict[str, list[str]] = {state: [] for state in states}
    for source, target in edges:
        after[source].append(target)
    order: list[str] = []
    colour: dict[str, str] = {}
    forward: set[tuple[str, str]] = set()

    def visit(state: str) -> None:
        colour[state] = "open"
        for target in after[state]:
            if colour.get(target) == "open":
                continue
            forward.add((state, target))
            if target not in colour:
                visit(target)
        colour[state] = "done"
        order.append(state)

    for state in (initial, *after):
        if state in after and state not in colour:
            visit(state)
    columns = dict.fromkeys(after, 0)
    for state in reversed(order):
        for target in after[state]:
            if (state, target) in forward:
                columns[target] = max(columns[target], columns[state] + 1)
    return columns


def _rows(
    states: Iterable[str], edges: Sequence[tuple[str, str]], columns: Mapping[str, int], initial: str
) -> dict[str, int]:
    """Row of each state: the longest way on top, the others below it in the file's order."""
    names = list(states)
    top = {initial}
    here = max(names, key=lambda state: columns[state], default=initial)
    while here not in top:
        top.add(here)
        before = [s for s, t in edges if t == here and columns[s] == columns[here] - 1]
        here = min(before, key=names.index) if before else initial
    taken: dict[int, int] = {columns[state]: 1 for state in top}
    rows = {}
    for state in names:
        if state in top:
            rows[state] = 0
            continue
        rows[state] = taken.get(columns[state], 0)
        taken[columns[state]] = rows[state] + 1
    return rows


def _path(
    edge: tuple[str, str], places: Mapping[str, tuple[int, int]], columns: Mapping[str, int], depth: int
) -> str:
    """A curve from the right side of one box to the left of the next; ways back run below all boxes.

    A way along the top row that leaves a box out runs above it, so that it is not taken for passing through.
    """
    (x1, y1), (x2, y2) = places[edge[0]], places[edge[1]]
    if columns[edge[1]] > columns[edge[0]] + 1 and y1 == y2 == MARGIN + SKY:
        over, start_x, end_x = y1 - SKY, x1 + 3 * BOX_WIDTH // 4, x2 + BOX_WIDTH // 4
        return f"M{start_x} {y1}C{start_x} {over} {end_x} {over} {end_x} {y2 - 4}"
    if columns[edge[1]] > columns[edge[0]]:
        start, end = (x1 + BOX_WIDTH, y1 + BOX_HEIGHT // 2), (x2 - 4, y2 + BOX_HEIGHT // 2)
        bend = max((end[0] - start[0]) // 2, 14)
        return (
            f"M{start[0]} {start[1]}C{start[0] + bend} {start[1]} {end[0] - bend} {end[1]} {end[0]} {end[1]}"
        )
    floor = MARGIN + SKY + (depth + 1) * (BOX_HEIGHT + GAP_Y) - GAP_Y + LANE
    from_x, to_x = x1 + BOX_WIDTH // 3, x2 + 2 * BOX_WIDTH // 3
    from_y, to_y = y1 + BOX_HEIGHT, y2 + BOX_HEIGHT + 4
    return f"M{from_x} {from_y}C{from_x} {floor} {to_x} {floor} {to_x} {to_y}"
