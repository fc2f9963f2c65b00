"""Outbound calls: from a request to one order, when it may be made, and what became of it.

Pure rules over frozen values; storing and sending are others' work.

>>> from datetime import datetime
>>> now = datetime.fromisoformat("2026-11-18T10:30:00+05:30")
>>> request = OutboundRequest("s" * 64, "aB3dE5gH", "9876543210,+919876543210", delay_minutes=840)
>>> order = plan(request, now=now, order_id="4f6a", settings=OutboundSettings())
>>> order.call.numbers, order.call.start
(('919876543210',), '2026-11-19T00:30:00+05:30')
"""

from rules.outbound.answer import OrderAnswer, answer_of, refusal
from rules.outbound.course import (
    Grounds,
    advance,
    cancel,
    may_cancel,
    open_order,
    postpone,
    record,
    release,
    retry,
)
from rules.outbound.decisions import ask_gate, explain, keep, moment_words
from rules.outbound.gate import (
    CallDecision,
    CallQuestion,
    Effect,
    Said,
    Verdict,
    check_call,
    is_indian,
)
from rules.outbound.numbers import Numbers, read_numbers, split_numbers
from rules.outbound.order import BodyTooLarge, OutboundOrder, OutboundRequest, Refused, plan
from rules.outbound.preview import (
    CONTACT_COLUMNS,
    Preview,
    PreviewRow,
    RowVerdict,
    Totals,
    contact_of,
    marks_of,
    named_start,
    preview,
)
from rules.outbound.purposes import Purpose, read_purpose
from rules.outbound.records import CallRules, Record, load_rules
from rules.outbound.retry import breaker_until, next_attempt
from rules.outbound.settings import (
    OUTBOUND,
    DiallerMode,
    Hold,
    OnUncertain,
    OutboundSettings,
    OutsideWindow,
)
from rules.outbound.state import NEXT, Change, State
from rules.outbound.wire import (
    CODES,
    LARGEST_BODY,
    MESSAGES,
    Kind,
    Outcome,
    WireCall,
    interpret,
    no_answer,
    start_text,
)

__all__ = [
    "CODES",
    "CONTACT_COLUMNS",
    "LARGEST_BODY",
    "MESSAGES",
    "NEXT",
    "OUTBOUND",
    "BodyTooLarge",
    "CallDecision",
    "CallQuestion",
    "CallRules",
    "Change",
    "DiallerMode",
    "Effect",
    "Grounds",
    "Hold",
    "Kind",
    "Numbers",
    "OnUncertain",
    "OrderAnswer",
    "OutboundOrder",
    "OutboundRequest",
    "OutboundSettings",
    "Outcome",
    "OutsideWindow",
    "Preview",
    "PreviewRow",
    "Purpose",
    "Record",
    "Refused",
    "RowVerdict",
    "Said",
    "State",
    "Totals",
    "Verdict",
    "WireCall",
    "advance",
    "answer_of",
    "ask_gate",
    "breaker_until",
    "cancel",
    "check_call",
    "contact_of",
    "explain",
    "interpret",
    "is_indian",
    "keep",
    "load_rules",
    "marks_of",
    "may_cancel",
    "moment_words",
    "named_start",
    "next_attempt",
    "no_answer",
    "open_order",
    "plan",
    "postpone",
    "preview",
    "read_numbers",
    "read_purpose",
    "record",
    "refusal",
    "release",
    "retry",
    "split_numbers",
    "start_text",
]
