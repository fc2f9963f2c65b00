"""`previewOutbound`: who of a list could be called, and when; nobody is."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from rules.envelope import Field, text, within
from rules.methods._method import ACCOUNT_ID, Method, Reply, fixed
from rules.methods._outbound import PURPOSE
from rules.outbound import OUTBOUND, RowVerdict, load_rules, preview, split_numbers, start_text

if TYPE_CHECKING:
    from rules.methods._method import Call, Pairs
    from rules.outbound import PreviewRow

__all__ = ["METHOD"]

NUMBERS = Field("$flow.syskey.contactNumbers", text, "numbers, each a row of its own")
DELAY = Field(
    "$flow.syskey.delayMinutes", within(0, 525_600), "minutes from now to the calls", default=0
)
_MOST_ROWS = 1000


def _run(call: Call) -> Pairs:
    purpose = call[PURPOSE]
    start = (call.now + timedelta(minutes=call[DELAY])).isoformat()
    rows = [
        {"contact": number, "purpose": purpose.value if purpose else "", "starttime": start}
        for number in split_numbers(call[NUMBERS])
    ]
    judged = preview(rows, now=call.now, settings=call.settings(OUTBOUND), rules=load_rules())
    shown = [_row(row) for row in judged][:_MOST_ROWS]
    totals = judged.totals
    verdicts = totals.verdicts
    return [
        ("$flow.key.previewTotal", str(totals.total)),
        ("$flow.key.previewValid", str(totals.valid)),
        ("$flow.key.previewInvalid", str(verdicts[RowVerdict.INVALID])),
        ("$flow.key.previewDuplicate", str(verdicts[RowVerdict.DUPLICATE])),
        ("$flow.key.previewAllowed", str(verdicts[RowVerdict.ALLOWED])),
        ("$flow.key.previewDeferred", str(verdicts[RowVerdict.DEFERRED])),
        ("$flow.key.previewBlocked", str(verdicts[RowVerdict.BLOCKED])),
        ("$flow.key.previewRules", ",".join(f"{r}:{n}" for r, n in sorted(totals.rules.items()))),
        ("$flow.key.previewRows", msgspec.json.encode(shown).decode()),
    ]


def _row(row: PreviewRow) -> dict[str, str]:
    return {
        "number": row.number,
        "verdict": row.verdict.value,
        "reason": row.reason,
        "when": start_text(row.when) if row.when else "",
    }


METHOD = Method(
    name="previewOutbound",
    about="judge a list of numbers before it is called",
    fields=(NUMBERS, DELAY, PURPOSE, ACCOUNT_ID),
    replies=(
        Reply("$flow.key.previewTotal", "how many numbers"),
        Reply("$flow.key.previewValid", "usable, each counted once"),
        Reply("$flow.key.previewInvalid", "masked, lettered or impossible"),
        Reply("$flow.key.previewDuplicate", "standing again"),
        Reply("$flow.key.previewAllowed", "may be called at the time asked for"),
        Reply("$flow.key.previewDeferred", "would be called later"),
        Reply("$flow.key.previewBlocked", "may not be called"),
        Reply("$flow.key.previewRules", "rules that moved or forbade a call, with counts"),
        Reply("$flow.key.previewRows", "JSON: number, verdict, reason, when; 1,000 rows at most"),
    ),
    run=_run,
    failure=fixed(("$flow.key.previewTotal", "")),
)
