"""A version draft as people will meet it: the form, the printed page, the picture of its states, a lift at
work; beside each the version it follows.

Decides which example fills it and what is drawn of a file that is being edited. Stores nothing. What cannot
be drawn yet is said in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from engine.desk.desk import Desk
from engine.desk.version_drafts import base_of
from engine.errors import Problem
from engine.identity import local_day
from engine.lifecycle.workflow import Transition, Workflow, parse_workflow
from engine.registry.bundle import LAYOUT, LOCALE, SCHEMA, STATES
from engine.registry.check import surroundings_of
from engine.registry.compiled import CompiledForm
from engine.registry.effective import effective
from engine.registry.validate import Surroundings
from engine.version_ports import VersionDraft
from engine.versions.lift import apply, parse_lift
from forms.compile import compile_form, compile_schema
from forms.model import FormModel, Json
from forms.paper import PrintModel, Signature, paper
from forms.shown import ControlView, FormView
from forms.summary import summarise
from forms.view import present
from web.labels import Say, roles_title
from web.models import code_names
from web.pictures.states import Picture, Way, draw_states
from web.version_editing_places import parsed

BLANK: Final = ""
OLD: Final = "old-"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the states file in words."""

    title: str
    source: str
    target: str
    who: str


@dataclass(frozen=True, slots=True)
class Side:
    """One version on one side of the preview. `form` and `paper` are None where they cannot be drawn, for
    `reasons`."""

    version: str
    form: FormView | None = None
    paper: PrintModel | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Glance:
    """What is shown beside a file while it is edited."""

    form: FormView | None = None
    picture: Picture | None = None
    steps: tuple[Step, ...] = ()
    lifted: Lifting | None = None


@dataclass(frozen=True, slots=True)
class Lifting:
    """An old example, read as the new version: (place, before, after) of what differs."""

    example: str
    rows: tuple[tuple[str, str, str], ...] = ()
    unknown: tuple[tuple[str, str], ...] = ()
    dropped: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Trial:
    """An entry somebody tried: answers, what is wrong, texts that could not be read."""

    answers: Json
    problems: tuple[Problem, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)


def examples_of(files: Iterable[str]) -> tuple[str, ...]:
    """The good examples by name, in the order of their numbers."""
    names = [name for name in files if name.startswith("examples/ok-") and name.endswith(".json")]
    return tuple(sorted(names, key=lambda name: (len(name.split("-")[1]), name)))


def picked(files: Mapping[str, str], wanted: str | None) -> str:
    """The example to fill the form with: the wanted one, else the first; BLANK for none."""
    names = examples_of(files)
    if wanted is None:
        return names[0] if names else BLANK
    return wanted if wanted in names else BLANK


def answers_of(text: str) -> Json:
    """The answers of an example; {} for none."""
    example = parsed(text)
    found = example.get("data") if isinstance(example, dict) else None
    return found if isinstance(found, dict) else {}


def around_of(text: str, desk: Desk) -> Surroundings:
    """The surroundings an example names; now, for a blank form."""
    example = parsed(text)
    if isinstance(example, dict) and isinstance(example.get("context"), dict):
        return surroundings_of(example["context"])
    now = desk.clock.now()
    return Surroundings(now=now, today=local_day(now), document={}, actor={}, facts={})


def form_view(form: CompiledForm, answers: Json, lang: str, trial: Trial | None = None) -> FormView:
    """The form of a version with these answers; the parts that do not apply are hidden as in entry."""
    shown = trial.answers if trial is not None else answers
    given = shown if isinstance(shown, dict) else {}
    return present(
        compile_form(form), shown, problems=trial.problems if trial is not None else (),
        effective=effective(form, given), lang=lang, texts=trial.texts if trial is not None else {},
        codes=code_names(form, lang),
    )  # fmt: skip


def paper_view(form: CompiledForm, answers: Json, agency: str, lang: str) -> PrintModel:
    """The printed page of a version with these answers, unsigned."""
    model = compile_form(form)
    signatures = tuple(
        Signature(str(one["label"]), is_seal=bool(one.get("seal")))
        for one in model.printed(lang).get("signatures", [])
    )
    given: Mapping[str, Any] = answers if isinstance(answers, dict) else {}
    header = {"doc_no": "", "doc_id": "", "agency": agency}
    return paper(model, given, header, signatures, lang=lang, names=code_names(form, lang))


def old_text(desk: Desk, draft: VersionDraft, name: str) -> str:
    """The example of that name of the version before, "" without one."""
    if not draft.base_digest:
        return ""
    return desk.workshop.archive.papers(draft.base_digest).get(name, b"").decode()


def glance(desk: Desk, draft: VersionDraft, name: str, lang: str, say: Say) -> Glance:
    """What to show beside file `name` of a draft as it stands. Raises Invalid where it cannot be drawn."""
    if name == STATES:
        return _states(draft, lang, say)
    if name.endswith(".md"):
        return Glance()
    if name == "lift.json":
        return _lift(desk, draft, lang)
    values = [parsed(draft.files.get(one, "")) for one in (SCHEMA, LAYOUT, LOCALE)]
    schema, layout, locale = (one if isinstance(one, dict) else {} for one in values)
    if not schema:
        return Glance()
    model = compile_schema(schema, layout, locale)
    example = name if name.startswith("examples/") else picked(draft.files, None)
    answers = answers_of(draft.files.get(example, ""))
    view = present(model, answers, lang="en" if name == LOCALE else lang)
    return Glance(form=prefixed(view, "p-"))


def _states(draft: VersionDraft, lang: str, say: Say) -> Glance:
    states, locale = parsed(draft.files.get(STATES, "")), parsed(draft.files.get(LOCALE, ""))
    if not isinstance(states, dict):
        return Glance()
    workflow = parse_workflow(states)
    words = locale if isinstance(locale, dict) and lang != "zh-CN" else {}
    return Glance(picture=_picture(workflow, words, say), steps=tuple(_steps(workflow, words, say)))


def _picture(workflow: Workflow, words: Mapping[str, Any], say: Say) -> Picture | None:
    titles = {name: str(words.get(f"#/states/{name}") or one.title) for name, one in workflow.states.items()}
    if not titles or workflow.initial not in titles:
        return None
    ways = [
        Way(source, one.target, _verb(one, words), _who(one.by.roles, say))
        for one in (*workflow.transitions.values(), *workflow.system.values())
        for source in one.sources
        if source in titles and one.target in titles
    ]
    return draw_states(titles, ways, workflow.initial, workflow.initial, (), ())


def _steps(workflow: Workflow, words: Mapping[str, Any], say: Say) -> Iterable[Step]:
    def state(name: str) -> str:
        found = workflow.states.get(name)
        return str(words.get(f"#/states/{name}") or (found.title if found is not None else name))

    separator = say("shell.list_separator")
    for one in (*workflow.transitions.values(), *workflow.system.values()):
        yield Step(
            _verb(one, words), separator.join(map(state, one.sources)), state(one.target),
            _who(one.by.roles, say),
        )  # fmt: skip


def _verb(one: Transition, words: Mapping[str, Any]) -> str:
    return str(words.get(f"#/transitions/{one.name}") or one.title)


def _who(roles: Iterable[str], say: Say) -> str:
    try:
        return roles_title(list(roles), say)
    except KeyError:
        return ", ".join(roles)


def _lift(desk: Desk, draft: VersionDraft, lang: str) -> Glance:
    """The first example of the version before that the lift changes, before and after."""
    value, base = parsed(draft.files.get("lift.json", "")), base_of(desk, draft)
    if base is None or value is None:
        return Glance()
    lift = parse_lift(value)
    papers = {name: data.decode() for name, data in desk.workshop.archive.papers(base.digest).items()}
    names = examples_of(papers)
    shown: Lifting | None = None
    for name in names:
        before = answers_of(papers[name])
        after = apply(lift, before)
        if after.answers != before or after.unknown or after.dropped:
            old = _flat(compile_schema(base.schema, base.layout, base.locale), before, lang)
            schema, layout, locale = (
                parsed(draft.files.get(one, "")) or {} for one in (SCHEMA, LAYOUT, LOCALE)
            )
            new = _flat(compile_schema(schema, layout, locale), after.answers, lang)
            english = lang != "zh-CN"
            shown = Lifting(
                name,
                tuple(
                    (place, old.get(place, ""), new.get(place, ""))
                    for place in dict.fromkeys((*old, *new))
                    if old.get(place, "") != new.get(place, "")
                ),
                tuple((one.pointer, one.reason.en if english else one.reason.zh) for one in after.unknown),
                tuple((one.pointer, one.reason.en if english else one.reason.zh) for one in after.dropped),
            )
            break
    return Glance(lifted=shown or (Lifting(names[0]) if names else None))


def _flat(model: FormModel, answers: Any, lang: str) -> dict[str, str]:
    """Label and text of everything answered, by part and label."""
    return {
        " › ".join(part for part in (section.title, line.group, line.label) if part): line.text
        for section in summarise(model, answers, masked=frozenset(), lang=lang, codes={})
        for line in section.rows
        if line.text
    }


def prefixed(view: FormView, mark: str, note: str = "") -> FormView:
    """The form with other ids and names, so that two can stand on one page; `note` marks its parts."""
    return replace(view, sections=tuple(
        replace(
            section, id=mark + section.id, note=" ".join(filter(None, (section.note, note))),
            title=f"{section.title} {note}" if section.off and note else section.title,
            rows=tuple(tuple(_other(one, mark) for one in row) for row in section.rows),
            frame=_other(section.frame, mark) if section.frame is not None else None,
        )
        for section in view.sections
    ))  # fmt: skip


def _other(control: ControlView, mark: str) -> ControlView:
    return replace(
        control, id=mark + control.id, part_id=mark + control.part_id, name=mark + control.name,
        described=" ".join(mark + one for one in control.described.split()),
        options=tuple(replace(one, id=mark + one.id) for one in control.options),
        children=tuple(_other(one, mark) for one in control.children),
        columns=tuple(_other(one, mark) for one in control.columns),
        rows=tuple(
            replace(row, id=mark + row.id, cells=tuple(_other(one, mark) for one in row.cells))
            for row in control.rows
        ),
    )  # fmt: skip
