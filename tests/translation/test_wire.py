"""T1, T4, T5: what is sent to an engine, and what its answer means."""

import json

import pytest

from rules.secret import Secret
from rules.translation import EngineSettings, Pair, Reason, prepare, read_answer, wording
from tests.rows import each

GOOGLE = EngineSettings(key=Secret("s3cret-key"))
LIBRE = EngineSettings("libre", "https://libre.example/base", Secret("k"))


def test_t1_request_to_google_is_exactly_this():
    sent = prepare(GOOGLE, ["My name is Asha"], Pair("en", "hi"))
    assert sent.url == "https://translation.googleapis.com/language/translate/v2"
    assert sent.headers == (
        ("X-Goog-Api-Key", b"s3cret-key"),
        ("Content-Type", b"application/json; charset=utf-8"),
    )
    expected = '{"q":["My name is Asha"],"source":"en","target":"hi","format":"text"}'
    assert sent.body.decode() == expected


def test_t1_source_is_left_out_when_the_engine_shall_find_out():
    body = json.loads(prepare(GOOGLE, ["नमस्ते"], Pair(None, "en")).body)
    assert body == {"q": ["नमस्ते"], "target": "en", "format": "text"}


def test_t1_key_is_never_in_the_address_unless_asked_for():
    assert "s3cret" not in prepare(GOOGLE, ["x"], Pair(None, "en")).url
    asked = EngineSettings(key=Secret("a+b/c&d"), key_in_query=True)
    sent = prepare(asked, ["x"], Pair(None, "en"))
    assert sent.url.endswith("/language/translate/v2?key=a%2Bb%2Fc%26d")
    assert [name for name, _ in sent.headers] == ["Content-Type"]


def test_t1_nothing_secret_or_said_shows_in_a_repr():
    sent = prepare(GOOGLE, ["private words"], Pair("en", "hi"))
    assert "s3cret" not in repr((GOOGLE, sent))
    assert "private" not in repr(sent)


@pytest.mark.parametrize(
    ("texts", "pair", "key", "body"),
    [
        (["a"], Pair("en", "hi"), "k", {"q": "a", "source": "en", "target": "hi", "api_key": "k"}),
        (["a"], Pair(None, "hi"), "", {"q": "a", "source": "auto", "target": "hi"}),
        (["a", "b"], Pair(None, "hi"), "", {"q": ["a", "b"], "source": "auto", "target": "hi"}),
    ],
)
def test_t5_request_to_libre(texts, pair, key, body):
    sent = prepare(EngineSettings("libre", LIBRE.url, Secret(key)), texts, pair)
    assert sent.url == "https://libre.example/base/translate"
    assert json.loads(sent.body) == body | {"format": "text"}


def google(*entries, **more):
    return json.dumps({"data": {"translations": list(entries), **more}}).encode()


@each(
    ("body", "texts", "detected"),
    [
        (google({"translatedText": "[hi] x"}), ("[hi] x",), None),
        (google({"translatedText": "a", "detectedSourceLanguage": "en"}), ("a",), "en"),
        (google({"translatedText": "It&#39;s", "model": "nmt"}), ("It&#39;s",), None),
        (google({"translatedText": ""}), ("",), None),
        (b"\xef\xbb\xbf" + google({"translatedText": "a"}), ("a",), None),
    ],
)
def test_t1_answer_of_google_is_taken_as_it_is(body, texts, detected):
    answer = read_answer("google", 200, body, 1)
    assert (answer.texts, answer.detected, answer.reason) == (texts, detected, None)


HALF = b'{"data":{"translations":[{"translatedText":"\\ud800"}]}}'
NO_TRANSLATIONS = [
    (b"", "empty"),
    (b"<html>", "no JSON"),
    (b"\xff\xfe", "no text"),
    (b"[" * 100_000, "nested too deeply"),
    (b"null", "null"),
    (b"[]", "a list"),
    (b"{}", "nothing in it"),
    (b'{"data":{}}', "no translations"),
    (b'{"data":{"translations":{}}}', "no list"),
    (google(), "none"),
    (google("a"), "an entry that is no object"),
    (google({"translatedText": 1}), "no text"),
    (google({"translatedText": None}), "null"),
    (google({"translatedText": "a", "detectedSourceLanguage": 7}), "a code that is no text"),
    (google({"translatedText": "a"}, {"translatedText": "b"}), "one too many"),
    (HALF, "half a surrogate pair cannot be written as UTF-8"),
]


@each(("body", "why"), NO_TRANSLATIONS)
def test_t4_a_200_of_another_shape(body, why):
    for engine in ("google", "libre"):
        assert read_answer(engine, 200, body, 1).reason is Reason.INVALID_RESPONSE, why


@each(
    ("body", "count", "texts", "detected"),
    [
        ({"translatedText": "ए"}, 1, ("ए",), None),
        (
            {"translatedText": "a", "detectedLanguage": {"language": "en", "confidence": 90}},
            1,
            ("a",),
            "en",
        ),
        (
            {"translatedText": "a", "detectedLanguage": {"language": "en", "confidence": 0.0}},
            1,
            ("a",),
            None,
        ),
        ({"translatedText": "a", "detectedLanguage": {"language": "en"}}, 1, ("a",), "en"),
        ({"translatedText": "a", "detectedLanguage": None}, 1, ("a",), None),
        (
            {
                "translatedText": ["a", "b"],
                "detectedLanguage": [{"language": "fr", "confidence": 5}, {"language": "en"}],
            },
            2,
            ("a", "b"),
            "fr",
        ),
        ({"translatedText": ["a", "b"], "detectedLanguage": []}, 2, ("a", "b"), None),
    ],
)
def test_t5_answer_of_libre(body, count, texts, detected):
    answer = read_answer("libre", 200, json.dumps(body).encode(), count)
    assert (answer.texts, answer.detected, answer.reason) == (texts, detected, None)


@each(
    ("body", "count"),
    [
        ({"translatedText": "ab"}, 2),
        ({"translatedText": ["a"]}, 2),
        ({"translatedText": {"a": 1}}, 1),
        ({"translatedText": "a", "detectedLanguage": "en"}, 1),
        ({"translatedText": "a", "detectedLanguage": {"language": 5}}, 1),
        ({"error": "busy"}, 1),
    ],
)
def test_t5_answer_of_libre_of_another_shape(body, count):
    answer = read_answer("libre", 200, json.dumps(body).encode(), count)
    assert answer.reason is Reason.INVALID_RESPONSE


def refusal(message="", reason="", status="", details=()):
    error = {"code": 0, "message": message, "errors": [{"message": message, "reason": reason}]}
    return json.dumps({"error": error | {"status": status, "details": list(details)}}).encode()


BAD_KEY = refusal("API key not valid.", "badRequest", details=[{"reason": "API_KEY_INVALID"}])
FAILURES = [
    ("google", 400, BAD_KEY, "AUTHENTICATION_FAILURE", "key faults come as 400"),
    ("google", 400, refusal("Bad Request", "keyInvalid"), "AUTHENTICATION_FAILURE", "older form"),
    ("google", 400, refusal("say API_KEY_INVALID", "x"), "CLIENT_ERROR", "only the reason counts"),
    ("google", 400, refusal("Invalid Value", "invalid"), "CLIENT_ERROR", "unknown target"),
    ("google", 400, b"", "CLIENT_ERROR", "without a body"),
    ("google", 400, refusal("Daily Limit Exceeded", "x"), "CLIENT_ERROR", "only with 403"),
    ("google", 401, BAD_KEY, "AUTHENTICATION_FAILURE", "by status"),
    ("google", 403, refusal("No", "forbidden"), "AUTHENTICATION_FAILURE", "no key"),
    ("google", 403, b"<html>", "AUTHENTICATION_FAILURE", "says nothing of a limit"),
    ("google", 403, refusal("", "dailyLimitExceeded"), "QUOTA_EXCEEDED", "by reason"),
    ("google", 403, refusal("", "userRateLimitExceeded"), "QUOTA_EXCEEDED", "by reason"),
    ("google", 403, refusal("", "RATE_LIMIT_EXCEEDED"), "QUOTA_EXCEEDED", "newer spelling"),
    ("google", 403, refusal("DAILY limit exceeded"), "QUOTA_EXCEEDED", "by message, any case"),
    ("google", 403, refusal("Quota exceeded for x"), "QUOTA_EXCEEDED", "by message"),
    ("google", 403, refusal("", "limitExceededMaybe"), "AUTHENTICATION_FAILURE", "must end so"),
    ("google", 404, b"", "CLIENT_ERROR", "another 4xx"),
    ("google", 429, b"", "QUOTA_EXCEEDED", "by status"),
    ("google", 301, b"", "CLIENT_ERROR", "never followed"),
    ("google", 500, BAD_KEY, "SERVER_ERROR", "by status"),
    ("google", 503, b"", "SERVER_ERROR", "by status"),
    ("google", 204, b"", "INVALID_RESPONSE", "another success has no text"),
    ("libre", 400, b'{"error":"xx is not supported"}', "CLIENT_ERROR", "unknown code"),
    ("libre", 403, b'{"error":"limit exceeded"}', "AUTHENTICATION_FAILURE", "whatever it says"),
    ("libre", 401, b"", "AUTHENTICATION_FAILURE", "by status"),
    ("libre", 404, b"", "CLIENT_ERROR", "by status"),
    ("libre", 429, b'{"error":"Slowdown"}', "QUOTA_EXCEEDED", "by status"),
    ("libre", 302, b"", "CLIENT_ERROR", "never followed"),
    ("libre", 500, b"", "SERVER_ERROR", "by status"),
]


@each(("engine", "status", "body", "reason", "why"), FAILURES)
def test_t4_failure(engine, status, body, reason, why):
    answer = read_answer(engine, status, body, 1)
    assert answer.reason == reason, why
    assert (answer.texts, answer.detected) == ((), None)


@each(
    ("body", "words"),
    [
        (refusal("Invalid\nValue"), "Invalid Value"),
        (b'{"error":"xx is not supported"}', "xx is not supported"),
        (json.dumps({"error": {"message": "m" * 500}}).encode(), "m" * 200),
        (b"<html>", ""),
        (b'{"error":7}', ""),
        (b"[1]", ""),
    ],
)
def test_wording_is_short_and_of_one_line(body, words):
    assert wording(body) == words


def test_wording_holds_nothing_the_engine_was_told():
    told = "private " * 60
    body = json.dumps({"error": f"bad text: {told}; key k3y"}).encode()
    assert wording(body, ("k3y", told, "")) == "bad text: ***; key ***"
