"""What a states file says of a form whose documents change other documents.

Decides only how the declaration reads; what is done with it is engine.desk.updating's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Updates:
    """That a document changes another one, as pointers into its answers.

    It is begun from documents of `form` that stand in one of `states`. `doc_id` and `revision` name the
    target as it was seen, `changes` is the list of changes, `kinds` the classes of the changed fields,
    `subject_key` and `subject_masked` whom it is about, who stands at `subject` in the target (its last
    pointer is what the key is of). Nothing at or below a pointer of `fixed` can be changed this way.
    """

    form: str
    states: tuple[str, ...]
    doc_id: str
    revision: str
    changes: str
    kinds: str
    subject_key: str
    subject_masked: str
    subject: tuple[str, ...]
    fixed: tuple[str, ...]


def parse_updates(declared: Any) -> Updates | None:
    """The part `updates` of a parsed states.json; None without one. Its shape is the meta-schema's."""
    if not isinstance(declared, dict):
        return None

    def text(name: str) -> str:
        return str(declared.get(name, ""))

    def listed(name: str) -> tuple[str, ...]:
        return tuple(map(str, declared.get(name, ())))

    return Updates(
        form=text("form"),
        states=listed("states"),
        doc_id=text("doc_id"),
        revision=text("revision"),
        changes=text("changes"),
        kinds=text("kinds"),
        subject_key=text("subject_key"),
        subject_masked=text("subject_masked"),
        subject=listed("subject"),
        fixed=listed("fixed"),
    )
