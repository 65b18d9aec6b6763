"""Tests of engine/registry."""
