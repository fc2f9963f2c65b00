"""What can stop the work on a list file."""

from __future__ import annotations

from rules.errors import RulesError

__all__ = ["CannotResume", "ListFault", "ListRefused"]


class ListFault(RulesError):
    """The list cannot be read or written on; what is saved stays."""

    code = "LIST_FAULT"


class ListRefused(RulesError):
    """The list, or what is wanted of it, cannot be worked on; nothing was begun."""

    code = "LIST_REFUSED"


class CannotResume(RulesError):
    """A broken-off run is there, but something has changed since; the message says what."""

    code = "CANNOT_RESUME"
