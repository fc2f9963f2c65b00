"""Nothing secret comes out: not in logs at DEBUG, not in exceptions, not in answers."""

import base64
import logging
import traceback
from urllib.parse import quote

import pytest

from rules.gateways._redact import Redactor
from rules.gateways.http import HttpClient
from rules.outgoing import OutgoingError
from rules.secret import spellings
from tests.gateways.servers import (
    Authority,
    answering,
    call,
    client,
    closed_port,
    dripping,
    once,
    reply,
    send,
)
from tests.rows import each

SENTINEL = "sentinel-7Qz/ü+%"


@pytest.fixture
def everything(caplog):
    """Every logger at DEBUG, all records kept."""
    levels = {}
    for name in [*logging.root.manager.loggerDict, ""]:
        logger = logging.getLogger(name)
        levels[logger] = logger.level
        logger.setLevel(logging.DEBUG)
    with caplog.at_level(logging.DEBUG):
        yield caplog
    for logger, level in levels.items():
        logger.setLevel(level)


def chain(error):
    """The error and whatever it hangs on."""
    seen = []
    while error is not None and error not in seen:
        seen.append(error)
        error = error.__cause__ or error.__context__
    return seen


def assert_silent(texts):
    for text in texts:
        for form in spellings(SENTINEL):
            assert form not in text


def hostile_call(url):
    secret = quote(SENTINEL, safe="")
    pair = base64.b64encode(f"user:{SENTINEL}".encode())
    return call(
        f"{url}{secret}?key={secret}",
        headers=[("Authorization", b"Basic " + pair), ("X-Key", SENTINEL.encode())],
        body=SENTINEL.encode(),
        secrets=[SENTINEL],
        purpose="test",
        account="1\n2",
    )


@pytest.mark.parametrize(
    "case", ["reset", "time-out", "broken", "connect", "refused", "url", "tls"]
)
def test_failures_say_nothing(case, everything, tmp_path):
    authority = Authority(tmp_path)
    servers = {
        "reset": once(b""),
        "time-out": dripping(b"HTTP/1.1 200 OK\r\n", b"X: 1\r\n", 0.1),
        "broken": once(SENTINEL.encode() + b"\r\n\r\n"),
        "tls": answering(tls=authority.context("other.example")),
    }
    with servers.get(case, answering()) as server:
        urls = {
            "connect": f"http://127.0.0.1:{closed_port()}/",
            "url": "http://hooks.example:25/",
        }
        outgoing = HttpClient() if case == "refused" else client()
        with pytest.raises(OutgoingError) as caught:
            send(
                outgoing,
                hostile_call(urls.get(case, server.url())),
                0.3 if case == "time-out" else 5,
            )
        outgoing.close()
    errors = chain(caught.value)
    assert errors == [caught.value]
    assert str(caught.value).startswith("test: ")
    assert_silent([str(caught.value), repr(caught.value)])
    assert_silent(["".join(traceback.format_exception(caught.value))])
    assert_silent([everything.text, *(str(vars(record)) for record in everything.records)])


def test_success_says_nothing(everything):
    with answering(reply(SENTINEL.encode())) as server:
        outgoing = client()
        answer = send(outgoing, hostile_call(server.url()))
        outgoing.close()
    assert answer.body == SENTINEL.encode()
    assert_silent([repr(answer), everything.text, *(str(vars(r)) for r in everything.records)])


def test_the_line_of_a_call(caplog):
    caplog.set_level(logging.INFO, logger="rules.outgoing")
    with answering() as server:
        outgoing = client()
        one = call(server.url("/x"), account='1 "2"\n3', request_id="r1", body=b"abc")
        send(outgoing, one)
        send(outgoing, one)
        outgoing.close()
    first, second = (record.getMessage() for record in caplog.records)
    assert first.startswith(
        f"outgoing request=r1 purpose=call account=123 verb=POST scheme=http host=127.0.0.1 "
        f"port={server.port} outcome=Reply kind=- status=200 ms="
    )
    assert " out=3 in=2 url=" in first
    assert first.split("url=")[1] == second.split("url=")[1]
    assert len(first.split("url=")[1]) == 8


def test_no_line_when_nobody_reads_it(caplog):
    caplog.set_level(logging.WARNING, logger="rules.outgoing")
    with answering() as server:
        outgoing = client()
        send(outgoing, call(server.url()))
        outgoing.close()
    assert caplog.records == []


def failure(text):
    """What `sys.exc_info` gives while an error with this text is handled."""
    error = ValueError(text)
    return type(error), error, error.__traceback__


class TestRedactor:
    """The net below: it works for as long as a call lives."""

    def record(self, redactor, message, *args, exc_info=None):
        record = logging.LogRecord("x", logging.INFO, "f", 1, message, args, exc_info)
        redactor.filter(record)
        return logging.Formatter("%(message)s").format(record)

    @each("spelling", sorted(spellings(SENTINEL)))
    def test_every_spelling(self, spelling):
        redactor = Redactor()
        number = redactor.hide([SENTINEL, "abc"])
        assert self.record(redactor, f"a {spelling} b") == "a *** b"
        assert self.record(redactor, "a %s %d b", spelling, 5) == "a *** 5 b"
        assert self.record(redactor, "abc stays: too short") == "abc stays: too short"
        redactor.show(number)
        assert self.record(redactor, f"a {spelling} b") == f"a {spelling} b"

    @each("before", ["", "u", "us", "use:"])
    @each("after", ["", "x", "xy"])
    def test_base64_wherever_it_stands(self, before, after):
        redactor = Redactor()
        redactor.hide([SENTINEL])
        text = base64.b64encode(f"{before}{SENTINEL}{after}".encode()).decode()
        shown = self.record(redactor, text)
        assert "***" in shown
        assert len(shown) < 15

    def test_arguments_that_are_not_shown(self):
        redactor = Redactor()
        redactor.hide([SENTINEL])
        record = logging.LogRecord("x", logging.INFO, "f", 1, "%.0s", (SENTINEL,), None)
        assert redactor.filter(record)
        assert record.args == ()

    def test_tracebacks(self):
        redactor = Redactor()
        redactor.hide([SENTINEL])
        shown = self.record(redactor, "failed", exc_info=failure(SENTINEL))
        assert SENTINEL not in shown
        assert "ValueError: ***" in shown

    def test_records_without_secrets_stay_as_they_are(self):
        redactor = Redactor()
        redactor.hide([SENTINEL])
        assert self.record(redactor, "a %s", "b") == "a b"
        shown = self.record(redactor, "failed", exc_info=failure("plain"))
        assert "ValueError: plain" in shown

    def test_a_record_whose_arguments_do_not_fit_is_no_failure(self):
        redactor = Redactor()
        redactor.hide([SENTINEL])
        assert self.record(redactor, "a %d", SENTINEL) == "a %d ('***',)"

    def test_a_child_forgets_the_calls_of_its_parent(self):
        redactor = Redactor()
        redactor.hide([SENTINEL])
        redactor.reset()
        assert self.record(redactor, SENTINEL) == SENTINEL

    def test_nothing_to_hide(self):
        redactor = Redactor()
        assert redactor.hide(["abc", ""]) == 0
        redactor.show(0)
        assert self.record(redactor, "a %s", "b") == "a b"


def test_a_live_secret_is_hidden_in_the_whole_process(caplog):
    from rules.gateways._redact import redactor

    caplog.set_level(logging.DEBUG)
    number = redactor.hide([SENTINEL])
    logging.getLogger("anybody").warning("said %s", SENTINEL)
    redactor.show(number)
    assert "said ***" in caplog.text


def test_the_libraries_are_quiet_during_our_calls_only(caplog):
    """Their own users still read them."""
    logging.getLogger("urllib3.connectionpool").warning("not ours")
    assert "not ours" in caplog.text
