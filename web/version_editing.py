"""A version draft on the screen of who writes it: its files, and what is wrong with them in words.

Decides what a problem is called, in which file and at which line it stands, and which files a draft has.
Judging is the desk's; what it found of the same files is remembered, for a page is asked more often than a
file changes.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from threading import Lock
from typing import Any, Final

from engine.desk import version_drafts
from engine.desk.desk import Desk
from engine.desk.version_checks import LIFT_FILE, least_number
from engine.errors import Invalid, NotFound, Problem
from engine.identity import parse_version
from engine.registry.bundle import LAYOUT, LOCALE, SCHEMA, STATES
from engine.registry.check import CHANGES
from engine.registry.compiled import CompiledForm
from engine.version_ports import VersionDraft
from forms.messages import sentence
from web.labels import Say
from web.messages import DEFAULT, Catalogue
from web.version_editing_places import Place, at_line, file_pointer, in_words, parsed, place_of

FILES: Final = (SCHEMA, STATES, LAYOUT, LOCALE, LIFT_FILE, CHANGES)
_MOST_REMEMBERED: Final = 12
_MOST_SHOWN: Final = 60
_problems: OrderedDict[str, tuple[Problem, ...]] = OrderedDict()
_compiled: OrderedDict[str, CompiledForm] = OrderedDict()
_lock = Lock()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: `file`, the place in it, the place in words, and the sentence."""

    file: str
    pointer: str
    place: Place
    where: str
    text: str
    code: str


@dataclass(frozen=True, slots=True)
class FileLine:
    """One file in the list beside the editor. `name` is its path, `key` the sentence that says what it is
    for, "" for an example; `count` what is wrong in it."""

    name: str
    key: str
    count: int
    is_there: bool
    is_here: bool


def problems_of(desk: Desk, draft: VersionDraft) -> tuple[Problem, ...]:
    """What stops the draft from being published; asked once for the same files."""
    known = _name_of(draft)
    with _lock:
        found = _problems.get(known)
    if found is None:
        found = _without_echoes(version_drafts.problems(desk, draft))
        _remember(_problems, known, found)
    return found


def _without_echoes(found: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """An unknown annotation is said once, although the meta-schema does not know the member either."""
    said = {(one.facts.get("file"), one.pointer) for one in found if one.code == "annotation.unknown"}
    return tuple(
        one for one in found
        if one.code != "unknown_field" or (one.facts.get("file"), one.pointer) not in said
    )  # fmt: skip


def least_of(desk: Desk, draft: VersionDraft) -> str:
    """The least number the draft may have when its own is too small for what changed; "" otherwise."""
    own, before = parse_version(draft.version), parse_version(draft.follows)
    if own is None or before is None:
        return ""
    try:
        with as_refusal(desk, draft):
            found = version_drafts.compared(desk, draft)
    except Invalid:
        return ""
    least = least_number(draft.follows, found.smallest) if found is not None else ""
    needed = parse_version(least)
    return least if needed is not None and own < needed else ""


def compiled_of(desk: Desk, draft: VersionDraft) -> CompiledForm:
    """The draft made ready. Raises Invalid with every reason why it is not."""
    known = _name_of(draft)
    with _lock:
        found = _compiled.get(known)
    if found is None:
        with as_refusal(desk, draft):
            found = version_drafts.compiled_of(desk, draft)
        _remember(_compiled, known, found)
    return found


@contextmanager
def as_refusal(desk: Desk, draft: VersionDraft) -> Iterator[None]:
    """Inside, files of a shape that nobody foresaw are refused (Invalid) with what the check says of them."""
    try:
        yield
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        known = problems_of(desk, draft)
        if not known:
            raise
        raise Invalid("version_draft", problems=known) from None


def _remember(kept: OrderedDict[str, Any], known: str, value: Any) -> None:
    with _lock:
        kept[known] = value
        while len(kept) > _MOST_REMEMBERED:
            kept.popitem(last=False)


def _name_of(draft: VersionDraft) -> str:
    digest = sha256(f"{draft.form}\0{draft.version}\0{draft.base_digest}\0".encode())
    for name in sorted(draft.files):
        digest.update(f"{name}\0{draft.files[name]}\0".encode())
    return digest.hexdigest()


def findings_of(
    desk: Desk, draft: VersionDraft, catalogue: Catalogue, lang: str, *, most: int = _MOST_SHOWN
) -> tuple[tuple[Finding, ...], int]:
    """What is wrong with the files of a draft, in words, in the order of the files, and how many in all."""
    found = problems_of(desk, draft)
    order = {name: place for place, name in enumerate(FILES)}

    def say(key: str, **facts: Any) -> str:
        return catalogue.say(lang, key, **facts)

    sorted_ = sorted(found, key=lambda one: order.get(str(one.facts.get("file", "")), len(order)))
    return tuple(_finding(draft, one, catalogue, lang, say) for one in sorted_[:most]), len(found)


def _finding(draft: VersionDraft, problem: Problem, catalogue: Catalogue, lang: str, say: Say) -> Finding:
    file = str(problem.facts.get("file", ""))
    text = draft.files.get(file, "")
    pointer = file_pointer(file, draft.files, problem.pointer)
    line, column = problem.facts.get("line"), problem.facts.get("column")
    if problem.code.startswith("json.") and isinstance(line, int) and isinstance(column, int):
        place = at_line(text, line, column)
    else:
        place = place_of(text, pointer or _key_pointer(problem)) if text else Place()
    return Finding(
        file, problem.pointer, place, in_words(file, draft.files, pointer, lang, say),
        words_of(_titled(draft, problem, lang), catalogue, lang, last_word(pointer, say) or file),
        problem.code,
    )  # fmt: skip


def _titled(draft: VersionDraft, problem: Problem, lang: str) -> Problem:
    """States and steps by their names instead of their codes."""
    states, locale = parsed(draft.files.get(STATES, "")), parsed(draft.files.get(LOCALE, ""))
    if not isinstance(states, dict) or not {"state", "transition"} & set(problem.facts):
        return problem
    named = states.get("states")
    titles = {"state": {key: one.get("title") for key, one in named.items() if isinstance(one, dict)}
              if isinstance(named, dict) else {}}  # fmt: skip
    steps = [*_listed(states, "transitions"), *_listed(states, "system")]
    titles["transition"] = {one.get("name"): one.get("title") for one in steps if isinstance(one, dict)}
    words = locale if isinstance(locale, dict) and lang != "zh-CN" else {}
    facts = dict(problem.facts)
    for kind in ("state", "transition"):
        if kind in facts:
            code = str(facts[kind])
            facts[kind] = words.get(f"#/{kind}s/{code}") or titles[kind].get(code) or code
    return replace(problem, facts=facts)


def _listed(states: dict[str, Any], key: str) -> list[Any]:
    found = states.get(key)
    return found if isinstance(found, list) else []


def _key_pointer(problem: Problem) -> str:
    """Labels without a field of their own: the key of the locale is the place."""
    key = problem.facts.get("key")
    return "/" + key.replace("~", "~0").replace("/", "~1") if isinstance(key, str) else ""


def last_word(pointer: str, say: Say) -> str:
    """The last part of a pointer in words."""
    key = pointer.rpartition("/")[2]
    try:
        return say(f"versions.edit.key.{key}") if key else ""
    except KeyError:
        return key


def words_of(problem: Problem, catalogue: Catalogue, lang: str, name: str = "") -> str:
    """What a problem of a version's files is called: what is wrong, and what to do."""
    facts = {"name": name, **{key: _shown(value) for key, value in problem.facts.items()}}
    code = problem.code
    while code:
        text = catalogue.sentences[lang].get(f"problem.{code}") or catalogue.sentences[DEFAULT].get(
            f"problem.{code}"
        )
        if text is not None:
            return text.format_map(_Facts(facts))
        code = code.rpartition(".")[0]
    return sentence(problem, lang, lambda pointer: name or pointer)


class _Facts(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "；".join(_shown(one) for one in value[:4]) if value and isinstance(value[0], list) else (
            ", ".join(str(one) for one in value[:12])
        )
    return str(value)[:200]


def file_lines(draft: VersionDraft, found: Sequence[Problem], here: str) -> tuple[FileLine, ...]:
    """The files of a draft: the six that have a name of their own, then the examples."""
    wrong = Counter(str(one.facts.get("file", "")) for one in found)
    examples = sorted(name for name in draft.files if name not in FILES)
    return tuple(
        FileLine(name, f"versions.edit.file.{name}" if name in FILES else "", wrong[name],
                 name in draft.files, name == here)
        for name in (*FILES, *examples)
    )  # fmt: skip


def with_file(draft: VersionDraft, name: str, text: str) -> VersionDraft:
    """The draft as it would be with this text in one file; nothing is stored."""
    kept = {key: value for key, value in draft.files.items() if key != name}
    return replace(draft, files={**kept, name: text} if text else kept)


def known_file(draft: VersionDraft, name: str) -> str:
    """The name of a file a draft has or may have. NotFound for any other."""
    if name in FILES or name in draft.files:
        return name
    raise NotFound("version_draft.file", file=name[:120])


def problems_in_the_way(refused: Invalid, catalogue: Catalogue, lang: str) -> tuple[str, ...]:
    """The first reasons why a draft cannot be drawn."""
    return tuple(
        " ".join(filter(None, (str(one.facts.get("file", "")), words_of(one, catalogue, lang, one.pointer))))
        for one in refused.problems[:5]
    )
