"""From a form version (or any JSON Schema) to a `FormModel`.

Decides where each node stands: the layout's grid where there is one, else schema order in an even grid. A
node the layout forgot is put into a last row and named in `not_laid_out`; nothing is ever lost. Done once
per version; the caller keeps the result by digest. Never looks at answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from engine.errors import Invalid, Problem
from forms.conditions import needed_when, steering_fields
from forms.flatten import TooManySteps
from forms.model import Cell, FileList, FormModel, Node, Section, unescape
from forms.references import MOST_PARTS, References
from forms.schema import Reader

if TYPE_CHECKING:
    from engine.registry.compiled import CompiledForm

_FULL = 12
MOST_NODES = 6_000
# How deep, how often into itself, how many nodes: what is too rich for one is drawn shallower by the next.
_TRIES = ((12, 3, 1_500), (12, 1, MOST_NODES), (4, 1, MOST_NODES), (1, 1, MOST_NODES))
_WIDTHS = {
    "textarea": 12,
    "json": 12,
    "checks": 12,
    "checkbox": 6,
    "radio": 6,
    "date": 3,
    "number": 3,
    "money": 3,
    "month": 3,
}


def compile_form(form: CompiledForm) -> FormModel:
    """The model of one version of a form of the registry."""
    bundle = form.bundle
    return compile_schema(bundle.schema, bundle.layout, bundle.locale)


def compile_schema(
    schema: Mapping[str, Any] | bool,
    layout: Mapping[str, Any] | None = None,
    english: Mapping[str, Any] | None = None,
    resources: Mapping[str, Mapping[str, Any]] | None = None,
) -> FormModel:
    """The model of any JSON Schema; `layout` as in forms.md section 4, `english` labels by pointer.

    Raises Invalid: `schema.remote_reference` (nothing is ever fetched), `schema.too_large` (more than
    MOST_NODES fields even where lists and groups stay closed).
    """
    layout = layout or {}
    words = english or {}
    hints = {str(cell["p"]): cell for cell in _cells_of(layout)}
    reader, root = _read(schema, hints, words, resources or {})
    nodes = {node.pattern: node for node in root.walk()}
    steering = steering_fields(schema, reader, nodes)
    placer = _Placer(nodes, steering)
    sections = tuple(placer.section(part, words) for part in layout.get("sections", []))
    missed = tuple(_not_placed(root, placer.placed))
    sections = placer.complete(root, sections, missed)
    top = schema if isinstance(schema, Mapping) else {}
    return FormModel(
        root=root,
        sections=sections,
        nodes=nodes,
        cells=placer.cells,
        title=str(top.get("title", "")),
        title_en=root.title_en or str(words.get("#/title") or ""),
        steering=steering,
        needed_when=needed_when(schema, reader, nodes),
        print=layout.get("print", {}),
        print_words={
            key.removeprefix("#/print/"): str(text)
            for key, text in words.items()
            if key.startswith("#/print/")
        },
        guided=tuple(layout.get("guided", [])),
        not_laid_out=missed if layout else (),
        files=_file_list(top.get("x-files")),
        folds=any(node.more or node.widget == "either" for node in nodes.values()),
        rule_words={
            "en": {
                key.removeprefix("#/rules/"): str(text)
                for key, text in words.items()
                if key.startswith("#/rules/")
            }
        },
    )


def _read(
    schema: Any,
    hints: Mapping[str, Mapping[str, Any]],
    words: Mapping[str, Any],
    resources: Mapping[str, Mapping[str, Any]],
) -> tuple[Reader, Node]:
    """The tree of a schema, as deep as it can be drawn. Raises Invalid where it cannot."""
    references = References(schema, resources)
    if references.parts > MOST_PARTS:
        raise Invalid("schema", problems=[Problem("", "schema.too_large", {"limit": MOST_NODES})])
    if references.remote:
        raise Invalid(
            "schema", problems=[Problem(at, "schema.remote_reference") for at in references.remote[:20]]
        )
    for deepest, recursion, nodes in _TRIES:
        reader = Reader(
            schema, hints, words, references=references, deepest=deepest, recursion=recursion, nodes=nodes
        )
        try:
            return reader, reader.read()
        except TooManySteps:
            continue
    raise Invalid("schema", problems=[Problem("", "schema.too_large", {"limit": MOST_NODES})])


def _file_list(raw: Any) -> FileList | None:
    if not isinstance(raw, Mapping):
        return None
    known = {key: str(raw[key]) for key in ("list", "id", "digest", "kind", "pages") if key in raw}
    return FileList(**{"kind": "kind", "pages": "pages", **known})


def _cells_of(layout: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for section in layout.get("sections", []):
        for row in section.get("rows", []):
            for cell in row:
                yield cell
                for column in cell.get("columns", []):
                    if isinstance(column, Mapping):
                        pointer = str(column.get("p", ""))
                        yield {
                            **column,
                            "p": pointer if pointer.startswith("/") else f"{cell['p']}/*/{pointer}",
                        }


def _not_placed(node: Node, placed: set[str]) -> Iterator[str]:
    """The topmost nodes below which nothing is placed, and lone leaves beside placed ones."""
    if node.pattern in placed:
        return
    below = {other.pattern for other in node.walk()}
    if node.pattern and not below & placed:
        yield node.pattern
        return
    for _, member in node.members:
        yield from _not_placed(member, placed)


class _Placer:
    """Turns layout cells into `Cell`s and remembers which nodes have a place."""

    def __init__(self, nodes: Mapping[str, Node], steering: frozenset[str]) -> None:
        self._nodes = nodes
        self._steering = steering
        self.placed: set[str] = set()
        self.cells: dict[str, Cell] = {}

    def section(self, part: Mapping[str, Any], words: Mapping[str, Any]) -> Section:
        """One section of the layout."""
        pointer = str(part.get("pointer", ""))
        node = self._nodes.get(pointer)
        rows = tuple(
            tuple(cell for raw in row if (cell := self._cell(raw)) is not None)
            for row in part.get("rows", [])
        )
        title = str(part.get("title") or (node.title if node else ""))
        letter = str(part.get("letter", ""))
        shared = str(words.get(f"#/layout/{letter}") or "") if part.get("title") else ""
        title_en = str(part.get("title_en") or shared or (node.title_en if node else ""))
        return Section(
            pointer,
            letter,
            title,
            title_en,
            tuple(row for row in rows if row),
            node.help if node else "",
            node.help_en if node else "",
        )

    def _cell(self, raw: Mapping[str, Any]) -> Cell | None:
        node = self._nodes.get(str(raw["p"]))
        if node is None:
            return None
        columns = [
            str(c.get("p") if isinstance(c, Mapping) else c).rsplit("/", 1)[-1]
            for c in raw.get("columns", [])
        ]
        widths = {
            str(c["p"]).rsplit("/", 1)[-1]: int(c.get("w", 2))
            for c in raw.get("columns", [])
            if isinstance(c, Mapping)
        }
        lives = {
            str(c["p"]).rsplit("/", 1)[-1]
            for c in raw.get("columns", [])
            if isinstance(c, Mapping) and c.get("live")
        }
        return self.add(
            node,
            int(raw.get("w", 4)),
            live=bool(raw.get("live")),
            pin=bool(raw.get("pin")),
            office=bool(raw.get("office")),
            order=columns,
            widths=widths,
            lives=lives,
        )

    def add(
        self,
        node: Node,
        width: int,
        *,
        live: bool = False,
        pin: bool = False,
        office: bool = False,
        order: list[str] | None = None,
        widths: Mapping[str, int] | None = None,
        lives: set[str] | None = None,
    ) -> Cell:
        """A cell for a node; members of groups and items of lists get cells of their own inside."""
        inner: list[Cell] = []
        members = node.members
        if node.kind == "array" and node.item is not None:
            self.placed.add(node.item.pattern)
            whole = node.item.widget == "either" or not node.item.members
            members = (("", node.item),) if whole else node.item.members
        if node.kind == "array" and order:
            rank = {unescape(name): index for index, name in enumerate(order)}
            members = tuple(sorted(members, key=lambda pair: rank.get(pair[0], len(rank))))
        for name, member in members:
            inner.append(
                self.add(
                    member, (widths or {}).get(name) or _width(member, dense=True), live=name in (lives or ())
                )
            )
        cell = Cell(
            node, max(1, min(width, _FULL)), live, pin, office, tuple(inner), node.pattern in self._steering
        )
        self.placed.add(node.pattern)
        self.cells[node.pattern] = cell
        return cell

    def complete(
        self, root: Node, sections: tuple[Section, ...], missed: tuple[str, ...]
    ) -> tuple[Section, ...]:
        """Give a place to what the layout forgot (or to everything, without a layout)."""
        out = list(sections)
        loose: list[Node] = []
        last = max((n for n, at in enumerate(missed) if not _is_section(self._nodes[at])), default=-1)
        for count, pattern in enumerate(missed):
            node = self._nodes[pattern]
            home = next(
                (i for i, s in enumerate(out) if s.pointer and pattern.startswith(s.pointer + "/")), None
            )
            if home is not None:
                part = out[home]
                rows = (*part.rows, *self._grid([node]))
                out[home] = Section(
                    part.pointer, part.letter, part.title, part.title_en, rows, part.note, part.note_en
                )
            elif _is_section(node) and (sections or count > last):
                out.append(
                    Section(
                        pattern,
                        "",
                        node.title,
                        node.title_en,
                        self._grid([m for _, m in node.members]),
                        node.help,
                        node.help_en,
                    )
                )
                self.placed.add(pattern)
                self.cells[pattern] = Cell(node, _FULL)
            else:
                loose.append(node)
        if root.kind != "object":
            loose = [root]
        if loose or root.extra is not None:
            title = ("", "") if root.kind == "object" and not sections else (root.title, root.title_en)
            out.insert(0, Section("", "", *title, self._grid(loose)))
        return tuple(out)

    def _grid(self, nodes: list[Node]) -> tuple[tuple[Cell, ...], ...]:
        rows: list[tuple[Cell, ...]] = []
        row: list[Cell] = []
        used = 0
        for node in nodes:
            width = _width(node)
            if used + width > _FULL and row:
                rows.append(tuple(row))
                row, used = [], 0
            row.append(self.add(node, width))
            used += width
        return (*rows, tuple(row)) if row else tuple(rows)


def _is_section(node: Node) -> bool:
    """Whether a group nobody laid out is a block of the page; before a field of the whole it stays a group,
    so that the order of the schema holds."""
    return node.kind == "object" and bool(node.members) and node.widget == "group"


def _width(node: Node, dense: bool = False) -> int:
    if node.kind != "leaf":
        return _FULL
    width = _WIDTHS.get(node.widget, 4)
    if node.widget == "radio" and len(node.choices) <= 3:
        width = 4
    return min(width, 3) if dense and node.widget not in ("textarea", "json") else width
