"""What came of a call: E4 to E6 and M9, one row per case; the variables a flow gets."""

from rules.outgoing import Refused, Reply, TimedOut, TooLarge, Unreachable
from rules.webhooks import MapEntry, Outcome, Reason, WebhookSpec, interpret, interpret_error
from tests.rows import each

OPTIONAL = MapEntry("$flow.key.a", "data.a")
MANDATORY = MapEntry("$flow.key.b", "data.b", mandatory=True)


def spec(*mapping, **options):
    return WebhookSpec("https://api.example/", mapping=mapping, **options)


def answered(one=None, status=200, body=b"{}", headers=()):
    return interpret(one or spec(), Reply(status, headers, body, 0.114))


@each(
    ("status", "reason", "kind"),
    [
        (100, Reason.INFORMATIONAL, "INFORMATIONAL"),
        (199, Reason.INFORMATIONAL, "INFORMATIONAL"),
        (300, Reason.REDIRECTION, "REDIRECTION"),
        (304, Reason.REDIRECTION, "REDIRECTION"),
        (400, Reason.CLIENT_ERROR, "CLIENT_ERROR"),
        (401, Reason.CLIENT_ERROR, "CLIENT_ERROR"),
        (499, Reason.CLIENT_ERROR, "CLIENT_ERROR"),
        (500, Reason.SERVER_ERROR, "SERVER_ERROR"),
        (599, Reason.SERVER_ERROR, "SERVER_ERROR"),
    ],
)
def test_e4d_status(status, reason, kind):
    outcome = answered(status=status, body=b"sorry")
    assert (outcome.ok, outcome.reason, outcome.status_type) == (False, reason, kind)
    assert (outcome.status_code, outcome.raw, outcome.line) == (status, "sorry", 1)


def test_e4c_credentials_that_were_not_taken():
    assert answered(spec(auth="basic"), 401).reason is Reason.AUTHENTICATION_FAILURE
    assert answered(spec(auth="basic"), 403).reason is Reason.CLIENT_ERROR


@each("status", [0, 99, 600, 999])
def test_e4b_a_status_that_is_none(status):
    outcome = answered(status=status)
    assert (outcome.reason, outcome.status_code, outcome.raw) == (
        Reason.CONNECTION_ERROR,
        None,
        None,
    )


@each(
    ("error", "kind", "status", "reason"),
    [
        (Refused, "address", None, Reason.INVALID_REQUEST),
        (Refused, "url", None, Reason.INVALID_REQUEST),
        (TimedOut, "connect", None, Reason.TIMEOUT),
        (TimedOut, "reply", 200, Reason.TIMEOUT),
        (Unreachable, "name", None, Reason.CONNECTION_ERROR),
        (Unreachable, "tls", None, Reason.CONNECTION_ERROR),
        (TooLarge, "headers", None, Reason.CONNECTION_ERROR),
        (TooLarge, "body", 200, Reason.INVALID_RESPONSE),
        (TooLarge, "body", 204, Reason.INVALID_RESPONSE),
        (TooLarge, "body", 404, Reason.CLIENT_ERROR),
        (TooLarge, "body", 999, Reason.CONNECTION_ERROR),
    ],
)
def test_e2_e4a_e4b_e5_no_usable_reply(error, kind, status, reason):
    problem = error("webhook", kind, sent=True, seconds=1.5)
    problem.status = status
    outcome = interpret_error(spec(), problem)
    assert (outcome.ok, outcome.reason, outcome.raw) == (False, reason, None)
    coded = error is TooLarge and reason is not Reason.CONNECTION_ERROR
    assert outcome.status_code == (status if coded else None)


@each("mapping", [(), (OPTIONAL,)])
@each(("kind", "body"), [("json", b"<a/>"), ("xml", b"{}"), ("json", b" ")])
def test_e5_a_body_of_another_type_with_or_without_maps(mapping, kind, body):
    paths = tuple(MapEntry(m.save_in, "//a" if kind == "xml" else m.path) for m in mapping)
    outcome = answered(spec(*paths, response_type=kind), body=body)
    assert (outcome.reason, outcome.status_code) == (Reason.INVALID_RESPONSE, 200)
    assert outcome.status_type == "SUCCESSFUL"
    assert outcome.raw == body.decode()
    assert outcome.variables == {}


def test_e6_a_mandatory_path_that_leads_nowhere():
    outcome = answered(spec(OPTIONAL, MANDATORY), body=b'{"a": 1}')
    assert (outcome.ok, outcome.reason) == (False, Reason.INVALID_RESPONSE_MAP)
    assert (outcome.status_code, outcome.variables) == (200, {})


def test_e3_a_map_that_can_never_work_is_found_after_sending_too():
    outcome = answered(spec(MapEntry("$flow.key.a", "x")))
    assert outcome.reason is Reason.INVALID_RESPONSE_MAP


def test_m9_an_empty_body_is_not_parsed():
    for status in (200, 204):
        outcome = answered(spec(OPTIONAL), status, b"")
        assert (outcome.ok, outcome.raw, outcome.variables) == (True, None, {})
        outcome = answered(spec(MANDATORY), status, b"")
        assert (outcome.ok, outcome.reason) == (False, Reason.INVALID_RESPONSE)


def test_mapped_variables_in_map_order():
    outcome = answered(spec(MANDATORY, OPTIONAL), body=b'{"a": [1], "b": "x"}')
    assert list(outcome.variables) == ["$flow.key.b", "$flow.key.a_1", "$flow.key.a_size"]
    assert outcome.ok
    assert outcome.line == 0


def test_long_lists_are_warned_about():
    outcome = answered(spec(OPTIONAL), body=b'{"a": [%b]}' % b",".join([b"1"] * 21))
    assert outcome.warnings == ("LIST_CUT $flow.key.a",)


@each(
    ("body", "content_type", "raw", "warnings"),
    [
        ("पुणे".encode(), "", "पुणे", ()),
        ("\ufeffa".encode(), "", "a", ()),
        ("é".encode("latin-1"), "text/plain; charset=ISO-8859-1", "é", ()),
        ("é".encode("latin-1"), "text/plain; Charset = 'iso-8859-1'", "é", ()),
        ("é".encode("latin-1"), "", "\ufffd", ("CHARSET_GUESSED",)),
        ("é".encode("latin-1"), "text/plain; charset=no-such", "\ufffd", ("CHARSET_GUESSED",)),
        ("é".encode("latin-1"), "text/plain; charset=base64", "\ufffd", ("CHARSET_GUESSED",)),
        ("é".encode("latin-1"), "text/plain; charset=undefined", "\ufffd", ("CHARSET_GUESSED",)),
        ("पुणे".encode(), "text/plain; charset=iso-8859-1", "पुणे", ()),
    ],
)
def test_the_body_as_text(body, content_type, raw, warnings):
    outcome = answered(status=500, body=body, headers=[("content-type", content_type)])
    assert (outcome.raw, outcome.warnings) == (raw, warnings)


def test_the_charset_is_used_for_xml():
    one = spec(MapEntry("$flow.key.a", "/a"), response_type="xml")
    body = "<a>é</a>".encode("latin-1")
    outcome = answered(one, body=body, headers=[("Content-Type", "text/xml; charset=latin-1")])
    assert outcome.variables["$flow.key.a"] == "é"


def test_variables_of_a_success():
    pairs = answered(spec(OPTIONAL), body=b'{"a": 1}').pairs()
    assert pairs == [
        ("$flow.key.response_status", "SUCCESS"),
        ("$flow.key.response_status_code", "200"),
        ("$flow.key.response_duration", "0.11"),
        ("$flow.key.response_raw", '{"a": 1}'),
        ("$flow.key.response_error", "false"),
        ("$flow.key.response_line", "0"),
        ("$flow.key.a", "1"),
    ]


def test_variables_of_a_failure():
    assert answered(status=404, body=b"").pairs() == [
        ("$flow.key.response_status", "FAILED"),
        ("$flow.key.response_status_code", "404"),
        ("$flow.key.response_status_type", "CLIENT_ERROR"),
        ("$flow.key.response_duration", "0.11"),
        ("$flow.key.response_raw", "null"),
        ("$flow.key.response_error", "true"),
        ("$flow.key.error_reason", "CLIENT_ERROR"),
        ("$flow.key.response_line", "1"),
    ]


def test_variables_without_a_reply():
    found = dict(Outcome(ok=False, reason=Reason.TIMEOUT, seconds=60.0).pairs())
    assert found["$flow.key.response_status_code"] == ""
    assert found["$flow.key.response_status_type"] == ""
    assert found["$flow.key.response_duration"] == "60.00"
    assert found["$flow.key.response_raw"] == "null"


def test_an_outcome_in_a_log_shows_no_body():
    outcome = answered(spec(OPTIONAL), body=b'{"a": "sentinel"}')
    assert "sentinel" not in repr(outcome)
