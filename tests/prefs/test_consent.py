"""Consent: the state that rows add up to."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from rules.prefs import Consent, consent_state
from tests._cases import cases
from tests.rows import each

INDIA = ZoneInfo("Asia/Kolkata")


def moment(text):
    return datetime.fromisoformat(text).replace(tzinfo=INDIA)


def consent(text):
    purpose, channel, status, at, *until = text.split()
    return Consent(
        purpose, channel, status, moment(at), date.fromisoformat(until[0]) if until else None
    )


@each("row", cases("consent_states"))
def test_state(row):
    rows = [consent(text) for text in row["rows"].split("|") if text]
    found = consent_state(
        rows, purpose=row["purpose"], channel=row["channel"], at=moment(row["at"])
    )
    assert found.state == row["state"]
    assert (found.row in rows) == (found.state != "unknown")
