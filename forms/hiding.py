"""Masked answers as they stand on screen and paper.

Decides that a list whose items are masked reads as one hidden value, so that neither the length of the list
nor the boxes beside it tell what was chosen, and that the mark of a hidden value is in the reader's
language. Never masks and never opens a value: the engine did, before anything came here.
"""

from __future__ import annotations

from engine.registry.masks import HIDDEN
from forms.messages import phrase
from forms.model import MISSING, FormModel, Json, lookup, place


def as_hidden(
    model: FormModel, answers: Json, masked: frozenset[str], lang: str
) -> tuple[Json, frozenset[str]]:
    """Answers and masked pointers with each masked list of single values folded into one value at the
    pointer of the list. A copy; the answers themselves when nothing is masked."""
    if not masked:
        return answers, masked
    lists = {above for one in masked if (above := one.rpartition("/")[0]) and _holds_values(model, above)}
    mark = phrase("hidden", lang)
    for pointer in sorted(masked | lists):
        value = lookup(answers, pointer)
        if isinstance(value, list):
            texts = dict.fromkeys(str(one) for one in value)
            between = ", " if lang == "en" else "、"
            answers = place(answers, pointer, between.join(texts).replace(HIDDEN, mark) or MISSING)
        elif isinstance(value, str) and value == HIDDEN:
            answers = place(answers, pointer, mark)
    return answers, frozenset(one for one in masked if one.rpartition("/")[0] not in lists) | lists


def _holds_values(model: FormModel, pointer: str) -> bool:
    """Whether a list of single values stands at the pointer: ticks, or rows of one control each."""
    node = model.node(pointer)
    if node is None:
        return False
    return node.reading == "set" or (
        node.kind == "array" and node.item is not None and node.item.kind == "leaf"
    )
