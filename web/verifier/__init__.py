"""The second verifier, in JavaScript, and what makes one script and one page of it.

Decides nothing: the rules are in docs/format.md, the verdicts in verify.mjs beside this file.
"""
