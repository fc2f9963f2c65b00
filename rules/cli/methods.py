"""`flow-rules call`: any method in process; `flow-rules methods`: which there are."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from rules.cli.common import command, moment, print_table, services, wrong
from rules.envelope import Field
from rules.errors import RequestRefused, RulesError, StoreUnavailable, UnknownMethod
from rules.methods import METHODS, answer, find_method

if TYPE_CHECKING:
    import argparse

    from rules.cli.common import Commands
    from rules.methods import Answer, Method

__all__ = ["register"]

_OUTPUTS = ("table", "json", "envelope")
_CALL_EPILOG = """\
examples:
  flow-rules call ValidateDateAndTime inputDate='kal shaam 5 baje' type=Callback
  echo '{"keys": []}' | flow-rules call fetchUserPreferences --json - --output envelope

exit codes: 0 answered; 1 failure of ours; 2 the request was refused, each bad field is named"""


def register(commands: Commands) -> None:
    """Add both commands."""
    call = command(commands, "call", "run a method and print its reply", epilog=_CALL_EPILOG)
    call.add_argument("method", metavar="METHOD", help="name of the method, any case")
    call.add_argument("values", nargs="*", metavar="name=value", help="a variable, as in a request")
    call.add_argument("--json", metavar="FILE", help="request body (- for standard input)")
    call.add_argument("--now", type=moment, metavar="MOMENT", help="answer as of this moment")
    call.add_argument("--accounts", metavar="FILE", help="accounts file (default: RULES_ACCOUNTS)")
    call.add_argument(
        "--output",
        choices=_OUTPUTS,
        default="table",
        help="form of the reply (default: table)",
    )
    call.gathered = "values"
    call.set_defaults(run=_call)
    listing = command(commands, "methods", "list the methods, or the fields of one")
    listing.add_argument("method", nargs="?", metavar="METHOD", help="show this one only")
    listing.set_defaults(run=_methods)


def _call(args: argparse.Namespace) -> int:
    built = services(accounts=args.accounts, now=args.now)
    _find(args.method)
    reply = answer(_body(args), built, method=args.method)
    _print(reply, args.output)
    if reply.status >= 500:
        print(f"flow-rules: {_cause(reply.error)}", file=sys.stderr)
        return 1
    return 0 if reply.status == 200 else 2


def _find(name: str) -> Method:
    """The method of this name; without one the command was called in a wrong way."""
    try:
        return find_method(name)
    except UnknownMethod as error:
        wrong(f"{error}; 'flow-rules methods' lists them")


def _cause(error: Exception | None) -> str:
    """What a failure of ours came from; only our own errors are sure to say nothing of a person."""
    name = type(error).__name__
    if isinstance(error, StoreUnavailable):
        return f"{name}: {error}; see RULES_DATABASE in docs/settings.md"
    return f"{name}: {error}" if isinstance(error, RulesError) else name


def _body(args: argparse.Namespace) -> Any:
    from rules.envelope import decode

    body: Any = {}
    if args.json:
        try:
            if args.json == "-":
                body = decode(sys.stdin.buffer.read())
            else:
                with open(args.json, "rb") as file:  # noqa: PTH123  a name from the command line
                    body = decode(file.read())
        except OSError as error:
            wrong(f"--json: {args.json} cannot be read ({error.strerror})")
        except RequestRefused as error:
            wrong(f"--json: {error}")
    for value in args.values:
        name, mark, text = value.partition("=")
        if not mark:
            wrong(f"'{value}': write name=value")
        if not isinstance(body, dict) or not isinstance(body.setdefault("keys", []), list):
            wrong("--json: name=value needs an object with a list of keys")
        body["keys"].append({"name": name, "value": text})
    return body


def _print(reply: Answer, output: str) -> None:
    import json

    error = reply.body.get("error")
    pairs = [(entry["name"], entry["value"]) for entry in reply.body["keys"]]
    if output == "envelope":
        print(json.dumps(reply.body, ensure_ascii=False, indent=2))
    elif output == "json":
        print(json.dumps(dict(pairs), ensure_ascii=False, indent=2))
    else:
        print_table(("variable", "value"), pairs)
    if error and output != "envelope":
        print(f"{error['code']}: {error['message']}", file=sys.stderr)
        for field in error["fields"]:
            print(f"  {field['name']}: {field['message']} ({field['code']})", file=sys.stderr)


def _methods(args: argparse.Namespace) -> int:
    chosen = [_find(args.method)] if args.method else list(METHODS.values())
    for method in chosen:
        print(f"{method.name}{' (admin)' if method.admin else ''}: {method.about}")
        for field in method.fields:
            if isinstance(field, Field):
                need = "needed" if field.needed else "optional"
                print(f"    {field.name:42} {need:9} {field.about}")
            else:
                print(f"    {field.prefix + '<name>':42} {'any':9} {field.about}")
        for variable in method.replies:
            print(f"  -> {variable.name:42} {'ours' if variable.extra else '':9} {variable.about}")
    return 0
