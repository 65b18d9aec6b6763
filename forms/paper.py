"""The form as paper: blocks of label cells and values in the order of the official table (domain C.8).

Decides what stands in which cell: choices as boxes, amounts with capitals, the scored items as a table,
masked values as masks. The structure depends on the form version only; sections without any answer are left
out. Never lays out (templates and style sheet do), never sees a value that the person printing may not see:
the answers it is given already carry masks where `masked` says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any

from forms.amounts import in_capitals
from forms.hiding import as_hidden
from forms.model import MISSING, RATE, Cell, FormModel, Json, Missing, Node, Section, lookup
from forms.shares import percent
from forms.summary import unit_of
from forms.unfold import unfolded

_SHANGHAI = timezone(timedelta(hours=8))
_SCORED_TOGETHER = 3
_BESIDE = 20  # choices whose labels together are longer take a whole row
CodeNames = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Choice:
    """One printed box: its words and whether it is ticked."""

    text: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Field:
    """A label cell and its value. `span` in twenty-fourths of the width, label included; `capitals` is 大写.
    """

    pointer: str
    label: str
    text: str
    span: int
    choices: tuple[Choice, ...] = ()
    capitals: str = ""
    is_masked: bool = False
    is_office: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """One scored item: what was judged, the points, what they mean."""

    pointer: str
    label: str
    points: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Part:
    """One stripe of a block: a row of fields, a table with a head, or scored items two abreast."""

    fields: tuple[Field, ...] = ()
    title: str = ""
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    scores: tuple[tuple[Score, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """One section of the paper."""

    letter: str
    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """One cell of the signature block; name and day stay empty when nobody has signed yet."""

    label: str
    name: str = ""
    day: str = ""
    is_seal: bool = False


@dataclass(frozen=True, slots=True)
class PrintModel:
    """A whole form for the print template."""

    title: str
    form_no: str
    agency: str
    doc_no: str
    doc_id: str
    blocks: tuple[Block, ...]
    signatures: tuple[Signature, ...]
    notes: tuple[str, ...]

    def texts(self) -> Iterator[tuple[str, str]]:
        """(pointer, text) of every value printed, to find where a character stands that no font can draw."""
        for block in self.blocks:
            for part in block.parts:
                yield from ((field.pointer, field.text) for field in part.fields)
                yield from (("", text) for row in part.rows for text in row)
                yield from ((score.pointer, score.meaning) for pair in part.scores for score in pair)
        yield from (("", signature.name) for signature in self.signatures)


def paper(
    model: FormModel,
    answers: Mapping[str, Any],
    header: Mapping[str, Any],
    signatures: tuple[Signature, ...] = (),
    *,
    lang: str = "zh-CN",
    masked: frozenset[str] = frozenset(),
    names: CodeNames | None = None,
) -> PrintModel:
    """The form with these answers as paper. `header` has doc_no, doc_id and agency; `names` gives words for
    codes by table and code. With no answers at all every section is printed blank."""
    answers, masked = as_hidden(model, answers, masked, lang)
    answers = unfolded(model, answers)
    about = model.printed(lang)
    named = (one for one in about.get("blocks", ()) if "fields" in one)
    only = {str(one["section"]): tuple(one["fields"]) for one in named}
    writer = _Writer(answers, lang, masked, names or {}, only)
    blocks = tuple(
        Block(section.letter, _title(section, lang), parts)
        for section in model.sections
        if (not answers or lookup(answers, section.pointer) is not MISSING)
        and (parts := tuple(writer.parts(section)))
    )
    return PrintModel(
        title=str(about.get("title") or (lang == "en" and model.title_en) or model.title),
        form_no=str(about.get("form_no", "")),
        agency=str(header.get("agency", "")),
        doc_no=str(header.get("doc_no", "")),
        doc_id=str(header.get("doc_id", "")),
        blocks=blocks,
        signatures=signatures,
        notes=tuple(str(note) for note in about.get("notes", [])),
    )


def day_on_paper(text: str, lang: str = "zh-CN") -> str:
    """`2026-03-05` → 2026年3月5日: Arabic numerals without leading zeros (GB/T 9704-2012). English keeps ISO.
    """
    if lang == "en":
        return text
    try:
        year, month, day = (int(part) for part in text.split("-"))
    except ValueError:
        return text
    return f"{year}年{month}月{day}日"


def moment_on_paper(text: str, lang: str = "zh-CN") -> str:
    """A moment with offset as Shanghai reads it: 2026年3月5日 09:42."""
    try:
        moment = datetime.fromisoformat(text).astimezone(_SHANGHAI)
    except ValueError:
        return text
    return f"{day_on_paper(moment.date().isoformat(), lang)} {moment:%H:%M}"


def _title(section: Section, lang: str) -> str:
    return (section.title_en if lang == "en" else section.title) or section.title


class _Writer:
    """Writes the parts of one print; holds the answers and the language."""

    def __init__(
        self,
        answers: Mapping[str, Any],
        lang: str,
        masked: frozenset[str],
        names: CodeNames,
        only: Mapping[str, tuple[str, ...]],
    ) -> None:
        self._answers = answers
        self._lang = lang
        self._masked = masked
        self._names = names
        self._only = only

    def parts(self, section: Section) -> Iterator[Part]:
        """Rows, tables and scores of a section, in paper order."""
        line: list[Field] = []
        cells = self._printed(section.pointer, [cell for row in section.rows for cell in row])
        place = 0
        while place < len(cells):
            cell = cells[place]
            run = _scored_run(cells, place)
            if run or cell.node.kind in ("array", "object"):
                yield from _flush(line)
                if run:
                    yield self._scores(run)
                    place += len(run)
                    continue
                yield from self._group(cell)
            elif cell.node.kind != "json":
                field = self._field(cell)
                if sum(one.span for one in line) + field.span > 24:
                    yield from _flush(line)
                line.append(field)
            place += 1
        yield from _flush(line)

    def _printed(self, around: str, cells: Sequence[Cell]) -> list[Cell]:
        """What a block that names its fields prints of them, in its order; all where it names none."""
        names = self._only.get(around)
        if names is None:
            return list(cells)
        known = {cell.node.pattern.rpartition("/")[2]: cell for cell in cells}
        return [known[name] for name in names if name in known] or list(cells)

    def _group(self, cell: Cell) -> Iterator[Part]:
        node = cell.node
        if node.kind == "object":
            inner = list(cell.columns)
            if _are_scored(inner):
                yield self._scores(inner)
                return
            nested = Section(node.pattern, "", node.title, node.title_en, (tuple(inner),))
            yield from self.parts(nested)
            return
        found = lookup(self._answers, node.pattern)
        if node.pattern in self._masked:
            yield Part(fields=(Field(node.pattern, self._label(node), str(found), 24, is_masked=True),))
            return
        items = found if isinstance(found, list) else []
        item = node.item
        if item is not None and item.kind == "leaf":
            if not _prints_boxes(item):
                words = (self._text(item, value, f"{node.pattern}/{n}") for n, value in enumerate(items))
                text = self._joined(words)
                yield Part(fields=(Field(node.pattern, self._label(node), text, 24),))
                return
            chosen = {str(value) for value in items}
            choices = tuple(
                Choice(self._choice(one.label, one.label_en), str(one.value) in chosen)
                for one in item.choices
            )
            yield Part(fields=(Field(node.pattern, self._label(node), "", 24, choices),))
            return
        columns = [one for one in self._printed(node.pattern, cell.columns) if one.node.kind == "leaf"]
        rows = tuple(
            tuple(
                self._text(
                    one.node,
                    lookup(value, "/" + one.node.pattern.rsplit("/", 1)[1]),
                    f"{node.pattern}/{n}/" + one.node.pattern.rsplit("/", 1)[1],
                )
                for one in columns
            )
            for n, value in enumerate(items)
        )
        if rows or not self._answers:
            head = tuple(self._label(one.node) for one in columns)
            yield Part(title=self._label(node), head=head, rows=rows)

    def _field(self, cell: Cell) -> Field:
        node = cell.node
        value = lookup(self._answers, node.pattern)
        is_masked = node.pattern in self._masked
        choices = () if is_masked else self._choices(node, value)
        text = "" if choices else self._text(node, value, node.pattern)
        is_money = node.reading == "money"
        in_words = is_money and not is_masked and self._lang != "en"
        capitals = in_capitals(value) if in_words and isinstance(value, str) else ""
        return Field(
            node.pattern, self._label(node), text, 12 if is_money else _span(cell), choices, capitals,
            is_masked, cell.office,
        )

    def _choices(self, node: Node, value: Json | Missing) -> tuple[Choice, ...]:
        if node.codes or not _prints_boxes(node):
            return ()
        chosen = value if isinstance(value, list) else [value]
        return tuple(Choice(self._choice(c.label, c.label_en), c.value in chosen) for c in node.choices)

    def _scores(self, cells: list[Cell]) -> Part:
        scores = []
        for cell in cells:
            value = lookup(self._answers, cell.node.pattern)
            meaning = next(
                (self._choice(c.label, c.label_en) for c in cell.node.choices if c.value == value), ""
            )
            if cell.node.pattern in self._masked:
                scores.append(Score(cell.node.pattern, self._label(cell.node), str(value), ""))
                continue
            points = "" if value is MISSING else str(value)
            scores.append(Score(cell.node.pattern, self._label(cell.node), points, _without(points, meaning)))
        half = (len(scores) + 1) // 2
        pairs = tuple(tuple(scores[n::half]) for n in range(half))
        return Part(scores=pairs)

    def _text(self, node: Node, value: Json | Missing, pointer: str) -> str:
        if isinstance(value, Missing) or value is None:
            return ""
        if isinstance(value, list):
            return self._joined(self._text(node, one, f"{pointer}/{n}") for n, one in enumerate(value))
        if pointer in self._masked or node.pattern in self._masked:
            return str(value)
        for choice in node.choices:
            if choice.value == value:
                return self._choice(choice.label, choice.label_en)
        if node.named == RATE:
            return percent(str(value))
        name = self._names.get(node.table, {}).get(str(value), "") if node.table else ""
        if name:
            return f"{name} ({value})" if self._lang == "en" else f"{name}（{value}）"
        if isinstance(value, bool):
            return "√" if value else ""
        text = str(value)
        if node.reading == "date":
            return day_on_paper(text, self._lang)
        if node.reading == "datetime":
            return moment_on_paper(text, self._lang)
        if node.reading == "month":
            if self._lang == "en":
                return text
            year, _, month = text.partition("-")
            return f"{year}年{int(month)}月" if month.isdigit() else text
        if node.reading == "money":
            return f"￥{text}"
        unit = unit_of(node, self._lang)
        return f"{text} {unit}".strip() if self._lang == "en" else f"{text}{unit}"

    def _joined(self, texts: Iterable[str]) -> str:
        return (", " if self._lang == "en" else "、").join(texts)

    def _label(self, node: Node) -> str:
        return (node.title_en if self._lang == "en" else node.title) or node.title

    def _choice(self, label: str, label_en: str) -> str:
        return (label_en if self._lang == "en" else label) or label


def _flush(line: list[Field]) -> Iterator[Part]:
    """The row so far, its last field widened to the edge."""
    if not line:
        return
    *before, last = line
    used = sum(field.span for field in before)
    yield Part(fields=(*before, _widened(last, 24 - used)))
    line.clear()


def _widened(field: Field, span: int) -> Field:
    return replace(field, span=span)


def _span(cell: Cell) -> int:
    node = cell.node
    if node.widget == "textarea" or cell.width >= 8:
        return 24
    if _prints_boxes(node):
        length = sum(len(choice.label) + 2 for choice in node.choices)
        return 24 if length > _BESIDE else 12
    return 12 if cell.width >= 3 else 8


def _prints_boxes(node: Node) -> bool:
    return 0 < len(node.choices) <= 12 and not node.codes


def _scored_run(cells: list[Cell], start: int) -> list[Cell]:
    """The scored items of one parent that begin at `start`: three or more whole-number choices in a row."""
    parent = cells[start].node.pattern.rsplit("/", 1)[0]
    run: list[Cell] = []
    for cell in cells[start:]:
        if cell.node.pattern.rsplit("/", 1)[0] != parent or not _is_scored(cell):
            break
        run.append(cell)
    return run if len(run) >= _SCORED_TOGETHER else []


def _are_scored(cells: list[Cell]) -> bool:
    return len(cells) >= _SCORED_TOGETHER and all(_is_scored(cell) for cell in cells)


def _is_scored(cell: Cell) -> bool:
    choices = cell.node.choices
    return bool(choices) and all(isinstance(c.value, int) and not isinstance(c.value, bool) for c in choices)


def _without(points: str, meaning: str) -> str:
    """The meaning without the points in front of it, when the label repeats them."""
    rest = meaning.removeprefix(points)
    return rest.lstrip(" 　：:分") if rest != meaning else meaning
