"""Tests of the forms and code tables as data."""
