"""A translation engine on this machine: the wire forms of the real ones, and their faults.

Start it with `python -m rules.testing.fake_translate --port 8099`, or in a test::

    with FakeTranslate() as fake:
        services = make_services(
            now=now,
            accounts={"default": {"translate_url": fake.url, "http_enabled": True}},
            outgoing_allowed="127.0.0.0/8",
        )

Every key that begins with `fake-` is valid. Faults come one for each request, from
`fake.next(...)` or `POST /_fake` with `{"next": [{...}, ...]}`; a key such as `fake-status-503` has
its own. What was asked can be read back from `fake.seen`, or `GET /_fake`.

| fault | |
| --- | --- |
| `{"status": 503}` | this status, no translation |
| `{"delay": 11}` | seconds before the answer |
| `{"drop": true}` | the connection is closed without a word |
| `{"bad_json": true}` | a 200 that is no JSON |
| `{"marks": "lost"}` | also `digits`, `swapped`: what is done to `[[0]]` |
| `{"fault": "daily_quota"}` | also `user_quota`, `wrong_key`, `no_key`, `unknown_target` |
"""

from __future__ import annotations

import argparse
import json
import threading
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, urlsplit

from rules.testing._translations import (
    LONGEST,
    MOST_TEXTS,
    SENTENCES,
    detect,
    google_fault,
    is_language,
    say,
    spoil,
)

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["FakeTranslate", "Seen", "main"]

GOOGLE, LIBRE, SWITCHES = "/language/translate/v2", "/translate", "/_fake"
VALID = "fake-"
_KEY_FAULTS = {"status": int, "delay": float, "marks": str, "fault": str}


@dataclass(frozen=True)
class Seen:
    """One request as it came: verb, path, query, headers in small letters, parameters."""

    verb: str
    path: str
    query: str
    headers: dict[str, str]
    parameters: dict[str, Any]


@dataclass(frozen=True)
class _Answer:
    """What goes back; `None` for a body: the connection is closed."""

    status: int
    body: bytes | None


@dataclass
class FakeTranslate:
    """The server; `sentences` are answers for certain sentences, all else is echoed."""

    port: int = 0
    sentences: dict[tuple[str, str], str] = field(default_factory=lambda: dict(SENTENCES))
    seen: list[Seen] = field(default_factory=list)
    next_faults: deque[dict[str, Any]] = field(default_factory=deque)

    def __post_init__(self) -> None:
        """Listen; requests are answered from `__enter__` or `serve` on."""
        self._gone = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), _handler(self))
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        """Its address, for `translate_url`."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        """Answer in a thread of its own."""
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop, also those who wait for a delayed answer."""
        self._gone.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def serve(self) -> None:
        """Answer until interrupted."""
        self._server.serve_forever()

    def next(self, *faults: dict[str, Any]) -> None:
        """Faults of the next requests, one for each."""
        self.next_faults.extend(faults)

    def answer(self, seen: Seen) -> _Answer:
        """The answer to one request."""
        if seen.path == SWITCHES:
            return self._switch(seen)
        self.seen.append(seen)
        fault = self.next_faults.popleft() if self.next_faults else _fault_of_key(_key(seen))
        self._gone.wait(fault.get("delay", 0))
        if "status" in fault:
            return _reply(fault["status"], {"error": f"told to answer {fault['status']}"})
        if fault.get("drop") or fault.get("bad_json"):
            return _Answer(200, None if fault.get("drop") else b"<html>not JSON</html>")
        if (seen.verb, seen.path) in (("POST", GOOGLE), ("GET", GOOGLE)):
            return self._google(seen, fault)
        if (seen.verb, seen.path) == ("POST", LIBRE):
            return self._libre(seen, fault)
        return _reply(404, {"error": "no such path"})

    def _switch(self, seen: Seen) -> _Answer:
        """`POST`: faults to come; `GET`: what was seen; `DELETE`: forget all."""
        if seen.verb == "DELETE":
            self.seen.clear()
            self.next_faults.clear()
        elif seen.verb == "POST":
            self.next(*seen.parameters.get("next", ()))
        return _reply(200, {"seen": [vars(one) for one in self.seen]})

    def _google(self, seen: Seen, fault: dict[str, Any]) -> _Answer:
        given = seen.parameters
        texts = _texts(given)
        found = fault.get("fault") or _google_mistake(_key(seen), texts, given)
        if found:
            return _reply(*google_fault(found))
        entries = []
        for text, said in zip(texts, self._say(given, fault, html="html"), strict=True):
            entry = {"translatedText": said}
            if not given.get("source"):
                entry["detectedSourceLanguage"] = detect(text)
            if given.get("model"):
                entry["model"] = "nmt"
            entries.append(entry)
        return _reply(200, {"data": {"translations": entries}})

    def _libre(self, seen: Seen, fault: dict[str, Any]) -> _Answer:
        given = seen.parameters
        key = str(given.get("api_key") or "")
        if key and not key.startswith(VALID):
            return _reply(403, {"error": "Invalid API key"})
        codes = [given.get("target", ""), given.get("source") or "auto"]
        for code in codes:
            if code != "auto" and not is_language(str(code)):
                return _reply(400, {"error": f"{code} is not supported"})
        said = self._say(given, fault, html="text")
        found = [{"language": detect(text), "confidence": 90} for text in _texts(given)]
        listed = isinstance(given.get("q"), list)
        body: dict[str, Any] = {"translatedText": said if listed else said[0]}
        if codes[1] == "auto":
            body["detectedLanguage"] = found if listed else found[0]
        return _reply(200, body)

    def _say(self, given: dict[str, Any], fault: dict[str, Any], *, html: str) -> list[str]:
        """Translations of all texts; `html` is the format where none is given."""
        entities = (given.get("format") or html) == "html"
        target = str(given.get("target"))
        said = [say(text, target, self.sentences, html=entities) for text in _texts(given)]
        return [spoil(text, fault["marks"]) for text in said] if "marks" in fault else said


def _texts(given: dict[str, Any]) -> list[str]:
    texts = given.get("q", [])
    return [str(text) for text in texts] if isinstance(texts, list) else [str(texts)]


def _key(seen: Seen) -> str:
    return str(seen.headers.get("x-goog-api-key") or seen.parameters.get("key") or "")


def _fault_of_key(key: str) -> dict[str, Any]:
    """The fault a key such as `fake-status-503` or `fake-drop` asks for."""
    name, _, value = key.removeprefix(VALID).partition("-")
    if not key.startswith(VALID):
        return {}
    if name in _KEY_FAULTS and value:
        return {name: _KEY_FAULTS[name](value)}
    return {name: True} if name in ("drop", "bad_json") else {}


def _google_mistake(key: str, texts: list[str], given: dict[str, Any]) -> str:
    """What the first engine refuses a request for; empty when it does not."""
    if not key:
        return "no_key"
    if not key.startswith(VALID):
        return "wrong_key"
    if not is_language(str(given.get("target", ""))):
        return "unknown_target"
    if len(texts) > MOST_TEXTS:
        return "too_many"
    return "too_long" if sum(map(len, texts)) > LONGEST else ""


def _reply(status: int, body: dict[str, Any]) -> _Answer:
    return _Answer(status, json.dumps(body, ensure_ascii=False).encode())


def _handler(fake: FakeTranslate) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def _do(self) -> None:
            answer = fake.answer(self._read())
            if answer.body is None:
                self.close_connection = True
                return
            head = (
                f"HTTP/1.1 {answer.status} Fake\r\n"
                "Content-Type: application/json; charset=UTF-8\r\n"
                f"Content-Length: {len(answer.body)}\r\n\r\n"
            )
            with suppress(ConnectionError):  # who asked may not wait any more
                self.wfile.write(head.encode() + answer.body)  # one write

        do_GET = do_POST = do_DELETE = _do  # noqa: N815  the names the library calls

        def _read(self) -> Seen:
            path = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            form = "json" not in headers.get("content-type", "json")
            given = _flat(parse_qs(path.query)) | (
                _flat(parse_qs(body.decode())) if form else json.loads(body or b"{}")
            )
            return Seen(self.command, path.path, path.query, headers, given)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the library's name
            """Be silent: requests hold texts and keys."""

    return Handler


def _flat(form: dict[str, list[str]]) -> dict[str, Any]:
    """Parameters of a form or query; one that comes once is a text."""
    return {name: values if len(values) > 1 else values[0] for name, values in form.items()}


def main(argv: list[str] | None = None) -> int:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m rules.testing.fake_translate")
    parser.add_argument("--port", type=int, default=8099, help="port on 127.0.0.1; 0: any")
    fake = FakeTranslate(parser.parse_args(argv).port)
    print(f"fake translation engine: {fake.url} (keys begin with '{VALID}')", flush=True)  # noqa: T201  a program of its own
    try:
        fake.serve()
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
