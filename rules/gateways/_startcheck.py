"""Fail closed: the process does not start when the guard cannot be relied upon.

The hook that opens connections is no public interface of urllib3, and other packages are known to
put themselves in urllib3's place. So at start the library must be the distribution of that name,
unchanged, and a call to a loopback socket of our own must be refused without a connection.
"""

from __future__ import annotations

import base64
import hashlib
import re
import socket
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import urllib3
import urllib3.connection
import urllib3.connectionpool
import urllib3.response

from rules.errors import RulesError
from rules.gateways._line import CHECK_PURPOSE
from rules.outgoing import Call, OutgoingError, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from importlib.metadata import PackagePath
    from types import ModuleType

    from rules.gateways._names import Found
    from rules.outgoing import Outgoing

__all__ = ["GuardBroken", "check"]

_OLDEST, _TOO_NEW = (2, 2), (3, 0)
_HOOKED = (urllib3, urllib3.connection, urllib3.connectionpool, urllib3.response)
_SECONDS = 2.0


class GuardBroken(RulesError):
    """The address guard does not hold; nothing may be sent."""

    code = "GUARD_BROKEN"


def check(make: Callable[[Callable[[str, int], Sequence[Found]]], Outgoing]) -> None:
    """Raise `GuardBroken` unless the library is what it should be and the guard refuses.

    `make` gives a client without exceptions that looks names up with the function given.
    """
    _check_library()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        client = make(lambda _, port: [(socket.AF_INET, ("127.0.0.1", port))])
        for host in ("127.0.0.1", "guard.example"):
            _check_refusal(client, f"http://{host}:{port}/")
        server.settimeout(0)
        try:
            server.accept()[0].close()
        except BlockingIOError:
            return
    raise GuardBroken("a refused address was connected to")


def _check_refusal(client: Outgoing, url: str) -> None:
    call = Call("GET", url, allow_http=True, purpose=CHECK_PURPOSE)
    try:
        client.send(call, deadline=monotonic() + _SECONDS)
    except Refused as refused:
        if refused.kind == "address":
            return
    except OutgoingError:
        pass
    raise GuardBroken("a loopback address was not refused")


def _check_library() -> None:
    try:
        found = distribution("urllib3")
    except PackageNotFoundError:
        raise GuardBroken("urllib3 is no installed distribution") from None
    version = tuple(int(part) for part in re.findall(r"\d+", found.version)[:2])
    if not _OLDEST <= version < _TOO_NEW or _imported_version() != found.version:
        raise GuardBroken("urllib3 has another version than expected")
    files = found.files or ()
    for module in _HOOKED:
        if not _is_part(module, files):
            raise GuardBroken(f"{module.__name__} is not the one of the distribution urllib3")


def _imported_version() -> str:
    return str(vars(urllib3).get("__version__", ""))


def _is_part(module: ModuleType, files: Iterable[PackagePath]) -> bool:
    """Does the module come from a file of the distribution, as it was packed?"""
    path = Path(module.__file__ or "").resolve()
    for file in files:
        if file.name == path.name and Path(str(file.locate())).resolve() == path:
            if file.hash is None:
                return True
            digest = hashlib.new(file.hash.mode, path.read_bytes()).digest()
            return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == file.hash.value
    return False
