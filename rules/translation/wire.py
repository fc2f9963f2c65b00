"""What is sent to an engine, and what its answer means. Nothing here opens a connection.

Two engines are known: `google` (Cloud Translation v2) and `libre` (LibreTranslate). The key goes
into a header or a body, never into the address unless the account asks for it. What the answer
means is read from status **and** body: key faults come as 400, used-up quotas as 403.

>>> sent = prepare(EngineSettings(key=Secret("k")), ("Hi",), Pair("en", "hi"))
>>> sent.url, sent.body.decode()
('https://translation.googleapis.com/language/translate/v2',
 '{"q":["Hi"],"source":"en","target":"hi","format":"text"}')
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

from rules.secret import MASK, Secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = [
    "GOOGLE_URL",
    "EngineAnswer",
    "EngineSettings",
    "Pair",
    "Prepared",
    "Reason",
    "prepare",
    "read_answer",
    "wording",
]

_CONTENT_TYPE = ("Content-Type", b"application/json; charset=utf-8")
_LONGEST_WORDING = 200
GOOGLE_URL = "https://translation.googleapis.com"


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
class EngineSettings:
    """One engine of an account: its name, address and key (`""`: none)."""

    name: str = "google"
    url: str = GOOGLE_URL
    key: Secret = field(default_factory=Secret)
    key_in_query: bool = False

    @property
    def is_libre(self) -> bool:
        """Is it a LibreTranslate server? It needs no key."""
        return self.name == "libre"


@dataclass(frozen=True)
class Prepared:
    """A request to an engine: address, headers, body."""

    url: str
    headers: tuple[tuple[str, bytes], ...] = field(repr=False)
    body: bytes = field(repr=False)


def prepare(engine: EngineSettings, texts: Sequence[str], pair: Pair) -> Prepared:
    """The request that asks an engine for these texts."""
    return _libre_request(engine, texts, pair) if engine.is_libre else _google(engine, texts, pair)


def _google(engine: EngineSettings, texts: Sequence[str], pair: Pair) -> Prepared:
    source = {"source": pair.source} if pair.source else {}
    body = _bytes({"q": list(texts), **source, "target": pair.target, "format": "text"})
    url = f"{engine.url}/language/translate/v2"
    if engine.key_in_query:
        return Prepared(f"{url}?key={quote(engine.key.reveal(), safe='')}", (_CONTENT_TYPE,), body)
    return Prepared(url, (("X-Goog-Api-Key", engine.key.reveal().encode()), _CONTENT_TYPE), body)


def _libre_request(engine: EngineSettings, texts: Sequence[str], pair: Pair) -> Prepared:
    text = texts[0] if len(texts) == 1 else list(texts)
    key = {"api_key": engine.key.reveal()} if engine.key else {}
    source = pair.source or "auto"
    body = {"q": text, "source": source, "target": pair.target, "format": "text", **key}
    return Prepared(f"{engine.url}/translate", (_CONTENT_TYPE,), _bytes(body))


def _bytes(body: Mapping[str, Any]) -> bytes:
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


def wording(body: bytes, hidden: Sequence[str] = ()) -> str:
    """The engine's own words about a failure, short, without what it was told.

    For the log, never for the flow.
    """
    document = _decode(body)
    error = document.get("error") if isinstance(document, dict) else None
    if not isinstance(error, str):
        error = next((text for name, text in _words(document) if name == "message"), "")
    for text in filter(None, hidden):
        error = error.replace(text, MASK)
    return "".join(c if c.isprintable() else " " for c in error[:_LONGEST_WORDING])
