"""Set-up of a checkout on a fresh machine: decides what is missing and fetches it.

Runs before anything of ours is installed, so it imports the standard library alone. It never touches
the data of an agency, never asks a question, and never hides a failure: one sentence, exit code 1.
"""
