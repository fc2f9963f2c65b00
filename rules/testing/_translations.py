"""What the fake translation engines answer: sentences, languages, and the faults real ones have."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from rules.translation import read_codes

__all__ = [
    "LONGEST",
    "MOST_TEXTS",
    "SENTENCES",
    "detect",
    "google_fault",
    "is_language",
    "say",
    "spoil",
]

LONGEST = 30_000
MOST_TEXTS = 128
SENTENCES = {
    ("Hello [[0]], pay at [[1]]", "hi"): "नमस्ते [[०]], [[ 1 ]] पर भुगतान करें",
    ("Dear [[0]]!", "hi"): "प्रिय!",
    ("Dear ", "hi"): "प्रिय ",
}
"""Sentence and target to translation; every other sentence is echoed: `[hi] ` and the text."""

_MARK = re.compile(r"\[\[(\d+)\]\]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}
_SCRIPTS = (
    ("\u0900", "hi"), ("\u0980", "bn"), ("\u0a00", "pa"), ("\u0a80", "gu"), ("\u0b00", "or"),
    ("\u0b80", "ta"), ("\u0c00", "te"), ("\u0c80", "kn"), ("\u0d00", "ml"), ("\u0d80", ""),
)  # fmt: skip
"""First letters of the blocks of Indian scripts, and a language of each."""


def say(text: str, target: str, sentences: dict[tuple[str, str], str], *, html: bool) -> str:
    """The translation of one text."""
    said = sentences.get((text, target), f"[{target}] {text}")
    return "".join(_ENTITIES.get(sign, sign) for sign in said) if html else said


def detect(text: str) -> str:
    """The language of a text by its script; English where that says nothing."""
    for sign in text:
        for (start, language), (end, _) in pairwise(_SCRIPTS):
            if start <= sign < end:
                return language
    return "en"


def is_language(code: str) -> bool:
    """Does the engine know this code?"""
    row = read_codes().find_code(code)
    return row is not None and code.partition("-")[0] in {
        known.partition("-")[0] for known in (row.google, row.libre)
    }


def spoil(text: str, marks: str) -> str:
    """What careless engines do to marks: `lost`, `digits` (of another script) or `swapped`."""
    found = _MARK.findall(text)
    if marks == "lost":
        return _MARK.sub("", text)
    if marks == "digits":
        local = str.maketrans("0123456789", "०१२३४५६७८९")
        return _MARK.sub(lambda mark: f"[[ {mark[1].translate(local)} ]]", text)
    order = iter(reversed(found))
    return _MARK.sub(lambda _: f"[[{next(order)}]]", text)


_FAULTS = {
    "wrong_key": (400, "API key not valid.", "global", "badRequest", "INVALID_ARGUMENT"),
    "no_key": (403, "The request has no API key.", "global", "forbidden", "PERMISSION_DENIED"),
    "unknown_target": (400, "Invalid Value", "global", "invalid", "INVALID_ARGUMENT"),
    "daily_quota": (403, "Daily Limit Exceeded", "usageLimits", "dailyLimitExceeded", ""),
    "user_quota": (403, "User Rate Limit Exceeded", "usageLimits", "userRateLimitExceeded", ""),
    "too_long": (400, "The text is too long.", "global", "badRequest", "INVALID_ARGUMENT"),
    "too_many": (400, "Too many text segments.", "global", "invalid", "INVALID_ARGUMENT"),
}
"""Fault to HTTP status, message, domain, reason, and status word."""

_DETAILS: dict[str, dict[str, Any]] = {
    "wrong_key": {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "API_KEY_INVALID",
        "domain": "googleapis.com",
    },
    "unknown_target": {
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [{"field": "target", "description": "Target language: invalid"}],
    },
}


def google_fault(name: str) -> tuple[int, dict[str, Any]]:
    """Status and body of one of the faults the first engine has."""
    status, message, domain, reason, word = _FAULTS[name]
    error: dict[str, Any] = {
        "code": status,
        "message": message,
        "errors": [{"message": message, "domain": domain, "reason": reason}],
    }
    if word:
        error["status"] = word
    if name in _DETAILS:
        error["details"] = [_DETAILS[name]]
    return status, {"error": error}
