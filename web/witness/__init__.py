"""Witnesses: the small server that cosigns checkpoints, and the courier that takes ours to others'."""
