"""One tree of refusals: each has a stable `code`, and carries what its reader needs.

The wording of a message may change, the code may not. A message never holds a phone number, a
preference or a secret.

>>> BadParameters([FieldProblem("$flow.key.type", "INVALID_TYPE", "say Appointment")]).code
'BAD_PARAMETERS'
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "AddressNotAllowed",
    "AdminOnly",
    "BadColumns",
    "BadParameters",
    "BadTable",
    "ContactTooLong",
    "FieldProblem",
    "InvalidNumber",
    "LetteredNumber",
    "LinkGone",
    "MalformedEnvelope",
    "MalformedJson",
    "MaskedNumber",
    "MissingMethod",
    "RequestRefused",
    "RulesError",
    "SchemaMismatch",
    "SettingMistake",
    "SettingsRefused",
    "StoreUnavailable",
    "TooLarge",
    "TooMany",
    "Unauthorized",
    "UnknownLink",
    "UnknownMethod",
    "UnknownPath",
    "UnknownToken",
    "UnreadableNumber",
    "WrongVerb",
    "quote",
]

_LONGEST_QUOTE = 60  # characters


def quote(value: str) -> str:
    """A value between quotes, at most 60 characters of it, safe to print in one line."""
    shown = value if len(value) <= _LONGEST_QUOTE else value[:_LONGEST_QUOTE] + "..."
    return "'" + "".join(c if c.isprintable() else " " for c in shown) + "'"


class RulesError(Exception):
    """Anything these rules refuse; `code` names it for machines."""

    code: str = "INTERNAL"


class RequestRefused(RulesError):
    """A request that cannot be answered as it stands: the designer must mend it."""


class MalformedJson(RequestRefused):
    """The body is no JSON text in UTF-8, or is nested too deeply."""

    code = "MALFORMED_JSON"


class MalformedEnvelope(RequestRefused):
    """The body is JSON, but not an object with a list of keys."""

    code = "MALFORMED_ENVELOPE"


class MissingMethod(RequestRefused):
    """Neither path nor body names a method."""

    code = "MISSING_METHOD"


class UnknownMethod(RequestRefused):
    """The method named does not exist."""

    code = "UNKNOWN_METHOD"


class UnknownPath(RequestRefused):
    """No such path."""

    code = "UNKNOWN_PATH"


class WrongVerb(RequestRefused):
    """The path exists, for other verbs; `allowed` lists them."""

    code = "WRONG_VERB"

    def __init__(self, message: str, allowed: Iterable[str] = ("POST",)) -> None:
        super().__init__(message)
        self.allowed = tuple(allowed)


class TooLarge(RequestRefused):
    """The body is larger than allowed."""

    code = "TOO_LARGE"


class TooMany(RequestRefused):
    """A rate limit was reached; the next try may come after `retry_after` seconds."""

    code = "TOO_MANY"

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unauthorized(RequestRefused):
    """The path asks for credentials and got none, or wrong ones."""

    code = "UNAUTHORIZED"


class UnknownToken(RequestRefused):
    """The customer's token is blank, unknown or disabled."""

    code = "UNKNOWN_TOKEN"


class UnknownLink(RequestRefused):
    """No such link, or it is another's."""

    code = "UNKNOWN_LINK"


class LinkGone(RequestRefused):
    """The link has expired or is disabled."""

    code = "LINK_GONE"


class AddressNotAllowed(RequestRefused):
    """The sender's address is in none of the allowed networks."""

    code = "ADDRESS_NOT_ALLOWED"


class AdminOnly(RequestRefused):
    """An admin method was called without the admin token."""

    code = "ADMIN_ONLY"

    def __init__(self) -> None:
        super().__init__("needs the admin token of RULES_ADMIN_TOKEN: 'Authorization: Bearer ...'")


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One bad field: its documented full name, a stable code, words for a person."""

    name: str
    code: str
    message: str


class BadParameters(RequestRefused):
    """One or more fields are missing or unusable; all of them are in `fields`."""

    code = "BAD_PARAMETERS"

    def __init__(self, fields: Iterable[FieldProblem]) -> None:
        self.fields = tuple(fields)
        count = len(self.fields)
        super().__init__(
            "1 field needs attention" if count == 1 else f"{count} fields need attention"
        )


class UnreadableNumber(RulesError):
    """A text that is no usable phone number; `code` says why. The text is never in the message."""

    code = "UNREADABLE"

    def __init__(self, code: str = "") -> None:
        self.code = code or self.code
        super().__init__(f"no usable phone number: {self.code}")


class InvalidNumber(UnreadableNumber):
    """No phone number at all, or a withheld one where one is needed."""

    code = "INVALID_NUMBER"


class MaskedNumber(UnreadableNumber):
    """Some digits are hidden behind signs such as `X` or `*`."""

    code = "MASKED_NUMBER"


class LetteredNumber(UnreadableNumber):
    """Letters stand where digits should."""

    code = "LETTERED_NUMBER"


class ContactTooLong(RulesError):
    """A contact id of more than 200 characters."""

    code = "TOO_LONG"


class BadColumns(RulesError):
    """A list lacks a column that is needed, or already has one that would be added."""

    code = "BAD_COLUMNS"


class BadTable(RulesError):
    """A data table is missing, or has another shape than expected."""

    code = "BAD_TABLE"


class StoreUnavailable(RulesError):
    """The database cannot be reached or written; nothing was stored."""

    code = "INTERNAL"


class SchemaMismatch(RulesError):
    """The database's schema is older or newer than this program; the message says what to do."""

    code = "BAD_SCHEMA"


class SettingMistake(RulesError):
    """One unusable setting: `key` is its name, the message says what is wanted."""

    code = "BAD_SETTING"

    def __init__(self, key: str, message: str) -> None:
        super().__init__(f"{key}: {message}")
        self.key = key
        self.message = message


class SettingsRefused(RulesError):
    """A settings file refused as a whole; `mistakes` are lines a person can act on."""

    code = "BAD_SETTINGS"

    def __init__(self, source: str, mistakes: Iterable[str]) -> None:
        self.source = source
        self.mistakes = tuple(mistakes)
        super().__init__(f"{source} is refused: " + "; ".join(self.mistakes))
