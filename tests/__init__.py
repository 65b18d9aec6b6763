"""Tests mirror the tree; `python -m tests` runs all of them."""
