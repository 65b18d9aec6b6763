"""Values of a schema from hypothesis-jsonschema, which still asks for the collections of hypothesis as they
were before 6.160: `more()` instead of a loop. This module gives it what it asks for."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from hypothesis import strategies as st
from hypothesis.internal.conjecture import utils
from hypothesis_jsonschema import _from_schema


class _Many:
    """A collection asked one element at a time, on top of the loop that hypothesis has now."""

    def __init__(self, data: Any, **sizes: Any) -> None:
        self._many: Any = utils.many(data, **sizes)
        self._many.__enter__()
        self._elements = iter(self._many)

    def more(self) -> bool:
        """Whether another element is wanted."""
        if next(self._elements, self) is self:
            self._many.__exit__(None, None, None)
            return False
        return True

    def reject(self) -> None:
        """The last element did not fit."""
        self._many.reject()


def from_schema(schema: Any) -> st.SearchStrategy[Any]:
    """Valid values of a schema."""
    if not hasattr(utils.many, "more"):
        vars(_from_schema)["cu"] = SimpleNamespace(many=_Many)
    found: st.SearchStrategy[Any] = _from_schema.from_schema(schema)
    return found
