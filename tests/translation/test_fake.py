"""The fake engine has the wire forms of the real ones: what users' tests rely on."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import urllib.request
from urllib.error import HTTPError
from urllib.parse import urlencode

import pytest

from rules.testing.fake_translate import FakeTranslate

GOOGLE = "/language/translate/v2"


@pytest.fixture(scope="module")
def shared_fake():
    with FakeTranslate() as fake:
        yield fake


@pytest.fixture
def fake(shared_fake):
    send(shared_fake, "/_fake", verb="DELETE")
    return shared_fake


def send(fake, path, body=None, *, verb="POST", headers=None, form=False):
    data = None
    headers = dict(headers or {})
    if body is not None:
        data = urlencode(body, doseq=True).encode() if form else json.dumps(body).encode()
        headers.setdefault(
            "Content-Type", "application/x-www-form-urlencoded" if form else "application/json"
        )
    request = urllib.request.Request(fake.url + path, data, headers, method=verb)  # noqa: S310  loopback
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:  # noqa: S310  loopback
            return reply.status, json.loads(reply.read()), dict(reply.headers)
    except HTTPError as error:
        with error:
            return error.code, json.loads(error.read()), dict(error.headers)


def google(fake, *, key="fake-key", **body):
    status, found, _ = send(fake, GOOGLE, body, headers={"X-Goog-Api-Key": key} if key else {})
    return status, found


def texts(found):
    return [entry["translatedText"] for entry in found["data"]["translations"]]


def test_one_entry_a_text_in_order(fake):
    status, found = google(fake, q=["a", "b"], source="en", target="hi", format="text")
    assert (status, texts(found)) == (200, ["[hi] a", "[hi] b"])
    assert found["data"]["translations"][0].keys() == {"translatedText"}


def test_detected_only_without_a_source_and_model_only_when_asked_for(fake):
    _, found = google(fake, q="नमस्ते", target="en", format="text", model="base")
    assert found["data"]["translations"] == [
        {"translatedText": "[en] नमस्ते", "detectedSourceLanguage": "hi", "model": "nmt"}
    ]


def test_html_is_the_default_and_writes_entities(fake):
    _, found = google(fake, q='It\'s 5 < 6 & "7" > 8', source="en", target="hi")
    assert texts(found) == ["[hi] It&#39;s 5 &lt; 6 &amp; &quot;7&quot; &gt; 8"]


def test_content_type_and_length(fake):
    _, _, headers = send(fake, GOOGLE, {"q": "a", "target": "hi", "key": "fake-k"})
    assert headers["Content-Type"] == "application/json; charset=UTF-8"


@pytest.mark.parametrize("how", ["query", "form", "json", "post-query"])
def test_parameters_come_from_body_form_or_query(fake, how):
    given = {"q": ["a", "b"], "target": "hi", "source": "en", "format": "text", "key": "fake-k"}
    query = urlencode(given, doseq=True)
    if how == "query":
        status, found, _ = send(fake, f"{GOOGLE}?{query}", verb="GET")
    elif how == "post-query":
        status, found, _ = send(fake, f"{GOOGLE}?{query}")
    else:
        status, found, _ = send(fake, GOOGLE, given, form=how == "form")
    assert (status, texts(found)) == (200, ["[hi] a", "[hi] b"])


def test_wrong_key_is_a_400_with_details(fake):
    status, found = google(fake, key="wrong", q="a", target="hi")
    error = found["error"]
    assert (status, error["status"]) == (400, "INVALID_ARGUMENT")
    assert error["errors"] == [
        {"message": error["message"], "domain": "global", "reason": "badRequest"}
    ]
    assert error["details"] == [
        {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "API_KEY_INVALID",
            "domain": "googleapis.com",
        }
    ]


@pytest.mark.parametrize(
    ("body", "status", "reason", "word"),
    [
        ({"q": "a", "target": "hi", "key": None}, 403, "forbidden", "PERMISSION_DENIED"),
        ({"q": "a", "target": "hn"}, 400, "invalid", "INVALID_ARGUMENT"),
        ({"q": ["a"] * 129, "target": "hi"}, 400, "invalid", "INVALID_ARGUMENT"),
        ({"q": "x" * 30_001, "target": "hi"}, 400, "badRequest", "INVALID_ARGUMENT"),
    ],
)
def test_faults(fake, body, status, reason, word):
    found_status, found = google(fake, **body)
    error = found["error"]
    assert (found_status, error["code"]) == (status, status)
    assert (error["errors"][0]["reason"], error["status"]) == (reason, word)


def test_unknown_target_names_the_field(fake):
    _, found = google(fake, q="a", target="hn")
    (detail,) = found["error"]["details"]
    assert found["error"]["message"] == "Invalid Value"
    assert detail["@type"] == "type.googleapis.com/google.rpc.BadRequest"
    assert [one["field"] for one in detail["fieldViolations"]] == ["target"]


@pytest.mark.parametrize(
    ("fault", "message", "reason"),
    [
        ("daily_quota", "Daily Limit Exceeded", "dailyLimitExceeded"),
        ("user_quota", "User Rate Limit Exceeded", "userRateLimitExceeded"),
    ],
)
def test_quota(fake, fault, message, reason):
    send(fake, "/_fake", {"next": [{"fault": fault}]})
    status, found = google(fake, q="a", target="hi")
    assert (status, found["error"]["message"]) == (403, message)
    assert found["error"]["errors"] == [
        {"message": message, "domain": "usageLimits", "reason": reason}
    ]


def test_faults_come_one_a_request_and_what_was_asked_can_be_read(fake):
    send(fake, "/_fake", {"next": [{"status": 503}, {"bad_json": True}]})
    assert google(fake, q="a", target="hi")[0] == 503
    with pytest.raises(json.JSONDecodeError):
        google(fake, q="a", target="hi")
    assert google(fake, q="a", target="hi")[0] == 200
    _, found, _ = send(fake, "/_fake", verb="GET")
    assert [one["parameters"]["q"] for one in found["seen"]] == ["a", "a", "a"]
    assert found["seen"][0]["headers"]["x-goog-api-key"] == "fake-key"


def test_dropped_connection(fake):
    with pytest.raises(http.client.RemoteDisconnected):
        google(fake, key="fake-drop", q="a", target="hi")


@pytest.mark.parametrize(
    ("marks", "said"),
    [
        ("lost", "[hi] a  b "),
        ("digits", "[hi] a [[ ० ]] b [[ १ ]]"),
        ("swapped", "[hi] a [[1]] b [[0]]"),
    ],
)
def test_marks(fake, marks, said):
    _, found = google(
        fake, key=f"fake-marks-{marks}", q="a [[0]] b [[1]]", target="hi", format="text"
    )
    assert texts(found) == [said]


def test_libre(fake):
    status, found, _ = send(fake, "/translate", {"q": "a", "source": "auto", "target": "hi"})
    assert (status, found) == (
        200,
        {"translatedText": "[hi] a", "detectedLanguage": {"language": "en", "confidence": 90}},
    )
    given = {"q": ["a", "ಕ"], "source": "kn", "target": "hi"}
    assert send(fake, "/translate", given)[1] == {"translatedText": ["[hi] a", "[hi] ಕ"]}


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ({"target": "hn"}, 400, "hn is not supported"),
        ({"target": "hi", "source": "x1"}, 400, "x1 is not supported"),
        ({"target": "hi", "api_key": "wrong"}, 403, "Invalid API key"),
    ],
)
def test_libre_errors(fake, body, status, error):
    found_status, found, _ = send(fake, "/translate", {"q": "a"} | body)
    assert (found_status, found) == (status, {"error": error})


def test_other_paths_and_verbs(fake):
    assert send(fake, "/other", {})[0] == 404
    assert send(fake, "/translate", verb="GET")[0] == 404


@pytest.mark.parametrize(("text", "language"), [("ಕನ್ನಡ", "kn"), ("বাংলা", "bn"), ("12", "en")])
def test_detects_by_script(fake, text, language):
    _, found = google(fake, q=text, target="en")
    assert found["data"]["translations"][0]["detectedSourceLanguage"] == language


def test_own_sentences():
    with FakeTranslate(sentences={("Hello", "hi"): "नमस्ते"}) as fake:
        assert texts(google(fake, q="Hello", target="hi")[1]) == ["नमस्ते"]


def test_runs_as_a_program():
    command = [sys.executable, "-m", "rules.testing.fake_translate", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        line = program.stdout.readline()
        program.terminate()
    assert line.startswith("fake translation engine: http://127.0.0.1:")
