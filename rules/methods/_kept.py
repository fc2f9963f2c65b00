"""How what is kept of a customer is told as JSON: history, consents, pauses."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from rules.methods._agent import stamp
from rules.methods._customer import CONTACT, CUSTOMER_ACCOUNT, kept_under
from rules.methods._method import Reply, fixed
from rules.prefs import PREFS, drop_expired
from rules.services import need
from rules.services.housekeeping import HISTORY_DAYS
from rules.services.prefs import HistoryRow, Origin

if TYPE_CHECKING:
    from datetime import tzinfo

    from rules.methods._method import Call
    from rules.prefs import Consent, Interval, Stored

__all__ = ["FAILURE", "STATUS", "as_json", "consent", "history", "interval", "values"]

STATUS = Reply("$flow.key.prefsStatus", "`SUCCESS` or `FAILURE`")
FAILURE = fixed((STATUS.name, "FAILURE"))


def as_json(value: Any) -> str:
    """JSON text as a reply holds it."""
    return json.dumps(value, ensure_ascii=False)


def history(call: Call, *, name: str | None = None, limit: int) -> list[dict[str, Any]]:
    """Rows of the customer, newest first; also of values that ended and nobody deleted yet.

    A row older than the time it is kept for is not told, deleted or not.
    """
    store, account = need(call.services.preferences, "store of preferences"), call[CUSTOMER_ACCOUNT]
    rows = store.history(account, kept_under(call), name=name, limit=limit)
    _, ended = drop_expired(store.find(account, call[CONTACT]), now=call.now)
    rows += [
        HistoryRow(account, call[CONTACT], change, Origin("expiry"))
        for change in ended
        if name in (None, change.name)
    ]
    oldest = call.now - timedelta(days=HISTORY_DAYS)
    rows = [row for row in rows if row.change.at >= oldest]
    rows.sort(key=lambda row: row.change.at, reverse=True)
    zone = call.settings(PREFS).zone
    return [_history_row(row, zone) for row in rows[:limit]]


def _history_row(row: HistoryRow, zone: tzinfo) -> dict[str, Any]:
    change, origin = row.change, row.origin
    return {
        "at": stamp(change.at, zone),
        "account": row.account,
        "contact": row.contact,
        "name": change.name,
        "old": change.old,
        "new": change.new,
        "kind": str(change.kind),
        "method": origin.method,
        "request_id": origin.request_id,
        "flow_id": origin.flow,
        "who": origin.who,
    }


def values(stored: Stored, zone: tzinfo) -> list[dict[str, Any]]:
    """Stored values by name, with their ends."""
    return [
        {"name": name, "value": one.value, "expires": stamp(one.expires, zone)}
        for name, one in sorted(stored.items())
    ]


def consent(row: Consent, zone: tzinfo) -> dict[str, Any]:
    """One row of consent."""
    return {
        "id": row.id,
        "purpose": row.purpose,
        "channel": row.channel,
        "status": row.status,
        "at": stamp(row.at, zone),
        "valid_until": row.valid_until.isoformat() if row.valid_until else "",
        "how": row.how,
        "evidence": row.evidence,
        "notice_version": row.notice_version,
        "language": row.language,
        "recorded_by": row.recorded_by,
    }


def interval(one: Interval, zone: tzinfo) -> dict[str, Any]:
    """One pause of an agent."""
    return {
        "account": one.account,
        "reason": one.reason,
        "start": stamp(one.start, zone),
        "planned_end": stamp(one.planned_end, zone),
        "end": stamp(one.end, zone),
        "ended_by": str(one.ended_by),
    }
