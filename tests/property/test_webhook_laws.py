"""Laws of webhooks: values stay values, mapping never raises, what is refused is never sent."""

import contextlib
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.gateways.http import HttpClient
from rules.outgoing import Call, Refused
from rules.urls import UrlRefused, may_reach, read_url
from rules.webhooks import Entry, Failure, MapEntry, WebhookSpec, prepare
from rules.webhooks.mapping import BadMap, apply_map, compile_map
from tests.gateways.servers import answering, found

laws = settings()
VALUES = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["$flow.key.w", '"', "\\", "1,", "}", "../..", "\r\n", "<a>", "@", "&", "null", "https://x"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)
STEPS = st.sampled_from([".a", "[0]", '["a b"]', ".data", "[3]", "['x']", ".", "[", "*", " "])
PATHS = st.builds(lambda steps: "data" + "".join(steps), st.lists(STEPS, max_size=4))
XML_PARTS = st.sampled_from(
    [
        "//",
        "/",
        "a",
        "b",
        "@x",
        "*",
        "[1]",
        "[@x]",
        '[a="1"]',
        "text()",
        ".",
        "count(",
        ")",
        "s:",
        "|",
    ]
)
XML_PATHS = st.lists(XML_PARTS, min_size=1, max_size=6).map("".join)
XML_BODIES = st.lists(
    st.sampled_from(["<a>", "</a>", "<b x='1'/>", "t", "<s:a xmlns:s='u'/>", "&lt;", "<!-- -->"]),
    max_size=8,
).map(lambda parts: f"<r xmlns='urn:r'>{''.join(parts)}</r>".encode())


@laws
@given(VALUES)
def test_v3_a_value_inside_quotes_is_that_value(value):
    spec = WebhookSpec(
        "https://api.example/", method="POST", body_type="json", body='{"a": "$flow.key.v"}'
    )
    request = prepare(spec, {"$flow.key.v": value, "$flow.key.w": "second"})
    assert json.loads(request.body) == {"a": value}


@laws
@given(VALUES)
def test_v3_a_value_adds_no_member(value):
    spec = WebhookSpec(
        "https://api.example/", method="POST", body_type="json", body='{"a": $flow.key.v, "b": 1}'
    )
    request = prepare(spec, {"$flow.key.v": value})
    if not isinstance(request, Failure):
        assert json.loads(request.body).keys() == {"a", "b"}


@laws
@given(VALUES)
def test_v1_a_value_stays_in_its_path_segment_and_query_entry(value):
    spec = WebhookSpec(
        "https://api.example/a/$flow.key.v/b?q=$flow.key.v", query=(Entry("r", "$flow.key.v"),)
    )
    request = prepare(spec, {"$flow.key.v": value, "$flow.key.w": "second"})
    if isinstance(request, Failure):
        assert value in (".", "..")
        return
    url = read_url(request.url)
    path, _, query = url.target.partition("?")
    assert url.host == "api.example"
    assert path.count("/") == 3
    assert [part.partition("=")[0] for part in query.split("&")] == ["q", "r"]


@laws
@given(VALUES)
def test_v1_a_value_in_the_host_brings_nothing_else(value):
    spec = WebhookSpec("https://x$flow.key.v.example/p")
    request = prepare(spec, {"$flow.key.v": value})
    if not isinstance(request, Failure):
        assert read_url(request.url).host == f"x{value}.example".lower()
        assert read_url(request.url).target == "/p"


@laws
@given(JSON, PATHS)
def test_m_mapping_json_never_raises(value, path):
    try:
        compiled = compile_map((MapEntry("$flow.key.v", path),), "json")
    except BadMap:
        return
    mapped = apply_map(compiled, json.dumps(value).encode("utf-8", "surrogatepass"))
    assert not mapped.missing
    assert all(isinstance(text, str) for text in mapped.variables.values())


@laws
@given(st.binary(max_size=40) | st.text(max_size=30).map(lambda t: t.encode("utf-8", "replace")))
def test_m_x_mapping_any_bytes_never_raises(body):
    for kind, path in (("json", "data.a"), ("xml", "//a")):
        apply_map(compile_map((MapEntry("$flow.key.v", path),), kind), body)


@laws
@given(XML_BODIES, XML_PATHS)
def test_x_mapping_xml_never_raises(body, path):
    try:
        compiled = compile_map((MapEntry("$flow.key.v", path),), "xml")
    except BadMap:
        return
    mapped = apply_map(compiled, body)
    size = mapped.variables.get("$flow.key.v_size")
    assert size is None or int(size) >= 1


HOSTS = st.sampled_from(["127.0.0.1", "0x7f.1", "[::1]", "localhost", "2130706433", "a.example"])
MARKS = st.sampled_from(["", "@", "\\", "/", "#", "?", ":", ".", "%", "。", "\t", "user@", "//"])
ADDRESSES = st.ip_addresses().map(str)


def test_g4_g5_a_refused_address_is_never_connected_to():
    """Whatever the text and whatever the name answers, with a loopback port that listens."""
    answers = []

    @given(
        st.tuples(MARKS, HOSTS | ADDRESSES, MARKS, HOSTS, MARKS), st.lists(ADDRESSES, max_size=2)
    )
    def law(parts, addresses):
        before, host, between, second, after = parts
        text = f"http://{before}{host}:{server.port}{between}{second}{after}"
        answers[:] = found(*addresses, "127.0.0.1")("", server.port)
        with contextlib.suppress(Refused):
            outgoing.send(Call("GET", text, allow_http=True), deadline=outgoing.now() + 5)

    with answering() as server:
        outgoing = HttpClient(find=lambda *_: list(answers))
        law()
        outgoing.close()
    assert server.connections == 0


@laws
@given(st.text(max_size=30) | st.builds("https://{}".format, st.text(max_size=20)))
def test_g2_reading_what_was_read_changes_nothing(text):
    try:
        url = read_url(text)
    except UrlRefused:
        return
    again = read_url(url.text)
    assert (again.host, again.port, again.authority) == (url.host, url.port, url.authority)


@laws
@given(st.ip_addresses())
def test_g5_every_address_has_one_verdict(address):
    assert may_reach(str(address)) <= (
        address.is_global or bool(getattr(address, "ipv4_mapped", None))
    )
