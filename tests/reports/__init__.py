"""Tests of `rules.reports` and of where rows go."""
