"""Tests of `rules.links`."""
