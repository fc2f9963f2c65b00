"""The pages: a list of methods, a form for each with its reply below, and an account's webhooks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import Blueprint, render_template, request

from rules import __version__
from rules.envelope import Field, Rest
from rules.errors import UnknownPath
from rules.methods import METHODS, answer
from rules.web.common import check_sender, request_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.methods import Method
    from rules.services import Services

__all__ = ["blueprint"]

_MORE = "more"


@dataclass(frozen=True)
class Input:
    """One input of a form: the wire name, what stands in it, words beside it."""

    name: str
    label: str
    about: str
    needed: bool
    secret: bool
    value: str


@dataclass(frozen=True)
class Variable:
    """One variable of a reply; `words` say a moment the way people do."""

    name: str
    value: str
    about: str
    words: str


def blueprint(services: Services) -> Blueprint:
    """Routes of the console."""
    routes = Blueprint("console", __name__, url_prefix="/console", template_folder="templates")
    offered = {name: method for name, method in METHODS.items() if not method.admin}

    @routes.before_request
    def check() -> None:
        check_sender(services.settings)

    @routes.get("/")
    def listing() -> str:
        return render_template("methods.html", methods=offered.values(), version=__version__)

    @routes.get("/webhooks")
    def webhooks() -> str:
        has_token = bool(services.settings.admin_token)
        return render_template("webhooks.html", has_token=has_token, version=__version__)

    @routes.route("/<name>", methods=["GET", "POST"])
    def page(name: str) -> str:
        method = offered.get(name.casefold())
        if method is None:
            raise UnknownPath("the console has no such method")
        reply = _ask(services, method) if request.method == "POST" else None
        return render_template(
            "method.html",
            method=method,
            inputs=list(_inputs(method)),
            open_set=next((f for f in method.fields if isinstance(f, Rest)), None),
            more=request.form.get(_MORE, ""),
            reply=reply,
            version=__version__,
        )

    return routes


def _inputs(method: Method) -> Iterator[Input]:
    for field in method.fields:
        if isinstance(field, Field):
            yield Input(
                field.name,
                field.name.removeprefix("$flow.key."),
                field.about,
                field.needed,
                field.secret,
                "" if field.secret else request.form.get(field.name, ""),
            )


def _ask(services: Services, method: Method) -> dict[str, Any]:
    """The reply to what the form holds: variables, status, and what needs attention."""
    keys = [
        {"name": name, "value": value}
        for name, value in request.form.items()
        if name != _MORE and value.strip()
    ]
    for line in request.form.get(_MORE, "").splitlines():
        name, mark, value = line.partition("=")
        keys += [{"name": name.strip(), "value": value}] if mark else []
    found = answer({"keys": keys}, services, method=method.name, request_id=request_id())
    about = {reply.name: reply.about for reply in method.replies}
    now = services.clock()
    return {
        "status": found.status,
        "error": found.body.get("error"),
        "request": keys,
        "variables": [
            Variable(
                key["name"].removeprefix("$flow.key."),
                key["value"],
                about.get(key["name"], ""),
                _words(key["value"], now),
            )
            for key in found.body["keys"]
        ],
    }


def _words(value: str, now: datetime) -> str:
    """`in 2 hours` beside a moment; nothing beside anything else."""
    import pendulum  # noqa: PLC0415  only when a page is shown

    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return ""
    if moment.tzinfo is None:
        return ""
    return (
        pendulum.instance(moment)
        .diff_for_humans(pendulum.instance(now))
        .replace("after", "from now")
        .replace("before", "ago")
    )
