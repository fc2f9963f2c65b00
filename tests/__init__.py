"""Tests: tables first, laws second, doors third."""
