"""`GET /v1/reports/breaks`: the break report as CSV, for who holds the admin token."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from rules.envelope import Envelope
from rules.errors import BadParameters, FieldProblem
from rules.methods import fill_call
from rules.methods.pull_break_report import METHOD, csv_lines
from rules.web.common import check_sender, need_admin, request_id

if TYPE_CHECKING:
    from rules.services import Services

__all__ = ["blueprint"]

_FIELDS = {
    "from": "$flow.key.reportFrom",
    "to": "$flow.key.reportTo",
    "cli": "$flow.key.cli",
    "account": "$flow.key.accountID",
    "reason": "$flow.key.pauseReason",
}
_PARAMETERS = {field: name for name, field in _FIELDS.items()}


def blueprint(services: Services) -> Blueprint:
    """The report's route."""
    routes = Blueprint("breaks", __name__)

    @routes.get("/v1/reports/breaks")
    def breaks() -> Response:
        check_sender(services.settings)
        need_admin(services.settings)
        given = [(field, request.args.get(name)) for name, field in _FIELDS.items()]
        try:
            call = fill_call(METHOD, Envelope(METHOD.name, given), services, request_id())
        except BadParameters as error:
            raise BadParameters(map(_by_parameter, error.fields)) from None
        lines = csv_lines(call)
        begin = list(islice(lines, 2))  # a database that fails does so before the 200
        return Response(chain(begin, lines), mimetype="text/csv")

    return routes


def _by_parameter(problem: FieldProblem) -> FieldProblem:
    """The problem named as it stands in the address."""
    return FieldProblem(_PARAMETERS[problem.name], problem.code, problem.message)
