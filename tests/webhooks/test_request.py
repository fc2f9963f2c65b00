"""From specification to request: V1 to V4 in tables, then what a table does not show."""

import base64

import pytest

from rules.secret import Secret
from rules.variables import Variables
from rules.webhooks import (
    Entry,
    Failure,
    MapEntry,
    PreparedRequest,
    Reason,
    WebhookSettings,
    WebhookSpec,
    prepare,
)
from tests._cases import cases
from tests.rows import each

URL = "https://api.example/"
VARIABLES = {
    "$flow.key.city": "पुणे",
    "$flow.key.slash": "a/b?c",
    "$flow.key.plus": "1+1 &=",
    "$flow.key.url": "https://whole.example/a/../b?x=1",
    "$flow.key.host": "api-1",
    "$flow.key.domain": "hooks.example",
    "$flow.key.port": "8443",
    "$flow.key.path": "8443/x",
    "$flow.key.empty": "",
    "$flow.key.token": "$flow.key.city",
    "$flow.key.dot": ".",
    "$flow.key.dots": "..",
    "$flow.key.at": "user@evil.example",
    "$flow.key.hash": "evil#",
    "$flow.key.scheme": "https",
    "$flow.key.rest": "//evil.example/",
    "$flow.key.none": None,
    "$flow.key.quote": 'say "hi" \\',
    "$flow.key.number": "1.50",
    "$flow.key.list": '[1, {"b": null}]',
    "$flow.key.inject": '1,"admin":true',
    "$flow.key.nan": "NaN",
    "$flow.key.lines": "a\r\nb\tc",
    "$flow.key.markup": "<x>&'",
    "$flow.key.nul": "a\0b",
    "$flow.key.password": "s3cret-of-mine",
}


def made(variables=VARIABLES, settings=None, **options):
    options.setdefault("url", URL)
    return prepare(WebhookSpec(**options), variables, settings=settings or WebhookSettings())


def reason(**options):
    failed = made(**options)
    assert isinstance(failed, Failure), failed
    assert "evil" not in failed.detail
    return failed.reason


def header(request, name):
    return [value.decode() for key, value in request.headers if key.lower() == name.lower()]


@each("row", cases("webhook_urls"))
def test_v1_v2_urls(row):
    request = made(url=row["url"])
    if isinstance(request, Failure):
        assert request.reason == row["result"], request.detail
        assert not any(
            value in request.detail for value in VARIABLES.values() if len(value or "") > 4
        )
    else:
        assert request.url == row["result"]


@each("row", cases("webhook_bodies"))
def test_v3_bodies(row):
    request = made(method="POST", body_type=row["type"], body=row["body"])
    if isinstance(request, Failure):
        assert request.reason == row["result"], request.detail
    else:
        assert request.body.decode() == row["result"]


def test_v1_length_after_substitution():
    assert isinstance(made(url=URL + "x" * (2048 - len(URL))), PreparedRequest)
    assert reason(url=URL + "x" * (2049 - len(URL))) is Reason.INVALID_REQUEST
    long = {"$flow.key.long": "अ" * 250}
    assert reason(url=URL + "$flow.key.long", variables=long) is Reason.INVALID_REQUEST


def test_v1_http_with_the_accounts_leave():
    settings = WebhookSettings(http_enabled=True)
    assert made(url="http://api.example/", settings=settings).url == "http://api.example/"


@each(
    ("method", "sent"),
    [
        ("get", "GET"),
        (" Post ", "POST"),
        ("option", "OPTIONS"),
        ("OPTIONS", "OPTIONS"),
        ("head", "HEAD"),
    ],
)
def test_v1_methods(method, sent):
    assert made(method=method).method == sent


@each("method", ["", "FETCH", "GET\r\nX: y", "TRACE", "CONNECT", "POST /x"])
def test_e2_unknown_methods(method):
    assert reason(method=method) is Reason.INVALID_REQUEST


@pytest.mark.parametrize("method", ["GET", "head"])
def test_e2_no_body_with_get_and_head(method):
    assert reason(method=method, body_type="plain_text") is Reason.INVALID_REQUEST


@each("seconds", [0, -1, 60.01, 61, float("nan"), float("inf")])
def test_e2_time_limits(seconds):
    assert reason(timeout_seconds=seconds) is Reason.INVALID_REQUEST


@each("seconds", [0.01, 1, 59.5, 60])
def test_v1_time_limits(seconds):
    assert made(timeout_seconds=seconds).timeout == seconds


@each(
    ("url", "sent"),
    [
        (URL, "https://api.example/?a=1&b=x%20y%2F%26"),
        (URL + "?z=0", "https://api.example/?z=0&a=1&b=x%20y%2F%26"),
        (URL + "?", "https://api.example/?a=1&b=x%20y%2F%26"),
        (URL + "?z&", "https://api.example/?z&a=1&b=x%20y%2F%26"),
        (URL + "#top", "https://api.example/?a=1&b=x%20y%2F%26"),
        ("https://api.example", "https://api.example?a=1&b=x%20y%2F%26"),
    ],
)
def test_v1_query_is_appended(url, sent):
    assert made(url=url, query=(Entry("a", "1"), Entry("b", "x y/&"))).url == sent


ENTRIES = (
    Entry("a", "1"),
    Entry("b", "$flow.key.unknown"),
    Entry("$flow.key.none", "2"),
    Entry("c", "$flow.key.city $flow.key.unknown"),
    Entry("d", "$flow.key.empty"),
)


def test_v2_optional_entries_without_value_are_left_out_whole():
    request = made(method="POST", headers=ENTRIES, query=ENTRIES, form=ENTRIES, body_type="form")
    assert request.url == URL + "?a=1&d="
    assert request.body == b"a=1&d="
    assert request.headers[:2] == (("a", b"1"), ("d", b""))


@each("part", ["headers", "query", "form"])
@each(
    "entry",
    [Entry("k", "$flow.key.unknown", mandatory=True), Entry("$flow.key.none", "v", mandatory=True)],
)
def test_v2_e1_mandatory_entries(part, entry):
    options = {part: (entry,), "method": "FETCH"}
    assert reason(body_type="multipart", **options) is Reason.INVALID_FLOW_VAR


def test_v2_empty_text_is_a_value():
    request = made(headers=(Entry("X-A", "$flow.key.empty", mandatory=True),))
    assert header(request, "X-A") == [""]


def test_v2_form_entries_of_another_body_type_do_not_count():
    entry = (Entry("k", "$flow.key.unknown", mandatory=True),)
    assert made(method="POST", form=entry, body_type="plain_text", body="x").body == b"x"


def test_v2_credentials():
    request = made(auth="basic", username="u-$flow.key.city", password=Secret("p:$flow.key.quote"))
    sent = base64.b64decode(header(request, "Authorization")[0].removeprefix("Basic "))
    assert sent.decode() == 'u-पुणे:p:say "hi" \\'
    for options in ({"username": "$flow.key.none"}, {"password": Secret("$flow.key.unknown")}):
        assert reason(auth="basic", **options) is Reason.INVALID_FLOW_VAR
    assert not header(made(username="u"), "Authorization")


@each(
    "options",
    [
        {"username": "a:b"},
        {"username": "a\n"},
        {"password": Secret("a\0")},
        {"username": "a", "headers": (Entry("authorization", "x"),)},
    ],
)
def test_v4_basic_credentials_refused(options):
    assert reason(auth="basic", **options) is Reason.INVALID_REQUEST


@each(
    ("name", "value"),
    [
        ("Host", "evil"),
        ("Content-Length", "5"),
        ("Transfer-Encoding", "chunked"),
        ("Proxy-X", "1"),
        (":path", "1"),
        ("X A", "1"),
        ("X-पुणे", "1"),
        ("$flow.key.city", "1"),
        ("X-A", "$flow.key.lines"),
        ("X-A", " a"),
        ("X-A", "a\x7f"),
        ("X-A", "$flow.key.nul"),
    ],
)
def test_v4_headers_refused(name, value):
    assert reason(headers=(Entry(name, value),)) is Reason.INVALID_REQUEST


def test_v4_values_are_utf8():
    request = made(headers=(Entry("X-City", "in $flow.key.city"),))
    assert request.headers[0] == ("X-City", "in पुणे".encode())


TYPES = {
    "json": "application/json; charset=utf-8",
    "xml": "application/xml; charset=utf-8",
    "form": "application/x-www-form-urlencoded; charset=utf-8",
    "plain_text": "text/plain; charset=utf-8",
}


@each("kind", TYPES)
def test_v1_content_type(kind):
    body = {"json": "{}", "xml": "<a/>"}.get(kind, "")
    assert header(made(method="PUT", body_type=kind, body=body), "content-type") == [TYPES[kind]]
    given = (Entry("content-TYPE", "text/x"),)
    request = made(method="PUT", body_type=kind, body=body, headers=given)
    assert header(request, "content-type") == ["text/x"]
    assert header(made(), "content-type") == []


def test_v3_form():
    entries = (Entry("a b", "$flow.key.plus"), Entry("ñ", "$flow.key.city"), Entry("e", ""))
    request = made(method="POST", body_type="form", form=entries)
    assert request.body == b"a+b=1%2B1+%26%3D&%C3%B1=%E0%A4%AA%E0%A5%81%E0%A4%A3%E0%A5%87&e="


def test_v3_multipart():
    entries = (Entry("name", "$flow.key.city"), Entry("note", "$flow.key.lines"))
    request = made(method="POST", body_type="multipart", form=entries)
    content_type = header(request, "content-type")[0]
    assert content_type.startswith("multipart/form-data; charset=utf-8; boundary=")
    boundary = content_type.rpartition("=")[2]
    assert request.body.decode() == (
        f"--{boundary}\r\n"
        'Content-Disposition: form-data; name="name"\r\n\r\nपुणे\r\n'
        f"--{boundary}\r\n"
        'Content-Disposition: form-data; name="note"\r\n\r\na\r\nb\tc\r\n'
        f"--{boundary}--\r\n"
    )
    empty = made(method="POST", body_type="multipart")
    assert empty.body.startswith(b"--")
    assert empty.body.endswith(b"--\r\n")


@each("key", ['a"b', "$flow.key.lines", "a\nb", "a\0b", "$flow.key.quote"])
def test_v3_multipart_keys(key):
    assert (
        reason(method="POST", body_type="multipart", form=(Entry(key, "x"),))
        is Reason.INVALID_REQUEST
    )


def test_v3_variables_may_keep_standing():
    settings = WebhookSettings(unset_in_body="keep")
    for kind, body, sent in (
        ("plain_text", "Hi $FLOW.key.x!", "Hi $FLOW.key.x!"),
        ("json", '{"a": "$flow.key.x"}', '{"a": "$flow.key.x"}'),
        ("xml", "<a>$flow.key.none</a>", "<a>$flow.key.none</a>"),
    ):
        request = made(method="POST", body_type=kind, body=body, settings=settings)
        assert request.body.decode() == sent
    failed = made(method="POST", body_type="json", body='{"a": $flow.key.x}', settings=settings)
    assert failed.reason is Reason.INVALID_REQUEST


@each(
    ("part", "options"),
    [
        ("url", {"url": URL + "$flow.key.half"}),
        ("header", {"headers": (Entry("X-A", "$flow.key.half"),)}),
        ("query", {"query": (Entry("a", "$flow.key.half"),)}),
        ("form", {"form": (Entry("a", "$flow.key.half"),), "body_type": "form", "method": "POST"}),
        ("body", {"body": "$flow.key.half", "body_type": "plain_text", "method": "POST"}),
        (
            "multipart",
            {"form": (Entry("a", "$flow.key.half"),), "body_type": "multipart", "method": "PUT"},
        ),
    ],
)
def test_v1_half_a_surrogate_pair_is_no_text(part, options):
    assert reason(variables={"$flow.key.half": "\ud800"}, **options) is Reason.INVALID_REQUEST, part


@each(
    ("mapping", "kind"),
    [
        ((MapEntry("$flow.key.a", "data..a"),), "json"),
        ((MapEntry("$flow.key.a", "data.a"),), "xml"),
        ((MapEntry("$flow.key.response_raw", "data.a"),), "json"),
        ((MapEntry("$flow.key.a", "data.a"), MapEntry("$flow.key.a", "data.b")), "json"),
    ],
)
def test_e3_maps_that_can_never_work(mapping, kind):
    assert reason(mapping=mapping, response_type=kind) is Reason.INVALID_RESPONSE_MAP
    assert reason(mapping=mapping, response_type=kind, method="FETCH") is Reason.INVALID_REQUEST
    assert reason(mapping=mapping, url="$flow.key.none") is Reason.INVALID_FLOW_VAR


def test_variables_in_any_form():
    pairs = [("$flow.key.city", "Pune"), ("$flow.key.city", "Delhi")]
    assert made(url=URL + "$flow.key.city", variables=pairs).url == URL + "Delhi"
    for variables in (dict(pairs), Variables(pairs)):
        assert made(url=URL + "$flow.key.city", variables=variables).url == URL + "Delhi"


def test_secrets_are_known_and_not_shown():
    request = made(
        url=URL + "$flow.key.password",
        auth="basic",
        username="asha",
        password=Secret("b4sic-secret"),
        headers=(Entry("X-Api-Key", "k3y-value"), Entry("X-Other", "plain")),
        query=(Entry("access_token", "t0ken-value"),),
        variables=VARIABLES | {"$user.key.apiKey": "us3r-key", "$flow.key.authCode": None},
    )
    for secret in ("b4sic-secret", "k3y-value", "t0ken-value", "us3r-key", "s3cret-of-mine"):
        assert secret in request.secrets
        assert secret not in repr(request)
    assert "plain" not in request.secrets


def test_specifications_do_not_show_what_may_be_secret():
    spec = WebhookSpec(
        url=URL + "sentinel",
        password=Secret("sentinel"),
        headers=(Entry("X", "sentinel"),),
        body="sentinel",
        username="sentinel",
    )
    assert "sentinel" not in repr(spec)
