"""Bundles with one fault each, and a few good ones: a folder for each, with what every verifier must say of it.

The folders are written by `python -m tests.corpus.make` and are the same bytes every time. A verifier in any
language can be held to them: `bundle.json` is judged against `trust.json` (of the folder, else the one
beside all folders; none when `expected.json` says so) at the time and under the floors of `expected.json`.
"""
