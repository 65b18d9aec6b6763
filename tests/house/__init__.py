"""The house rules of CONTRIBUTING.md, executable. A rule that hurts is changed here, in one commit."""
