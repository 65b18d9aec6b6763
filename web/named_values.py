"""The names of what answers hold numbers of: codes by the version's own tables, people by the directory.

Decides nothing; a number that nobody has stands alone. Names are looked up one by one, never listed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.desk.desk import Desk
from engine.ports import Directory
from engine.registry.compiled import CompiledForm
from forms.model import STAFF as STAFF
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


def names_of(desk: Desk, form: CompiledForm, lang: str) -> Mapping[str, Mapping[str, str]]:
    """What the values of a version are called: {table or kind: {value: name}}."""
    return {**code_names(form, lang), STAFF: _People(desk.directory)}
