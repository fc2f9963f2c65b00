"""translateText against the fake engine, over real sockets and through every door."""

from __future__ import annotations

import json
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network

import pytest

from rules.methods import answer
from rules.testing import at, make_services
from rules.testing.fake_translate import FakeTranslate
from tests._cases import cases
from tests.doors import DOORS, NOW, Case

INSIDE = (ip_network("127.0.0.0/8"),)
REPLIES = (
    "status",
    "translatedText",
    "detectedSourceLanguage",
    "error_reason",
    "translationEngine",
)
FAULTS = {"503": {"status": 503}, "drop": {"drop": True}}


@pytest.fixture(scope="module")
def shared_fake():
    with FakeTranslate() as fake:
        yield fake


@pytest.fixture
def fake(shared_fake):
    shared_fake.seen.clear()
    shared_fake.next_faults.clear()
    return shared_fake


def accounts(fake, **settings):
    return {"default": {"translate_url": fake.url, "http_enabled": True} | settings}


def services(fake, **settings):
    return make_services(now=NOW, accounts=accounts(fake, **settings), outgoing_allowed=INSIDE)


def ask(services, text="Hello", key="fake-key", **more):
    fields = {"inputText": text, "sourceLang": "en", "targetLang": "hi", "apiKey": key} | more
    keys = [{"name": name, "value": value} for name, value in fields.items()]
    reply = answer({"keys": keys}, services, method="translateText")
    return {key["name"].removeprefix("$flow.key."): key["value"] for key in reply.body["keys"]}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("row", cases("translation_engine"))
def test_worked_examples(fake, row, door, tmp_path):
    if row["fault"]:
        fake.next(FAULTS[row["fault"]])
    fields = ("inputText", "sourceLang", "targetLang", "apiKey")
    case = Case(
        method="translateText",
        why=row["why"],
        body={"keys": [{"name": name, "value": row[name]} for name in fields]},
        accounts=accounts(fake),
        settings={"outgoing_allowed": INSIDE},
    )
    status, body = DOORS[door](case, tmp_path)
    found = {key["name"].removeprefix("$flow.key."): key["value"] for key in body["keys"]}
    assert status == 200
    assert {name: found[name] for name in REPLIES} == {name: row[name] for name in REPLIES}
    assert len(fake.seen) == int(row["calls"])


def test_a_failure_of_ours_says_failed_and_nothing_more():
    broken = replace(make_services(now=NOW), translator=None)
    body = {"keys": [{"name": "targetLang", "value": "hi"}, {"name": "apiKey", "value": "fake-k"}]}
    reply = answer(body, broken, method="translateText")
    assert reply.status == 500
    assert [key["value"] for key in reply.body["keys"]] == ["FAILED", "", ""]


def test_t1_what_is_sent(fake):
    ask(services(fake), "My name is Asha")
    (seen,) = fake.seen
    assert (seen.verb, seen.path, seen.query) == ("POST", "/language/translate/v2", "")
    assert seen.headers["x-goog-api-key"] == "fake-key"
    assert seen.headers["content-type"] == "application/json; charset=utf-8"
    assert seen.parameters == {
        "q": ["My name is Asha"],
        "source": "en",
        "target": "hi",
        "format": "text",
    }


def test_t1_key_in_query_where_asked_for(fake):
    found = ask(services(fake, translate_key_in_query=True), key="fake-a+b")
    assert found["status"] == "SUCCESS"
    assert fake.seen[0].query == "key=fake-a%2Bb"
    assert "x-goog-api-key" not in fake.seen[0].headers


def test_t1_key_of_the_call_before_that_of_the_account(fake):
    known = services(fake, translate_key="fake-account")
    ask(known, key="fake-call")
    ask(known, key="")
    assert [seen.headers["x-goog-api-key"] for seen in fake.seen] == ["fake-call", "fake-account"]


def test_t1_text_is_sent_as_it_came(fake):
    ask(services(fake), "  Hello\n\u00a0there \u0928\u094d\u200d ")
    assert fake.seen[0].parameters["q"] == ["  Hello\n\u00a0there \u0928\u094d\u200d "]


def test_t4_timeout_is_over_in_time(fake):
    found = ask(services(fake, translate_timeout=0.3), key="fake-delay-11")
    assert (found["error_reason"], len(fake.seen)) == ("TIMEOUT", 1)


@pytest.mark.soak
def test_t4_timeout_after_ten_seconds(fake):
    start = time.monotonic()
    found = ask(services(fake), key="fake-delay-11")
    assert (found["error_reason"], len(fake.seen)) == ("TIMEOUT", 1)
    assert 10 <= time.monotonic() - start <= 10.5


def test_t4_second_try_shares_the_same_seconds(fake):
    fake.next({"status": 503}, {"delay": 11})
    found = ask(services(fake, translate_timeout=0.4))
    assert (found["error_reason"], len(fake.seen)) == ("TIMEOUT", 2)


def test_t4_nobody_listens():
    with FakeTranslate() as gone:
        pass
    assert ask(services(gone))["error_reason"] == "CONNECTION_ERROR"


def test_t4_too_large_an_answer_is_no_answer(fake, monkeypatch):
    monkeypatch.setitem(fake.sentences, ("Hello", "hi"), "x" * 1_100_000)
    assert ask(services(fake))["error_reason"] == "INVALID_RESPONSE"


def test_t4_many_pieces_go_in_several_requests(fake):
    text = "a{x}" * 200
    found = ask(services(fake), text, key="fake-marks-lost")
    assert found["translatedText"] == "[hi] a{x}" * 200
    assert [len(seen.parameters["q"]) for seen in fake.seen] == [1, 128, 72]


LIBRE = {"translate_engine": "libre"}


def test_t5_libre(fake):
    found = ask(services(fake, **LIBRE), "Hello", sourceLang="")
    assert (found["translatedText"], found["translationEngine"]) == ("[hi] Hello", "libre")
    assert found["detectedSourceLanguage"] == "English"
    assert fake.seen[0].path == "/translate"
    assert fake.seen[0].parameters == {
        "q": "Hello",
        "source": "auto",
        "target": "hi",
        "format": "text",
        "api_key": "fake-key",
    }


def test_t5_libre_without_a_key(fake):
    assert ask(services(fake, **LIBRE), key="")["status"] == "SUCCESS"
    assert "api_key" not in fake.seen[0].parameters


def test_t5_libre_piece_by_piece(fake):
    found = ask(services(fake, **LIBRE), "Dear {name}, hello", key="fake-x")
    assert found["translatedText"] == "[hi] Dear {name}, hello"
    fake.next({"marks": "lost"})
    found = ask(services(fake, **LIBRE), "Dear {x}, hello")
    assert found["translatedText"] == "प्रिय {x}[hi] , hello"
    assert fake.seen[-1].parameters["q"] == ["Dear ", ", hello"]


@pytest.mark.parametrize(
    ("fault", "key", "reason"),
    [
        ({}, "wrong", "AUTHENTICATION_FAILURE"),
        ({"status": 400}, "fake-k", "CLIENT_ERROR"),
        ({"status": 404}, "fake-k", "CLIENT_ERROR"),
        ({"status": 429}, "fake-k", "QUOTA_EXCEEDED"),
    ],
)
def test_t5_libre_errors(fake, fault, key, reason):
    fake.next(fault)
    assert ask(services(fake, **LIBRE), key=key)["error_reason"] == reason


@pytest.mark.parametrize(
    ("faults", "engine", "reason", "paths"),
    [
        ([{"fault": "daily_quota"}], "libre", "", 2),
        ([{"status": 503}, {"status": 500}], "libre", "", 3),
        ([{"drop": True}, {"drop": True}], "libre", "", 3),
        ([{"fault": "wrong_key"}], "google", "AUTHENTICATION_FAILURE", 1),
        ([{"status": 400}], "google", "CLIENT_ERROR", 1),
        ([{"bad_json": True}], "google", "INVALID_RESPONSE", 1),
        ([{"fault": "user_quota"}, {"status": 429}], "google", "QUOTA_EXCEEDED", 2),
    ],
)
def test_t5_second_engine(fake, faults, engine, reason, paths):
    fake.next(*faults)
    found = ask(services(fake, translate_fallback="libre"))
    assert (found["translationEngine"], found["error_reason"]) == (engine, reason)
    assert len(fake.seen) == paths
    assert all("api_key" not in seen.parameters for seen in fake.seen), "not another's key"


def test_t5_second_engine_after_a_timeout_has_seconds_of_its_own(fake):
    fake.next({"delay": 11})
    found = ask(services(fake, translate_fallback="libre", translate_timeout=0.3))
    assert (found["status"], found["translationEngine"]) == ("SUCCESS", "libre")


def test_t5_second_engine_is_not_asked_where_nothing_was_sent(fake):
    known = services(fake, translate_fallback="libre", translate_monthly_characters=4)
    assert ask(known)["error_reason"] == "QUOTA_EXCEEDED"
    assert fake.seen == []


def test_cap_counts_what_is_sent(fake):
    known = services(fake, translate_monthly_characters=10, zone="Asia/Kolkata")
    assert [ask(known, text)["error_reason"] for text in ("Hello", "Hello", "World", "x")] == [
        "",
        "",  # from the cache
        "",
        "QUOTA_EXCEEDED",
    ]
    month_later = at(known, NOW + timedelta(days=13))
    assert ask(month_later, "x")["status"] == "SUCCESS"
    assert len(fake.seen) == 3


def test_cap_stops_the_second_request_too(fake):
    known = services(fake, translate_monthly_characters=12)
    found = ask(known, "Dear {name}!")
    assert (found["error_reason"], len(fake.seen)) == ("QUOTA_EXCEEDED", 1)


@pytest.mark.parametrize("kind", ["memory", "store"])
def test_cache_remembers_success_with_what_was_detected(fake, kind):
    known = make_services(
        now=NOW,
        accounts=accounts(fake, translate_cache=kind),
        outgoing_allowed=INSIDE,
        hash_key="h",
    )
    first, second = ask(known, sourceLang=""), ask(known, sourceLang="")
    assert (first["translationCached"], second["translationCached"]) == ("false", "true")
    assert second["detectedSourceLanguage"] == "English"
    assert len(fake.seen) == 1


def test_cache_in_the_database_needs_a_hash_key(fake):
    known = services(fake, translate_cache="store")
    assert [ask(known)["translationCached"] for _ in range(2)] == ["false", "true"]


def test_cache_off(fake):
    known = services(fake, translate_cache="off")
    assert [ask(known)["translationCached"] for _ in range(2)] == ["false", "false"]


@pytest.mark.parametrize(
    "other",
    [
        {"key": "fake-other"},
        {"accountID": "294"},
        {"text": "hello"},
        {"sourceLang": ""},
        {"targetLang": "ta"},
    ],
)
def test_cache_belongs_to_account_key_languages_and_text(fake, other):
    known = services(fake)
    ask(known)
    assert ask(known, **other)["translationCached"] == "false"


def test_cache_never_helps_a_wrong_key(fake):
    known = services(fake)
    ask(known)
    assert ask(known, key="wrong")["error_reason"] == "AUTHENTICATION_FAILURE"


def test_cache_does_not_keep_failures(fake):
    known = services(fake)
    fake.next({"status": 400})
    assert [ask(known)["status"] for _ in range(2)] == ["FAILED", "SUCCESS"]


def test_cache_after_its_days(fake):
    known = make_services(
        now=NOW,
        accounts=accounts(fake, translate_cache="store", translate_cache_days=2),
        outgoing_allowed=INSIDE,
        hash_key="h",
    )
    ask(known)
    assert ask(at(known, NOW + timedelta(days=1)))["translationCached"] == "true"
    assert ask(at(known, NOW + timedelta(days=2)))["translationCached"] == "false"


def test_ten_equal_calls_at_once_are_one_upstream_call(fake):
    known = services(fake, translate_cache="off")
    fake.next({"delay": 0.3})
    start = threading.Barrier(10)

    def together(_):
        start.wait()
        return ask(known)["translatedText"]

    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(together, range(10))) == {"[hi] Hello"}
    assert len(fake.seen) == 1


SECRET = "fake-s3cret-key"


@pytest.mark.parametrize(
    "fault",
    [{"status": 503}, {"status": 400}, {"drop": True}, {"bad_json": True}, {"fault": "wrong_key"}],
)
def test_secret_and_text_are_in_no_log_and_no_answer(fake, fault, caplog):
    caplog.set_level(logging.DEBUG)
    fake.next(fault, fault)
    found = ask(services(fake), "private words", key=SECRET)
    body = json.dumps(found)
    lines = "".join(str(vars(record)) for record in caplog.records)
    for hidden in (SECRET, "private words"):
        assert hidden not in lines
        assert hidden not in body
    assert "no translation" in lines


def test_the_engines_words_go_to_the_log_without_key_and_text(fake, caplog):
    fake.next({"fault": "unknown_target"})
    ask(services(fake), "Value")
    (record,) = [r for r in caplog.records if r.getMessage() == "no translation"]
    assert (record.words, record.reason, record.status) == ("Invalid ***", "CLIENT_ERROR", 400)
