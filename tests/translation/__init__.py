"""Tests of `rules.translation` and what it is sent through."""
