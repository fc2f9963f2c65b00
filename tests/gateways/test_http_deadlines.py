"""The wall-clock deadline: from name look-up to last byte, whatever the other side does."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from rules.gateways._deadline import Monitor
from rules.gateways._names import Names
from rules.outgoing import Reply, TimedOut
from tests.gateways.servers import (
    Server,
    answering,
    call,
    client,
    dripping,
    found,
    reply,
    send,
    silent,
)

QUICK = pytest.param(0.1, 0.3, 3.0, id="quick")
EXACT = pytest.param(0.4, 2.0, 0.5, id="exact", marks=pytest.mark.soak)
speeds = pytest.mark.parametrize(("pause", "seconds", "overrun"), [QUICK, EXACT])


def time_out(outgoing, one, seconds, overrun):
    """The call ends by its deadline, late by no more than `overrun`; gives the error."""
    started = time.monotonic()
    with pytest.raises(TimedOut) as caught:
        send(outgoing, one, seconds)
    took = time.monotonic() - started
    assert seconds <= took < seconds + overrun
    assert seconds <= caught.value.seconds <= took
    outgoing.close()
    return caught.value


@speeds
def test_headers_that_drip(pause, seconds, overrun):
    with dripping(b"HTTP/1.1 200 OK\r\n", b"X-A: 1\r\n", pause) as server:
        error = time_out(client(), call(server.url()), seconds, overrun)
        assert (error.kind, error.sent) == ("reply", True)


@speeds
@pytest.mark.parametrize("framing", ["Content-Length: 100000", "X-A: 1"])
def test_a_body_that_drips(pause, seconds, overrun, framing):
    head = f"HTTP/1.1 200 OK\r\n{framing}\r\n\r\n".encode()
    with dripping(head, b"x", pause) as server:
        assert time_out(client(), call(server.url()), seconds, overrun).kind == "reply"


@speeds
def test_a_chunked_body_that_drips(pause, seconds, overrun):
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with dripping(head, b"1\r\nx\r\n", pause) as server:
        assert time_out(client(), call(server.url()), seconds, overrun).kind == "reply"


@speeds
def test_a_connection_that_is_never_accepted(pause, seconds, overrun):
    """The queue of waiting connections is full, so the connection is not even established."""
    del pause
    with Server(None, accept=False) as server:
        server.listener.listen(0)
        filling = [threading.Thread(target=_knock, args=(server.port,)) for _ in range(4)]
        for thread in filling:
            thread.start()
        time.sleep(0.1)
        error = time_out(client(), call(server.url()), seconds, overrun)
        assert (error.kind, error.sent) == ("connect", False)
        for thread in filling:
            thread.join()


def _knock(port):
    import socket

    with socket.socket() as one:
        one.settimeout(0.2)
        try:
            one.connect(("127.0.0.1", port))
        except TimeoutError:
            return
        time.sleep(0.6)


@speeds
def test_a_request_that_is_never_read(pause, seconds, overrun):
    del pause
    with silent(reads=False) as server:
        one = call(server.url(), body=b"x" * 20_000_000)
        error = time_out(client(), one, seconds, overrun)
        assert (error.kind, error.sent) == ("send", True)


@speeds
def test_a_request_that_is_never_answered(pause, seconds, overrun):
    del pause
    with silent() as server:
        assert time_out(client(), call(server.url()), seconds, overrun).kind == "reply"


@speeds
def test_a_handshake_that_is_never_answered(pause, seconds, overrun):
    del pause
    with silent(reads=False) as server:
        one = call(server.url(scheme="https"))
        error = time_out(client(), one, seconds, overrun)
        assert (error.kind, error.sent) == ("connect", False)


@speeds
def test_a_name_look_up_that_takes_long(pause, seconds, overrun):
    release = threading.Event()

    def slow(host, port):
        release.wait(seconds + 2)
        return found("127.0.0.1")(host, port)

    error = time_out(client(find=slow), call("http://slow.example/"), seconds, overrun)
    assert (error.kind, error.sent) == ("connect", False)
    release.set()


def test_connecting_may_have_less_time_than_the_call():
    with silent(reads=False) as server:
        one = call(server.url(scheme="https"), connect_seconds=0.2)
        outgoing = client()
        with pytest.raises(TimedOut) as caught:
            send(outgoing, one, 30.0)
        assert caught.value.kind == "connect"
        assert caught.value.seconds < 10
        outgoing.close()


def test_a_cut_header_block_is_no_reply():
    """A shut socket ends the header block like an empty line: the library sees a normal 200."""
    with dripping(b"HTTP/1.1 200 OK\r\nX-A: 1\r\n", b"X-B: 1\r\n", 0.1) as server:
        outgoing = client()
        with pytest.raises(TimedOut):
            send(outgoing, call(server.url()), 0.25)
        outgoing.close()


def test_eight_stuck_look_ups_do_not_stop_the_ninth_from_giving_up():
    release = threading.Event()
    asked = []

    def stuck(host, port):
        asked.append(host)
        release.wait(20)
        return found("127.0.0.1")(host, port)

    outgoing = client(find=stuck)
    with ThreadPoolExecutor(9) as pool:
        ends = list(pool.map(lambda n: _outcome(outgoing, f"http://n{n}.example/", 0.4), range(9)))
    assert ends == ["TimedOut connect"] * 9
    assert len(asked) == 8
    release.set()
    outgoing.close()


def _outcome(outgoing, url, seconds):
    try:
        return send(outgoing, call(url), seconds)
    except TimedOut as error:
        return f"TimedOut {error.kind}"


@pytest.mark.parametrize(
    ("calls", "scale", "overrun"),
    [pytest.param(60, 0.25, 5.0), pytest.param(200, 1.0, 0.5, marks=pytest.mark.soak)],
)
def test_many_at_once_each_ends_in_time(calls, scale, overrun):
    """Replies that come now and never, deadlines all over the place, twenty threads."""
    before = set(threading.enumerate())
    draw = random.Random(16)
    plans = [(draw.random() < 0.3, draw.uniform(0.1, 2.0) * scale) for _ in range(calls)]
    with answering() as quick, silent() as never:
        outgoing = client()
        seen = set(threading.enumerate())

        def run(plan):
            answers, seconds = plan
            server = quick if answers else never
            started = time.monotonic()
            outcome = _outcome(outgoing, server.url(), seconds + (30 if answers else 0))
            return outcome, time.monotonic() - started

        with ThreadPoolExecutor(20) as pool:
            outcomes = list(pool.map(run, plans))
        for (answers, seconds), (outcome, took) in zip(plans, outcomes, strict=True):
            assert isinstance(outcome, Reply if answers else str), outcome
            assert answers or seconds <= took < seconds + overrun
        outgoing.close()
    left = {t for t in set(threading.enumerate()) - before - seen if t.is_alive()}
    assert left == set()


def test_the_monitor_forgets_alarms_that_were_disarmed():
    monitor = Monitor()
    for _ in range(2000):
        monitor.arm(time.monotonic() + 100, print).disarm()
    assert len(monitor._heap) < 600
    fired = threading.Event()
    monitor.arm(time.monotonic() + 0.01, fired.set)
    assert fired.wait(5)
    monitor.stop()


def test_an_alarm_that_fails_does_not_stop_the_others(caplog):
    monitor = Monitor()
    fired = threading.Event()
    monitor.arm(time.monotonic() + 0.01, lambda: 1 / 0)
    monitor.arm(time.monotonic() + 0.02, fired.set)
    assert fired.wait(5)
    monitor.stop()
    assert "an alarm failed" in caplog.text


def test_a_disarmed_alarm_never_fires_and_a_fired_one_says_so():
    monitor = Monitor()
    fired = threading.Event()
    never = monitor.arm(time.monotonic() + 0.02, fired.clear)
    first = monitor.arm(time.monotonic() + 0.01, fired.set)
    never.disarm()
    assert fired.wait(5)
    time.sleep(0.05)
    assert (first.fired, never.fired, fired.is_set()) == (True, False, True)
    first.disarm()
    monitor.stop()
    again = monitor.arm(time.monotonic() + 0.01, fired.clear)
    time.sleep(0.2)
    assert again.fired
    monitor.stop()


def test_a_look_up_whose_caller_gave_up_is_not_begun():
    release, asked = threading.Event(), []

    def stuck(host, port):
        asked.append(host)
        release.wait(10)
        return [(port, host)]

    names = Names(stuck)
    waiting = [threading.Thread(target=_ask, args=(names, f"n{n}")) for n in range(9)]
    for thread in waiting:
        thread.start()
    for thread in waiting:
        thread.join()
    release.set()
    assert names.find("last", 1, time.monotonic() + 5) == [(1, "last")]
    assert sorted(asked) == [*(f"n{n}" for n in range(8)), "last"] or len(asked) == 9
    names.stop()


def _ask(names, host):
    with pytest.raises(TimeoutError):
        names.find(host, 1, time.monotonic() + 0.2)


def test_a_reply_in_time_is_a_reply():
    with answering(reply(b"x" * 100_000)) as server:
        outgoing = client()
        assert len(send(outgoing, call(server.url()), 20.0).body) == 100_000
        outgoing.close()
