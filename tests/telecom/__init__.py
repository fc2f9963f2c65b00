"""Tests of `rules.telecom`."""
