"""Stores that keep all in memory, for tests and trials; they pass the same contract tests."""
