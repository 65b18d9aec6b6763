"""Where the form versions and code tables lie.

Decides nothing about their content; it only names the folder, so that `web` and `storage` can read it.
"""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable

__all__ = ["root"]


def root() -> Traversable:
    """The folder that holds `<form>/<version>/`, `codes/`, `common/` and `_meta/`."""
    return files(__name__)
