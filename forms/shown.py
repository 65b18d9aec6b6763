"""What a template is given: rows that are ready, in one language, with nothing left to decide.

Plain frozen values; made by `forms.view`, drawn by web/templates/parts. Holds no rule.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OptionView:
    """One choice of a control, with the id of its own tick where it has one."""

    value: str
    label: str
    is_chosen: bool
    id: str


@dataclass(frozen=True, slots=True)
class RowView:
    """One row of a repeated group. `mark` is the `_as` text that keeps a blank row, "" for the spare row."""

    index: int
    pointer: str
    id: str
    mark: str
    title: str
    cells: tuple[ControlView, ...]
    errors: tuple[str, ...] = ()
    can_remove: bool = True


@dataclass(frozen=True, slots=True)
class ExtraView:
    """One member without a name of its own: name and JSON value."""

    index: int
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class ControlView:
    """One control, group or list at its place. `pointer` is also the name of the HTML control ("" → _root).

    `off` the part does not apply now (drawn apart, with `off_note`); `marks` hidden `_as` texts;
    `described` the ids a screen reader reads after the label; `width` in twelfths; `state` error, warning
    or ""; `silent` a fingerprint the system keeps, which tells nobody who fills in anything.
    """

    pointer: str
    name: str
    id: str
    part_id: str
    kind: str
    widget: str
    label: str
    width: int
    text: str = ""
    options: tuple[OptionView, ...] = ()
    marks: tuple[str, ...] = ()
    required: bool = False
    off: bool = False
    off_note: str = ""
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    hint: str = ""
    unit: str = ""
    described: str = ""
    live: bool = False
    steers: bool = False
    can_pin: bool = False
    pinned: bool = False
    derived: bool = False
    computed: bool = False
    locked: bool = False
    masked: bool = False
    office: bool = False
    silent: bool = False
    codes: str = ""
    code_name: str = ""
    capitals: str = ""
    input_mode: str = ""
    max_length: int = 0
    size: int = 0
    note: str = ""
    fallback: str = ""
    changed: bool = False
    children: tuple[ControlView, ...] = ()
    columns: tuple[ControlView, ...] = ()
    rows: tuple[RowView, ...] = ()
    can_add: bool = False
    extras: tuple[ExtraView, ...] = ()
    files: bool = False

    @property
    def state(self) -> str:
        """`error`, `warning` or ""."""
        return "error" if self.errors else "warning" if self.warnings else ""


@dataclass(frozen=True, slots=True)
class SectionView:
    """A block of the form with its rows; `errors` counts what is marked inside, `frame` is the object
    around its fields where that has marks or members of its own.
    """

    pointer: str
    id: str
    letter: str
    title: str
    note: str
    rows: tuple[tuple[ControlView, ...], ...]
    off: bool = False
    off_note: str = ""
    errors: int = 0
    required: bool = False
    frame: ControlView | None = None


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """One line of the box at the top: where it leads and what it says, in the words that stand at the
    field."""

    id: str
    label: str
    text: str
    code: str
    pointer: str


@dataclass(frozen=True, slots=True)
class FormView:
    """A whole form ready for the page."""

    title: str
    lang: str
    sections: tuple[SectionView, ...]
    errors: tuple[SummaryLine, ...] = ()
    warnings: tuple[SummaryLine, ...] = ()

    def control(self, pointer: str) -> ControlView | None:
        """The control at a pointer, wherever it stands."""

        def find(controls: tuple[ControlView, ...]) -> ControlView | None:
            for control in controls:
                if control.pointer == pointer:
                    return control
                inner = find(control.children) or find(
                    tuple(cell for row in control.rows for cell in row.cells)
                )
                if inner is not None:
                    return inner
            return None

        return find(tuple(control for section in self.sections for row in section.rows for control in row))
