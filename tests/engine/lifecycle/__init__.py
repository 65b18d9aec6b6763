"""Tests of engine/lifecycle."""
