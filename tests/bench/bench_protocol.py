"""The protocol: envelope to envelope, one call over HTTP against a bare echo, import times."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from rules.methods import answer
from rules.testing import make_services
from tests.bench._http import ECHO, rates, serving
from tests.bench._row import Row, in_turn

__all__ = ["BENCHES"]

KEYS = {
    "$flow.key.inputDate": "4 November 2027 5 pm",
    "$flow.key.type": "Appointment",
    "$flow.key.validMAxDays": "5",
    "$flow.key.workingDaysOff": "Saturday,Sunday",
    "$flow.key.incrementDays": "0",
    "$flow.key.appointmentStartTime": "09:00",
    "$flow.key.appointmentEndTime": "18:00",
    "$flow.syskey.flowID": "aB3dE5gH",
    "$call.cli.number": "919876543210",
}
BODY = json.dumps({"keys": [{"name": n, "value": v} for n, v in KEYS.items()]}).encode()


def envelope() -> Row:
    """Bytes to reply, rule and prompt included."""
    services = make_services(now=datetime.now(UTC))

    def ours() -> object:
        return answer(BODY, services, method="ValidateDateAndTime")

    def echo() -> object:
        return json.dumps(json.loads(BODY))

    first, second = in_turn(ours, echo, number=300)
    return Row(
        "ValidateDateAndTime, bytes to reply",
        first * 1e6,
        "µs",
        second * 1e6,
        "json.loads and dumps of the request",
        first / second,
    )


def over_http() -> Row:
    """The rule over HTTP under gunicorn against a bare Flask echo under the same gunicorn."""
    with tempfile.TemporaryDirectory() as folder:
        environ = {"RULES_DATABASE": str(Path(folder) / "rules.sqlite3")}
        with serving("webapp:create_app()", environ) as ours, serving(ECHO) as echo:
            path = "/v1/methods/ValidateDateAndTime"
            first, second = rates((ours, path, BODY), (echo, "/", BODY))
    return Row(
        "ValidateDateAndTime over HTTP",
        first,
        "calls/s",
        second,
        "bare Flask echo, same gunicorn",
        first / second,
        ">= 0.85",
    )


def _import_seconds(statement: str) -> float:
    """CPU seconds a fresh interpreter takes for a statement, without its own start."""
    code = f"import time; t = time.process_time(); {statement}; print(time.process_time() - t)"
    found = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
        for _ in range(9)
    ]
    return statistics.median(found)


def import_dates() -> Row:
    """`import rules.dates`."""
    ours = _import_seconds("import rules.dates")
    other = _import_seconds("import requests")
    return Row(
        "import rules.dates", ours * 1000, "ms", other * 1000, "import requests", None, "<= 60"
    )


def import_methods() -> Row:
    """Every method, as a Python service imports them."""
    ours = _import_seconds("import rules.methods")
    other = _import_seconds("import flask")
    return Row("import rules.methods", ours * 1000, "ms", other * 1000, "import flask")


BENCHES = [envelope, over_http, import_dates, import_methods]
