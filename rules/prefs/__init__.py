"""Preferences, consent and pauses: what is remembered, and what follows from it."""
