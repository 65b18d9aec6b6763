"""Bundles with one fault each, a few good ones: a folder each, with what every verifier must say.

The folders are written by `python -m tests.corpus.make` and are the same bytes every time. A verifier in any
language can be held to them: `bundle.json` is judged against `trust.json` (of the folder, else the one
beside all folders; none when `expected.json` says so) at the time and under the floors of `expected.json`.
"""
