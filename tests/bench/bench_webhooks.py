"""Webhooks and the outgoing client: paths, maps, addresses, deadlines, a call over loopback."""

from __future__ import annotations

import json
import statistics
import time

import jsonpath
import jsonpath_ng
import requests

from rules.gateways._deadline import Monitor
from rules.gateways._flight import Flight
from rules.gateways._names import Names
from rules.outgoing import Call, Reply
from rules.urls import may_reach
from rules.webhooks import MapEntry, WebhookSpec, interpret
from rules.webhooks.paths import read_path
from tests.bench._http import ECHO, serving
from tests.bench._row import Row, in_turn, seconds
from tests.gateways.servers import client

PATH = 'data.orders[3].customer["first name"]'
GENERAL = "$.orders[3].customer['first name']"
ORDER = {
    "id": 4711,
    "customer": {"first name": "Asha", "city": "Pune", "phone": "919820012345"},
    "lines": [{"sku": f"A-{n}", "count": n, "price": 12.5} for n in range(8)],
}
REPLY = {"orders": [ORDER | {"id": n} for n in range(60)], "total": 1499.50}
BODY = json.dumps(REPLY).encode()
ADDRESSES = [f"{a}.{b}.7.9" for a in range(1, 224, 3) for b in range(0, 256, 5)]
MICRO = 1e6


def path_against_jsonpath() -> list[Row]:
    """Parse a path and get its value, as each package is used: ours keeps compiled paths."""
    rows = []
    for name, general in (
        ("jsonpath-ng", lambda: jsonpath_ng.parse(GENERAL).find(REPLY)[0].value),
        ("python-jsonpath", lambda: jsonpath.findall(GENERAL, REPLY)[0]),
    ):
        assert read_path(PATH).find(REPLY) == general() == "Asha"
        ours, theirs = in_turn(
            lambda: read_path(PATH).find(REPLY), general, number=5000, yardstick_number=50
        )
        rows.append(
            Row(
                "JSON path, parse and get",
                ours * MICRO,
                "µs",
                theirs * MICRO,
                name,
                theirs / ours,
                ">= 20",
            )
        )
    return rows


def path_compiled_by_both() -> list[Row]:
    """Get with a path that was compiled before, and the first reading of a path."""
    rows = []
    ours_found = read_path(PATH)
    slow = jsonpath_ng.parse(GENERAL)
    other = jsonpath.compile(GENERAL)
    for name, general in (
        ("jsonpath-ng", lambda: slow.find(REPLY)[0].value),
        ("python-jsonpath", lambda: other.findall(REPLY)[0]),
    ):
        ours, theirs = in_turn(lambda: ours_found.find(REPLY), general, number=2000)
        rows.append(
            Row("JSON path, get only", ours * MICRO, "µs", theirs * MICRO, name, theirs / ours)
        )
    first, parse = in_turn(
        lambda: read_path.__wrapped__(PATH),
        lambda: jsonpath.compile(GENERAL),
        number=2000,
        yardstick_number=200,
    )
    rows.append(
        Row(
            "JSON path, first reading",
            first * MICRO,
            "µs",
            parse * MICRO,
            "python-jsonpath",
            parse / first,
        )
    )
    return rows


def mapping_of_a_reply() -> Row:
    """A reply of about 30 kB to variables: decode, parse, ten entries of a map."""
    entries = tuple(
        MapEntry(f"$flow.key.v{n}", f'data.orders[{n}].customer["first name"]') for n in range(9)
    )
    spec = WebhookSpec(
        "https://api.example/", mapping=(*entries, MapEntry("$flow.key.l", "data.orders[0].lines"))
    )
    reply = Reply(200, (), BODY, 0.1)
    assert interpret(spec, reply).ok
    ours, plain = in_turn(lambda: interpret(spec, reply), lambda: json.loads(BODY), number=100)
    return Row(
        f"map of a reply, {len(BODY) / 1000:.0f} kB, ten entries",
        ours * MICRO,
        "µs",
        plain * MICRO,
        "json.loads alone",
        ours / plain,
        note="numbers keep their text",
    )


def address_check() -> Row:
    """Judge addresses that were not seen before."""
    ours = statistics.median(
        seconds(lambda: [may_reach(a) for a in ADDRESSES], number=1) / len(ADDRESSES)
        for _ in range(7)
    )
    return Row("address check", ours * MICRO, "µs", wanted="<= 10")


def deadline() -> Row:
    """Arm an alarm a minute ahead and disarm it."""
    monitor = Monitor()
    flight = Flight(Call("GET", "https://a.example/"), deadline=0, names=Names(), allowed=())

    def arm() -> None:
        monitor.arm(time.monotonic() + 60, flight.shut).disarm()

    ours = statistics.median(seconds(arm, number=20_000) for _ in range(7))
    monitor.stop()
    return Row("arm and disarm a deadline", ours * MICRO, "µs", wanted="<= 5")


def guarded_call() -> list[Row]:
    """A call on a connection that is kept, against requests without the environment."""
    body = b'{"city": "Pune", "at": "2026-11-25T09:00:00+05:30"}'
    headers = {"Content-Type": "application/json"}
    session = requests.Session()
    session.trust_env = False
    outgoing = client()
    with serving(ECHO) as port:
        url = f"http://127.0.0.1:{port}/"
        call = Call(
            "POST",
            url,
            [("Content-Type", b"application/json")],
            body,
            allow_http=True,
            keep_alive="163",
        )

        def ours() -> None:
            assert outgoing.send(call, deadline=outgoing.now() + 10).body == body

        def plain() -> None:
            assert session.post(url, data=body, headers=headers, timeout=10).content == body

        spans = _wall(ours, plain)
        cpu = in_turn(ours, plain, repeats=9, number=200)
    outgoing.close()
    session.close()
    return [
        Row(
            f"guarded call, kept connection, {what}",
            first * MICRO,
            "µs",
            second * MICRO,
            "requests",
            first / second,
            "<= 1.3" if what == "from start to end" else "",
        )
        for what, (first, second) in (("from start to end", spans), ("own processor time", cpu))
    ]


def _wall(ours, plain, rounds: int = 600) -> tuple[float, float]:
    """Median seconds of both, call by call in turn."""
    spans: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds):
        for place, call in enumerate((ours, plain) if number % 2 else (plain, ours)):
            start = time.perf_counter()
            call()
            spans[place if number % 2 else 1 - place].append(time.perf_counter() - start)
    return statistics.median(spans[0]), statistics.median(spans[1])


MIB = 1_048_576
XML_BODIES = {
    "flat": b"<r>" + b"<a/>" * (MIB // 4 - 2) + b"</r>",
    "deep": b"<r>" + (b"<a>" * 240 + b"x" * 40 + b"</a>" * 240) * (MIB // 1720) + b"</r>",
    "text": b"<r><a>" + b"ab" * (MIB // 2 - 8) + b"</a></r>",
    "named": b'<r xmlns="urn:o">' + b'<a b="1"><c>x</c></a>' * (MIB // 21 - 2) + b"</r>",
}
XML_PATHS = (
    "//a",
    "count(//*)",
    "//*[.='x']",
    "//*[contains(., 'abababababababababababababababababababc')]",
    "//*[normalize-space()='x']",
    "//*[position()<=2][last()]",
    "//a[a='x'][@b][1]/a[last()]/text()",
    "//z:a",
    "/r/*/*/*/*/*/*/*/*[a!='x']",
    "//nothing",
)


def worst_xml_map() -> Row:
    """The slowest pair of a document of 1 MiB and a path that the grammar lets pass."""
    worst, pair = 0.0, ""
    for name, body in XML_BODIES.items():
        for path in XML_PATHS:
            spec = WebhookSpec(
                "https://api.example/",
                response_type="xml",
                mapping=(MapEntry("$flow.key.v", path),),
            )
            start = time.perf_counter()
            assert interpret(spec, Reply(200, (), body, 0.1)).ok
            took = time.perf_counter() - start
            if took > worst:
                worst, pair = took, f"{path} on {name}"
    note = f"{len(XML_PATHS)} paths on {len(XML_BODIES)} documents; slowest {pair}"
    return Row("XML map of 1 MiB, the worst", worst, "s", wanted="<= 1", note=note)


BENCHES = [
    path_against_jsonpath,
    path_compiled_by_both,
    mapping_of_a_reply,
    worst_xml_map,
    address_check,
    deadline,
    guarded_call,
]
