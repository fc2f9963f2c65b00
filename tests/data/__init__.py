"""Tests of the builders of `data/` and of what they built."""
