"""What is sent to an engine, and what its answer means. Nothing here opens a connection.

Two engines are known: `google` (Cloud Translation v2) and `libre` (LibreTranslate). The key goes
into a header or a body, never into the address unless the account asks for it. What the answer
means is read from status **and** body: key faults come as 400, used-up quotas as 403.

>>> sent = prepare("google", "https://t.example", "k", ("Hi",), Pair("en", "hi"))
>>> sent.url, sent.body.decode()
('https://t.example/language/translate/v2', '{"q":["Hi"],"source":"en","target":"hi","format":"text"}')
>>> read_answer("google", 200, b'{"data":{"translations":[{"translatedText":"[hi] Hi"}]}}', 1).texts
('[hi] Hi',)
>>> read_answer("google", 403, b'{"error":{"message":"Daily Limit Exceeded"}}', 1).reason.value
'QUOTA_EXCEEDED'
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["EngineAnswer", "Pair", "Prepared", "Reason", "prepare", "read_answer", "wording"]

_JSON = "application/json; charset=utf-8"
_LONGEST_WORDING = 200


class Reason(StrEnum):
    """Why there is no translation."""

    AUTHENTICATION_FAILURE = "AUTHENTICATION_FAILURE"
    QUOTA_EXCEEDED = "QUOTA_EXCEEDED"
    CLIENT_ERROR = "CLIENT_ERROR"
    SERVER_ERROR = "SERVER_ERROR"
    TIMEOUT = "TIMEOUT"
    CONNECTION_ERROR = "CONNECTION_ERROR"
    INVALID_RESPONSE = "INVALID_RESPONSE"
    INVALID_REQUEST = "INVALID_REQUEST"


@dataclass(frozen=True)
class EngineAnswer:
    """Translations in the order of the texts and the detected code, or the reason for none.

    `sent` is false when nothing left the process.
    """

    texts: tuple[str, ...] = ()
    detected: str | None = None
    reason: Reason | None = None
    sent: bool = True


@dataclass(frozen=True)
class Pair:
    """Codes of the engine: from (`None`: let it find out) and to."""

    source: str | None
    target: str


@dataclass(frozen=True)
class Prepared:
    """A request to an engine: address, headers, body."""

    url: str
    headers: tuple[tuple[str, bytes], ...] = field(repr=False)
    body: bytes = field(repr=False)


def prepare(
    engine: str, base: str, key: str, texts: Sequence[str], pair: Pair, *, key_in_query: bool = False
) -> Prepared:
    """The request that asks an engine for these texts."""
    content_type = ("Content-Type", _JSON.encode())
    if engine == "libre":
        one = texts[0] if len(texts) == 1 else list(texts)
        body = {"q": one, "source": pair.source or "auto", "target": pair.target, "format": "text"}
        if key:
            body["api_key"] = key
        return Prepared(f"{base}/translate", (content_type,), _bytes(body))
    body = {"q": list(texts), "source": pair.source, "target": pair.target, "format": "text"}
    if pair.source is None:
        del body["source"]
    url = f"{base}/language/translate/v2"
    if key_in_query:
        return Prepared(f"{url}?key={quote(key, safe='')}", (content_type,), _bytes(body))
    return Prepared(url, (("X-Goog-Api-Key", key.encode()), content_type), _bytes(body))


def _bytes(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def read_answer(engine: str, status: int, body: bytes, count: int) -> EngineAnswer:
    """What an engine's reply to `count` texts means."""
    document = _decode(body)
    if status == 200:
        read = _libre_texts if engine == "libre" else _google_texts
        try:
            return _checked(read(document, count), count)
        except (AttributeError, KeyError, IndexError, TypeError, UnicodeEncodeError):
            return EngineAnswer(reason=Reason.INVALID_RESPONSE)
    refused = _libre_reason if engine == "libre" else _google_reason
    return EngineAnswer(reason=_reason(status) or refused(status, document))


def _decode(body: bytes) -> Any:
    """The body as JSON, `None` when it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _google_texts(document: Any, _: int) -> EngineAnswer:
    entries = document["data"]["translations"]
    return EngineAnswer(
        tuple(entry["translatedText"] for entry in entries),
        entries[0].get("detectedSourceLanguage"),
    )


def _libre_texts(document: Any, count: int) -> EngineAnswer:
    texts = document["translatedText"]
    texts = [texts] if count == 1 and isinstance(texts, str) else texts
    if not isinstance(texts, list):
        raise TypeError("another shape")
    found = document.get("detectedLanguage")
    first = found[0] if isinstance(found, list) and found else found or {}
    detected = first.get("language") if first.get("confidence", 1) else None  # 0: it only guesses
    return EngineAnswer(tuple(texts), detected)


def _checked(answer: EngineAnswer, count: int) -> EngineAnswer:
    """The answer, if it holds so many real texts; `TypeError` or `UnicodeEncodeError` if not."""
    found = [*answer.texts, answer.detected or ""]
    if len(answer.texts) != count or not all(isinstance(text, str) for text in found):
        raise TypeError("another shape")
    "".join(found).encode()  # half a surrogate pair is no text
    return answer


def _reason(status: int) -> Reason | None:
    """What the status alone says, the same for both engines."""
    if status >= 500:
        return Reason.SERVER_ERROR
    if status == 429:
        return Reason.QUOTA_EXCEEDED
    if status == 401:
        return Reason.AUTHENTICATION_FAILURE
    return Reason.INVALID_RESPONSE if status < 300 else None


def _google_reason(status: int, document: Any) -> Reason:
    words = list(_words(document))
    if status == 400 and any(name == "reason" and text in _BAD_KEY for name, text in words):
        return Reason.AUTHENTICATION_FAILURE
    if status == 403:
        over = any(_limit_exceeded(name, text) for name, text in words)
        return Reason.QUOTA_EXCEEDED if over else Reason.AUTHENTICATION_FAILURE
    return Reason.CLIENT_ERROR


def _libre_reason(status: int, _: Any) -> Reason:
    return Reason.AUTHENTICATION_FAILURE if status == 403 else Reason.CLIENT_ERROR


_BAD_KEY = frozenset(("API_KEY_INVALID", "keyInvalid"))


def _limit_exceeded(name: str, text: str) -> bool:
    folded = text.casefold()
    if name == "reason":
        return folded.replace("_", "").endswith("limitexceeded")
    return "limit exceeded" in folded or "quota exceeded" in folded


def _words(document: Any) -> Iterator[tuple[str, str]]:
    """Every `reason` and `message` of an error body, wherever it stands."""
    left = [document]
    while left:
        value = left.pop()
        if isinstance(value, list):
            left += reversed(value)
        elif isinstance(value, dict):
            for name in ("message", "reason"):
                if isinstance(value.get(name), str):
                    yield name, value[name]
            left += reversed(value.values())


def wording(body: bytes) -> str:
    """The engine's own words about a failure, short; for the log, never for the flow."""
    document = _decode(body)
    error = document.get("error") if isinstance(document, dict) else None
    if not isinstance(error, str):
        error = next((text for name, text in _words(document) if name == "message"), "")
    return "".join(c if c.isprintable() else " " for c in error[:_LONGEST_WORDING])
