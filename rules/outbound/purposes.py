"""What a call is for: the word that decides which call rules may speak.

>>> read_purpose("Appointment call-back"), read_purpose("appointment callback")
(None, <Purpose.APPOINTMENT_CALLBACK: 'appointment_callback'>)
"""

from __future__ import annotations

import re
from enum import Enum

__all__ = ["Purpose", "read_purpose"]

_JOINTS = re.compile(r"[\s_-]+")


class Purpose(Enum):
    """The purposes that call rules know."""

    PROMOTIONAL = "promotional"
    INSURANCE_SOLICITATION = "insurance_solicitation"
    SERVICE_EXPLICIT = "service_explicit"
    SERVICE_IMPLICIT = "service_implicit"
    TRANSACTIONAL = "transactional"
    RECOVERY = "recovery"
    APPOINTMENT_CALLBACK = "appointment_callback"


def read_purpose(text: str) -> Purpose | None:
    """A purpose in any case, blanks and hyphens read as underscores; `None` for another word."""
    word = _JOINTS.sub("_", text.strip()).casefold()
    return next((purpose for purpose in Purpose if purpose.value == word), None)
