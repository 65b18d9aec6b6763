"""Versions of a form: what changed, what that breaks, how old answers are read, which is in force."""
