"""The names of what answers hold numbers of: codes by the version's own tables, people by the directory.

Decides nothing; a number that nobody has stands alone. Names are looked up one by one, never listed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.desk.desk import Desk
from engine.ports import Directory
from engine.registry.compiled import CompiledForm
from forms.model import DOCUMENT
from forms.model import STAFF as STAFF
from web import labels
from web.models import code_names


class _People(Mapping[str, str]):
    """Names of people by staff number, as the directory has them now."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def __getitem__(self, staff_no: str) -> str:
        account = self._directory.by_staff_no(staff_no)
        if account is None:
            raise KeyError(staff_no)
        return account.name

    def __iter__(self) -> Iterator[str]:
        return (account.staff_no for account in self._directory.all())

    def __len__(self) -> int:
        return len(self._directory.all())


class _Documents(Mapping[str, str]):
    """Official numbers of documents by their ids, with what a list shows of them in clear."""

    def __init__(self, desk: Desk, lang: str) -> None:
        self._desk, self._lang = desk, lang

    def __getitem__(self, doc_id: str) -> str:
        row = self._desk.store.by_doc_id(doc_id)
        if row is None:
            raise KeyError(doc_id)
        form = self._desk.registry.by_digest(row["digest"])
        kind = labels.kind_facet(form)
        word = labels.facet_label(form, kind, row["facets"].get(kind), self._lang) if kind else ""
        return " · ".join(one for one in (row["doc_no"], word) if one)

    def __iter__(self) -> Iterator[str]:
        return (row["doc_id"] for row in self._desk.store.rows())

    def __len__(self) -> int:
        return sum(1 for _ in self._desk.store.rows())


def names_to_fill_in(desk: Desk, form: CompiledForm, lang: str) -> Mapping[str, Mapping[str, str]]:
    """The same with the numbers of documents, for whoever types their ids."""
    return {**names_of(desk, form, lang), DOCUMENT: _Documents(desk, lang)}


def names_of(desk: Desk, form: CompiledForm, lang: str) -> Mapping[str, Mapping[str, str]]:
    """What the values of a version are called: {table or kind: {value: name}}."""
    return {**code_names(form, lang), STAFF: _People(desk.directory)}
