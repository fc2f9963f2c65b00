"""Nothing secret in a log: a net below the log lines of this process, and quiet libraries.

While a call lives, its secrets are replaced by `***` in every log record of the process: plain,
percent-encoded and in base64, in message, arguments and traceback. The log lines that requests and
urllib3 write during our calls name whole URLs; they are dropped, whatever level they stand at.
"""

from __future__ import annotations

import logging
import threading
from itertools import count
from typing import TYPE_CHECKING, Any

from rules.secret import SHORTEST, mask

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Redactor", "in_call", "redactor"]

_LIBRARIES = ("requests", "urllib3")
in_call = threading.local()
"""`in_call.flight` is set in a thread while a call of ours runs in it."""


class Redactor(logging.Filter):
    """Replaces the secrets of the calls that are on their way."""

    def __init__(self) -> None:
        super().__init__()
        self._live: dict[int, Sequence[str]] = {}
        self._numbers = count()
        self._installed = False

    def hide(self, secrets: Sequence[str]) -> int:
        """Hide these texts until `show` is called with the number given back; 0: nothing to do."""
        kept = [secret for secret in secrets if len(secret) >= SHORTEST]
        if not kept:
            return 0
        number = next(self._numbers) + 1
        self._live[number] = kept
        return number

    def show(self, number: int) -> None:
        """The call is over."""
        self._live.pop(number, None)

    def reset(self) -> None:
        """In the child of a fork: the calls of other threads are the parent's."""
        self._live.clear()

    def clean(self, text: str) -> str:
        """The text with every live secret replaced."""
        return mask(text, [secret for secrets in list(self._live.values()) for secret in secrets])

    def filter(self, record: logging.LogRecord) -> bool:
        """Clean one record; never drops it."""
        if not self._live:
            return True
        try:
            message = record.getMessage()
        except Exception:  # noqa: BLE001  wrong arguments of somebody's log line: show both
            message, record.args = f"{record.msg} {record.args}", ()
            record.msg = message
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
