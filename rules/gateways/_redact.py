"""Nothing secret in a log: a net below the log lines of this process, and quiet libraries.

While a call lives, its secrets are replaced by `***` in every log record of the process: plain,
percent-encoded and in base64, in message, arguments and traceback. The log lines that requests and
urllib3 write during our calls name whole URLs; they are dropped, whatever level they stand at.
"""

from __future__ import annotations

import base64
import logging
import threading
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

from rules.secret import MASK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["Redactor", "in_call", "redactor"]

_SHORTEST = 4
_LIBRARIES = ("requests", "urllib3")
in_call = threading.local()
"""`in_call.flight` is set in a thread while a call of ours runs in it."""


def _base64_forms(secret: bytes) -> Iterator[str]:
    """What stays the same of a secret in base64, wherever in a longer text it stands."""
    for before in range(3):
        written = base64.b64encode(b"\0" * before + secret)
        start = (before * 8 + 5) // 6
        end = len(written) - (0, 3, 2)[(before + len(secret)) % 3]
        if end - start >= _SHORTEST:
            yield written[start:end].decode()


def forms(secret: str) -> set[str]:
    """Every spelling of a secret that is looked for."""
    written = {secret, quote(secret, safe=""), quote(secret), quote_plus(secret)}
    written |= {repr(secret)[1:-1], *_base64_forms(secret.encode("utf-8", "replace"))}
    return written


class Redactor(logging.Filter):
    """Replaces the secrets of the calls that are on their way."""

    def __init__(self) -> None:
        super().__init__()
        self._live: dict[int, Sequence[str]] = {}
        self._numbers = count()
        self._installed = False

    def hide(self, secrets: Sequence[str]) -> int:
        """Hide these texts until `show` is called with the number given back; 0: nothing to do."""
        kept = [secret for secret in secrets if len(secret) >= _SHORTEST]
        if not kept:
            return 0
        number = next(self._numbers) + 1
        self._live[number] = kept
        return number

    def show(self, number: int) -> None:
        """The call is over."""
        self._live.pop(number, None)

    def clean(self, text: str) -> str:
        """The text with every live secret replaced."""
        live = [secret for secrets in list(self._live.values()) for secret in secrets]
        for written in sorted({form for secret in live for form in forms(secret)}, key=len)[::-1]:
            text = text.replace(written, MASK)
        return text

    def filter(self, record: logging.LogRecord) -> bool:
        """Clean one record; never drops it."""
        if not self._live:
            return True
        message = record.getMessage()
        if (cleaned := self.clean(message)) != message:
            record.msg, record.args = cleaned, ()
        elif isinstance(record.args, tuple) and self.clean(repr(record.args)) != repr(record.args):
            record.msg, record.args = message, ()
        if record.exc_info:
            text = logging.Formatter().formatException(record.exc_info)
            if (cleaned := self.clean(text)) != text:
                record.exc_info, record.exc_text = None, cleaned
        return True

    def install(self) -> None:
        """Let every record of the process pass here, and quiet the libraries; once."""
        if self._installed:
            return
        self._installed = True
        make = logging.getLogRecordFactory()
        logging.setLogRecordFactory(self._factory(make))
        for name in sorted(logging.root.manager.loggerDict):
            if name.split(".")[0] in _LIBRARIES:
                logging.getLogger(name).addFilter(_outside_calls)
        for name in _LIBRARIES:
            logging.getLogger(name).setLevel(logging.WARNING)

    def _factory(self, make: Callable[..., logging.LogRecord]) -> Callable[..., logging.LogRecord]:
        def made(*args: Any, **kwargs: Any) -> logging.LogRecord:
            record = make(*args, **kwargs)
            self.filter(record)
            return record

        return made


def _outside_calls(_: logging.LogRecord) -> bool:
    """Let a library's record pass only outside our calls."""
    return getattr(in_call, "flight", None) is None


redactor = Redactor()
"""The one net of the process."""
