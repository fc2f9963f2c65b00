"""How a log line is written: one JSON object, with nothing in it that is personal or secret.

An exception is shown as its type and where it came from. Its text is left out, because a
library's error may quote the value it choked on; only our own errors, which never do, say why.

>>> import logging
>>> record = logging.makeLogRecord({"msg": "answered", "levelname": "INFO", "status": 200})
>>> '"message":"answered","status":200' in JsonLines().format(record)
True
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from rules.errors import RulesError

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["JsonLines", "configure", "where"]

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_encode = msgspec.json.Encoder(enc_hook=str).encode


def where(traceback: TracebackType | None) -> list[str]:
    """The places of a traceback, outermost first: `file.py:12 function`."""
    places = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        name = "/".join(code.co_filename.split("/")[-2:])
        places.append(f"{name}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    return places


class JsonLines(logging.Formatter):
    """Time, level, message and every `extra` of a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        moment = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, Any] = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {k: v for k, v in vars(record).items() if k not in _STANDARD}
        if record.exc_info and record.exc_info[0]:
            line["exception"] = record.exc_info[0].__name__
            if isinstance(record.exc_info[1], RulesError):
                line["why"] = str(record.exc_info[1])
            line["at"] = where(record.exc_info[2])
        return _encode(line).decode()


def configure(level: str = "INFO") -> None:
    """Write every log record to standard error as JSON lines."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("requests", "urllib3", "sqlalchemy", "alembic", "dbos"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
