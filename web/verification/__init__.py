"""Judging a file that somebody hands in: the one judgement behind the public page and the command line.

Decides which single result a file gets and how four plain questions are answered. Never keeps the file, never
needs a network, and leaves every cryptographic step to engine.trust.
"""
