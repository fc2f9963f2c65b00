"""`GET /v1/reports/<account>/<type>`: the rows of a report as a file, with the admin token."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request, send_file

from rules.gateways.report_export import ExportUnavailable
from rules.gateways.report_request import MEDIA_TYPES, read_job
from rules.web.common import check_sender, json_reply, need_admin

if TYPE_CHECKING:
    from rules.services import Services

__all__ = ["blueprint"]

_ASKED = ("since", "until", "format", "location", "mask")


def blueprint(services: Services) -> Blueprint:
    """The one route; days, format, place and masked columns are parameters of the query."""
    routes = Blueprint("reports", __name__)

    @routes.get("/v1/reports/<account>/<report_type>")
    def rows(account: str, report_type: str) -> Response:
        check_sender(services.settings)
        need_admin(services.settings)
        asked = {name: request.args.get(name) for name in _ASKED}
        job = read_job(services, asked | {"account": account, "type": report_type})
        with tempfile.TemporaryDirectory(prefix="report-") as folder:
            path = Path(folder, job.name)
            try:
                job.run(path)
            except ExportUnavailable as error:
                return json_reply({"error": {"code": error.code, "message": str(error)}}, 501)
            file = path.open("rb")  # still readable when the folder is gone
        return send_file(
            file, MEDIA_TYPES[job.form], as_attachment=True, download_name=job.name, etag=False
        )

    return routes
