"""Benchmarks: each measures a yardstick in the same run and reports the ratio."""
