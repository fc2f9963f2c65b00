"""Translation: what stands before and after an engine, and one call to it against requests."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from ipaddress import ip_network
from time import monotonic

import requests

from rules.gateways.http import HttpClient
from rules.gateways.translate import HttpTranslator
from rules.methods import answer
from rules.secret import Secret
from rules.services.translation import TranslationJob
from rules.testing import make_services
from rules.testing.fake_translate import FakeTranslate
from rules.translation import (
    EngineSettings,
    TranslationRequest,
    TranslationSettings,
    language_code,
    protect,
)
from tests.bench._row import Row, in_turn, seconds

NOW = datetime.fromisoformat("2026-11-18T10:30:00+05:30")
INSIDE = (ip_network("127.0.0.0/8"),)
TEXT = "Dear {name}, pay $flow.key.amount at https://go.example/a1 before 5 pm. Thank you! " * 4


def spelling() -> Row:
    """A language in a spelling of flows, to its code."""
    ours = seconds(lambda: language_code("TELGU"), number=20_000)
    return Row("language to code", ours * 1e6, "µs")


def placeholders() -> Row:
    """A text of 330 characters with twelve placeholders, cut and put together."""
    marked = protect(TEXT).marked
    ours = seconds(lambda: protect(TEXT).restore(marked), number=2000)
    return Row("placeholders of a text: cut, marked, put back", ours * 1e6, "µs")


def known_answer() -> Row:
    """The whole method where the answer is in memory."""
    with FakeTranslate() as fake:
        accounts = {"default": {"translate_url": fake.url, "http_enabled": True}}
        services = make_services(now=NOW, accounts=accounts, outgoing_allowed=INSIDE)
        given = {"inputText": TEXT, "targetLang": "Hindi", "apiKey": "fake-key"}
        body = json.dumps({"keys": [{"name": n, "value": v} for n, v in given.items()]}).encode()
        answer(body, services, method="translateText")
        ours = seconds(lambda: answer(body, services, method="translateText"), number=1000)
        assert len(fake.seen) == 1
    return Row("translateText, answer in memory", ours * 1e6, "µs")


def one_call() -> Row:
    """One translation through engine, guard and deadline, against requests on a kept connection."""
    with FakeTranslate() as fake, requests.Session() as session:
        session.trust_env = False
        settings = TranslationSettings(
            engine=EngineSettings(url=fake.url), cache="off", allow_http=True
        )
        client = HttpClient(allowed=INSIDE)
        translator = HttpTranslator(client, monotonic=monotonic)
        job = TranslationJob(settings, Secret("fake-key"), "293", NOW)
        request = TranslationRequest("My name is Asha", "en", "hi")
        url = f"{fake.url}/language/translate/v2"
        body = {"q": ["My name is Asha"], "source": "en", "target": "hi", "format": "text"}
        headers = {"X-Goog-Api-Key": "fake-key"}

        def plain() -> object:
            return session.post(url, json=body, headers=headers, timeout=10).json()

        ours, bare = in_turn(lambda: translator.translate(request, job), plain, number=200)
    return Row(
        "one translation, engine on this machine",
        ours * 1e6,
        "µs",
        bare * 1e6,
        "requests, the engine's time included",
        ours / bare,
    )


BENCHES: list[Callable[[], Row]] = [spelling, placeholders, known_answer, one_call]
