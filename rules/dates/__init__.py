"""Dates: what a caller said, and whether it can be booked."""
