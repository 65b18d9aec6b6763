"""Masked forms of values, under the name the screens use. The rules are the engine's (domain B.11):
masking happens before a value leaves the trust boundary; here nothing is decided."""

from __future__ import annotations

from engine.registry.masks import HIDDEN, mask

__all__ = ["HIDDEN", "mask"]
