"""`createOutbound`: ask the dialler for a call, exactly once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rules.envelope import Field, Rest, boolean, text, within
from rules.errors import BadParameters, FieldProblem
from rules.methods._method import ACCOUNT_ID, Method, Reply, flag
from rules.methods._outbound import IDEMPOTENCY_KEY, OBD_VARIABLES, PURPOSE
from rules.outbound import BodyTooLarge, OutboundRequest
from rules.services.placing import KeyTaken, Rehearsed, place, rehearse

if TYPE_CHECKING:
    from datetime import datetime

    from rules.errors import RulesError
    from rules.methods._method import Call, Pairs
    from rules.services.placing import Placed

__all__ = ["METHOD", "starting"]

API_VERSION = Field("$flow.syskey.apiVersion", text, "version of the flow", default="1.0")
SECURITY_ID = Field("$flow.syskey.securityID", text, "64 letters and digits", secret=True)
FLOW_ID = Field("$flow.syskey.flowID", text, "8 letters and digits: the flow to start")
CLIENT_ID = Field(
    "$flow.syskey.clientID", text, "your own reference; our order id when missing", default=""
)
DELAY = Field(
    "$flow.syskey.delayMinutes", within(0, 525_600), "minutes from now to the call", default=0
)
NUMBERS = Field(
    "$flow.syskey.contactNumbers", text, "one or more numbers, tried in turn; separated by , ; |"
)
DRY_RUN = Field(
    "$flow.key.dryRun", boolean, "true: check everything, store and send nothing", default=False
)
VARIABLES = Rest("$flow.key.", "every other variable goes with the call")

_FIELDS = (
    API_VERSION,
    SECURITY_ID,
    FLOW_ID,
    CLIENT_ID,
    DELAY,
    NUMBERS,
    PURPOSE,
    IDEMPOTENCY_KEY,
    DRY_RUN,
    ACCOUNT_ID,
    VARIABLES,
)
_SYSTEM = (API_VERSION, SECURITY_ID, FLOW_ID, CLIENT_ID, DELAY, NUMBERS)
_OURS = OBD_VARIABLES | {
    field.name.rpartition(".")[2].casefold() for field in (PURPOSE, IDEMPOTENCY_KEY, DRY_RUN)
}
_CODES = {"INTERNAL": 500, "UNAUTHORIZED": 401, "ADDRESS_NOT_ALLOWED": 401, "TOO_MANY": 500}
_FIELD_CODES = {KeyTaken.code: 201, BodyTooLarge.code: 400}


def starting(start: datetime | None) -> Method:
    """The method for a caller in the same process who may know the exact start of the call."""
    return replace(METHOD, run=lambda call: _run(call, start=start))


def _request(call: Call, start: datetime | None) -> OutboundRequest:
    """The typed request."""
    return OutboundRequest(
        security_id=call[SECURITY_ID],
        flow_id=call[FLOW_ID],
        contact_numbers=call[NUMBERS],
        api_version=call[API_VERSION],
        client_id=call[CLIENT_ID],
        delay_minutes=call[DELAY],
        keys=_variables(call),
        purpose=call[PURPOSE],
        idempotency_key=call[IDEMPOTENCY_KEY],
        account=call.account or "",
        flow=call.flow or "",
        start=start,
    )


def _variables(call: Call) -> tuple[tuple[str, str], ...]:
    """Variables that go with the call: not ours, and not one that stood in for a system field."""
    sent = {name.casefold() for name, _ in call.envelope.keys}
    stood_in = {field.second.rpartition(".")[2] for field in _SYSTEM if not sent & set(field.first)}
    return tuple(
        (VARIABLES.prefix + name, value)
        for name, value in call.envelope.rest(VARIABLES).items()
        if value is not None and name.casefold() not in _OURS | stood_in
    )


def _run(call: Call, *, start: datetime | None = None) -> Pairs:
    request = _request(call, start)
    try:
        if call[DRY_RUN]:
            return _dry(rehearse(call.services, request, now=call.now))
        return _placed(place(call.services, request, now=call.now, by=f"request/{call.request_id}"))
    except KeyTaken as error:
        raise BadParameters([_problem(IDEMPOTENCY_KEY.name, error)]) from None
    except BodyTooLarge as error:
        raise BadParameters([_problem(f"{VARIABLES.prefix}<name>", error)]) from None


def _problem(name: str, error: RulesError) -> FieldProblem:
    return FieldProblem(name, error.code, str(error))


def _placed(placed: Placed) -> Pairs:
    answer = placed.answer
    return [
        ("$flow.key.obdResponseCode", answer.code),
        ("$flow.key.obdReqID", answer.request_id),
        ("$flow.key.obdPhononUUID", answer.phonon_uuid),
        ("$flow.key.obdState", answer.state),
        ("$flow.key.obdOwnReqID", answer.own_id),
        ("$flow.key.obdReason", answer.reason),
        ("$flow.key.obdStartTime", answer.start),
        ("$flow.key.obdDuplicate", flag(placed.duplicate)),
    ]


def _dry(found: Rehearsed | Placed) -> Pairs:
    """The answer to a dry run; a key that an earlier order holds gives that order's, no body."""
    if isinstance(found, Rehearsed):
        return _rehearsed(found)
    return [*_placed(found), ("$flow.key.obdWireBody", "")]


def _rehearsed(found: Rehearsed) -> Pairs:
    return [
        ("$flow.key.obdResponseCode", str(found.code)),
        ("$flow.key.obdReqID", ""),
        ("$flow.key.obdPhononUUID", ""),
        ("$flow.key.obdState", "preview"),
        ("$flow.key.obdOwnReqID", ""),
        ("$flow.key.obdReason", found.reason),
        ("$flow.key.obdStartTime", found.start),
        ("$flow.key.obdDuplicate", "false"),
        ("$flow.key.obdWireBody", found.body),
    ]


def _failure(error: RulesError) -> Pairs:
    """The dialler's code that comes nearest: 210 for fields, 500 for a failure of ours."""
    code = _CODES.get(error.code, 400)
    if isinstance(error, BadParameters):
        codes = [_FIELD_CODES[f.code] for f in error.fields if f.code in _FIELD_CODES]
        only_one = len(error.fields) == 1 and bool(codes)
        code = codes[0] if only_one else 210
    return [
        ("$flow.key.obdResponseCode", str(code)),
        ("$flow.key.obdReqID", ""),
        ("$flow.key.obdPhononUUID", ""),
    ]


METHOD = Method(
    name="createOutbound",
    about="ask the dialler for a call; never lost, never doubled",
    fields=_FIELDS,
    replies=(
        Reply("$flow.key.obdResponseCode", "code of the dialler; 202 when kept for later"),
        Reply("$flow.key.obdReqID", "request id of the dialler; our order id when kept"),
        Reply("$flow.key.obdPhononUUID", "id of the call, in real time"),
        Reply("$flow.key.obdState", "where the order stands", extra=True),
        Reply("$flow.key.obdOwnReqID", "our order id", extra=True),
        Reply("$flow.key.obdReason", "why, in short codes", extra=True),
        Reply("$flow.key.obdStartTime", "start of the call on the wire", extra=True),
        Reply("$flow.key.obdDuplicate", "true: the answer repeats an earlier one", extra=True),
        Reply("$flow.key.obdWireBody", "dryRun only: the exact body", extra=True),
    ),
    run=_run,
    failure=_failure,
)
