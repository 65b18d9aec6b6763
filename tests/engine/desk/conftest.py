"""A fresh agency for every test of the desk."""

import pytest

from tests.engine.desk.office import Office, open_office


@pytest.fixture
def office() -> Office:
    return open_office()
