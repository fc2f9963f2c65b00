"""Maps of JSON and XML replies: the tables of paths, then what a table does not show."""

import json

import pytest

from rules.webhooks.json_body import NotJson, read, write
from rules.webhooks.mapping import BadMap, MapEntry, apply_map, compile_map
from rules.webhooks.paths import BadPath, read_path
from rules.webhooks.xml_body import NotXml
from rules.webhooks.xml_body import read as read_xml
from rules.webhooks.xml_paths import read_xml_path
from tests._cases import cases
from tests.rows import each

JSON = (
    b'{"data":{"id":7},"a b":1,"x-1":2,"q\\"]z":5,"it\'s":6,"l":[[1,2],{"k":null},null],"p":1.10}'
)
XML = b"""<?xml version="1.0"?>
<s:E xmlns:s="urn:s" xmlns="urn:o" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<order id="77"><name> Asha  Rao </name><item n="1">Om</item><item n="2"><q>3</q></item>
<note xsi:nil="true"/><e/></order></s:E>"""


def mapped(path, body, kind="json", save_in="$flow.key.v"):
    """The variables, None when the path leads nowhere."""
    found = apply_map(compile_map((MapEntry(save_in, path, mandatory=True),), kind), body)
    assert not found.unreadable
    return None if found.missing else dict(found.variables)


def shown(variables, shorten=""):
    if variables is None:
        return "unresolved"
    pairs = (f"{name.removeprefix(shorten)}: {text}" for name, text in variables.items())
    return "{" + "; ".join(pairs) + "}"


def undone(cell):
    """A cell whose backslashes before u are escapes."""
    return (
        cell.encode("latin-1", "backslashreplace").decode("unicode_escape")
        if "\\u" in cell
        else cell
    )


@each("row", cases("webhook_json_paths"))
def test_m1_m2_m3_m4_m5_m6_m7_json_paths(row):
    path = undone(row["path"])
    if row["result"] == "bad":
        with pytest.raises(BadMap):
            mapped(path, JSON)
        with pytest.raises(BadPath):
            read_path(path)
    else:
        assert shown(mapped(path, JSON)) == row["result"]


@each("row", cases("webhook_xml_paths"))
def test_x2_x3_x4_x5_x6_x7_x8_x9_xml_paths(row):
    path = undone(row["path"])
    if row["result"] == "bad":
        with pytest.raises(BadMap):
            mapped(path, XML, "xml")
        with pytest.raises(BadPath):
            read_xml_path(path)
    else:
        assert shown(mapped(path, XML, "xml"), "$flow.key.") == row["result"]


@each(
    ("body", "path", "result"),
    [
        ("[1]", "data[0]", "1"),
        ('{"a":{"a":1}}', "data.a.a", "1"),
        ('"text"', "data", "text"),
        ("5", "data", "5"),
        ("true", "data", "true"),
        ("\ufeff{}", "data", "{}"),
    ],
)
def test_m1_data_is_the_whole_body(body, path, result):
    assert mapped(path, body.encode()) == {"$flow.key.v": result}


def test_m2_the_raw_key_is_tried_first():
    body = json.dumps({r"a\"b": "raw", 'a"b': "undone"}).encode()
    assert mapped(r'data["a\"b"]', body) == {"$flow.key.v": "raw"}
    assert mapped(r'data["a\"b"]', b'{"a\\"b": "undone"}') == {"$flow.key.v": "undone"}


@each(
    ("written", "result"),
    [
        ("1.10", "1.10"),
        ("1e3", "1e3"),
        ("-0", "-0"),
        ("1234567890123456789012345", "1234567890123456789012345"),
        ("true", "true"),
        ("false", "false"),
        ('"  as it is "', "  as it is "),
        (r'"\ud83d\ude00"', "😀"),
        (r'"a\ud800b"', "a\ufffdb"),
        ('""', ""),
    ],
)
def test_m4_scalars(written, result):
    assert mapped("data.v", f'{{"v": {written}}}'.encode()) == {"$flow.key.v": result}


@each("size", [0, 1, 19, 20, 21, 500])
def test_m5_lists_of_any_length(size):
    body = json.dumps([str(n) for n in range(size)]).encode()
    compiled = compile_map((MapEntry("$flow.key.v", "data", mandatory=True),), "json")
    found = apply_map(compiled, body)
    wanted = {f"$flow.key.v_{n + 1}": str(n) for n in range(min(size, 20))}
    assert found.variables == wanted | {"$flow.key.v_size": str(size)}
    assert found.cut == (("$flow.key.v",) if size > 20 else ())


def test_m5_entries_of_every_kind():
    body = rb'[null, "a", 1.50, true, [1,"\ud800"], {"b": [null]}]'
    texts = list(mapped("data", body).values())
    assert texts == ["", "a", "1.50", "true", '[1,"\ufffd"]', '{"b":[null]}', "6"]


def test_m6_objects_keep_order_numbers_and_letters():
    body = '{"o": {"z": 1.0, "नाम": "पुणे", "a": {}, "z": 2.50}}'.encode()
    assert mapped("data.o", body) == {"$flow.key.v": '{"z":2.50,"नाम":"पुणे","a":{}}'}


@each(
    "save_in",
    [
        "",
        "city",
        "$flow.key.",
        "$flow.key. ",
        "$flow.syskey.flowID",
        "$user.syskey.accountID",
        "$call.cli.number",
        "$flow.key.response_raw",
        "$flow.key.Response_x",
        "$user.key.response_line",
        "$flow.key.error_reason",
        "$flow.key.a\nb",
    ],
)
def test_m8_variables_that_may_not_be_saved_into(save_in):
    for kind, path in (("json", "data.a"), ("xml", "//a")):
        with pytest.raises(BadMap):
            compile_map((MapEntry(save_in, path),), kind)


@each("save_in", ["$flow.key.x", "$user.key.नाम", "$flow.key.a.b-c d", "$flow.key.error_reasons"])
def test_m8_variables_that_may(save_in):
    assert compile_map((MapEntry(save_in, "data.a"),), "json").entries[0][0].save_in == save_in


def test_m8_a_variable_is_saved_into_once():
    twice = (MapEntry("$flow.key.a", "data.a"), MapEntry("$flow.key.a", "data.b"))
    with pytest.raises(BadMap, match="mapping 2"):
        compile_map(twice, "json")
    other_case = (MapEntry("$flow.key.a", "data.a"), MapEntry("$flow.key.A", "data.b"))
    assert len(compile_map(other_case, "json").entries) == 2


@each(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"{'a': 1}",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b"[-Infinity]",
        b"\xff",
        b'"\n"',
        b"01",
        b"{} {}",
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b"<html>",
        "{}".encode("utf-16"),
    ],
)
def test_e5_no_json(body):
    with pytest.raises(NotJson):
        read(body)
    assert apply_map(compile_map((), "json"), body).unreadable


def test_e5_too_deep_to_be_written_is_no_crash():
    value = leaf = []
    for _ in range(200_000):
        leaf.append([])
        leaf = leaf[0]
    with pytest.raises(NotJson):
        write(value)
    while value:  # taken apart step by step: deep lists end deeply too
        value = value.pop()


def test_m3_repeated_members_the_last():
    assert mapped("data.a", b'{"a": 1, "a": 2}') == {"$flow.key.v": "2"}


DOCTYPES = [
    b"<!DOCTYPE a><a/>",
    b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    b'<!DOCTYPE a [<!ENTITY x "y">]><a b="&x;"/>',
    (
        b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
        b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">]><a>&d;</a>'
    ),
    '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a><a/>'.encode("utf-16"),
]


@each("body", [*DOCTYPES, b"", b"text", b"<a>", b"<a>&x;</a>", b"<a></b>", b"<a/><b/>"])
def test_x1_no_xml(body):
    with pytest.raises(NotXml):
        read_xml(body)
    assert apply_map(compile_map((), "xml"), body).unreadable


def test_x1_comments_and_instructions_are_dropped():
    body = b"<a><!-- <!DOCTYPE a> --><?do it?>te<!-- -->xt<![CDATA[ <b> ]]></a>"
    assert mapped("/a", body, "xml")["$flow.key.v"] == "text <b>"


def test_x1_encodings():
    latin = '<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>'.encode("latin-1")
    assert mapped("/a", latin, "xml")["$flow.key.v"] == "é"
    assert mapped("/a", "\ufeff<a>पुणे</a>".encode(), "xml")["$flow.key.v"] == "पुणे"
    undeclared = "<a>é</a>".encode("latin-1")
    compiled = compile_map((MapEntry("$flow.key.v", "/a"),), "xml")
    assert apply_map(compiled, undeclared).unreadable
    assert apply_map(compiled, undeclared, "no-such-charset").unreadable
    assert apply_map(compiled, undeclared, "iso-8859-1").variables["$flow.key.v"] == "é"


def test_x2_a_prefix_bound_twice_is_the_first_one():
    body = b'<r><p:a xmlns:p="urn:1">one</p:a><p:a xmlns:p="urn:2">two</p:a></r>'
    assert mapped("//p:a", body, "xml")["$flow.key.v"] == "one"


def test_x2_a_prefix_in_the_path_means_no_second_try():
    assert mapped("//p:b", b'<r xmlns:p="urn:1"><b/></r>', "xml") is None


def test_x3_attributes_lose_their_namespace_too():
    body = b'<r xmlns:l="urn:l"><a l:href="x" l:id="1" id="2"/></r>'
    assert mapped("//a/@href", body, "xml")["$flow.key.v"] == "x"
    assert mapped("//a/@id", body, "xml")["$flow.key.v"] == "2"


def test_x3_without_namespaces_there_is_nothing_to_try_again():
    assert mapped("//b", b"<r><a/></r>", "xml") is None


def test_x6_an_element_with_elements_is_its_xml_without_what_follows():
    body = b'<p:r xmlns:p="urn:1" xmlns:q="urn:2"><p:a x="1">t<p:b/></p:a> tail</p:r>'
    assert mapped("//p:a", body, "xml")["$flow.key.v"] == (
        '<p:a xmlns:p="urn:1" x="1">t<p:b/></p:a>'
    )


@each(
    ("body", "path", "written"),
    [
        ('<r xmlns="u" xmlns:q="v"><a><q:b/></a></r>', "//a", "<a><b/></a>"),
        (
            '<p:r xmlns:p="u" xmlns:q="v" xmlns="w"><p:a><q:b c="x p:y"/></p:a></p:r>',
            "//p:a",
            '<p:a xmlns:p="u" xmlns:q="v"><q:b c="x p:y"/></p:a>',
        ),
        (
            '<p:r xmlns:p="u" xmlns:q="v" xmlns="w"><p:a q:x="1">t <b/></p:a></p:r>',
            "//p:a",
            '<p:a xmlns:p="u" xmlns:q="v" xmlns="w" q:x="1">t <b/></p:a>',
        ),
        (
            '<p:r xmlns:p="u"><p:a xmlns:z="z">xmlns:p="k" &lt;p:c&gt;<p:b/></p:a></p:r>',
            "//p:a",
            None,
        ),
    ],
)
def test_x6_only_declarations_that_are_used(body, path, written):
    found = mapped(path, body.encode(), "xml")["$flow.key.v"]
    if written is None:
        written = '<p:a xmlns:p="u">xmlns:p="k" &lt;p:c&gt;<p:b/></p:a>'
    assert found == written


def declared(count, start=0):
    return " ".join(f'xmlns:p{n}="u{n}"' for n in range(start, start + count))


def test_x1_many_namespaces_in_force_at_one_place_are_too_many():
    fits = f"<r {declared(256)}><p7:a>x</p7:a></r>".encode()
    assert mapped("//p7:a", fits, "xml")["$flow.key.v"] == "x"
    for body in (
        f"<r {declared(257)}><a/></r>",
        f"<r {declared(200)}><a {declared(200, 200)}/></r>",
        f'<?xml version="1.0" encoding="UTF-16"?><r {declared(300)}><a/></r>',
    ):
        encoded = body.encode("utf-16" if "UTF-16" in body else "utf-8")
        assert apply_map(compile_map((), "xml"), encoded).unreadable
    apart = "".join(f'<p{n}:a xmlns:p{n}="u{n}">{n}</p{n}:a>' for n in range(400))
    assert mapped("//p399:a", f"<r>{apart}</r>".encode(), "xml")["$flow.key.v"] == "399"
    utf16 = '<?xml version="1.0" encoding="UTF-16"?><p:r xmlns:p="u">x</p:r>'.encode("utf-16")
    assert mapped("//p:r", utf16, "xml")["$flow.key.v"] == "x"


def test_x7_nil_among_several_is_empty_text():
    xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    body = f'<r {xsi}><a xsi:nil="true">1</a><a xsi:nil="1"/><a xsi:nil="false">2</a></r>'.encode()
    assert list(mapped("//a", body, "xml").values()) == ["", "", "2", "3"]
    assert mapped("string(//a)", body, "xml") is None
    assert mapped("count(//a)", body, "xml") == {"$flow.key.v": "3"}


@each("size", [1, 19, 20, 21, 300])
def test_x5_sets_of_any_size(size):
    body = b"<r>" + b"".join(b"<a>%d</a>" % n for n in range(size)) + b"</r>"
    found = mapped("//a", body, "xml")
    assert found["$flow.key.v_size"] == str(size)
    assert ("$flow.key.v" in found) is (size == 1)
    assert sum(name.startswith("$flow.key.v_") for name in found) == min(size, 20) + 1


def test_x9_a_path_is_not_longer_than_1024_characters():
    assert read_xml_path("//" + "a" * 1022)
    with pytest.raises(BadPath):
        read_xml_path("//" + "a" * 1023)


def test_x9_every_node():
    assert mapped("//.", b"<a>t<b/></a>", "xml")["$flow.key.v_size"] == "3"


def test_e6_a_mandatory_path_that_leads_nowhere_stops_everything():
    entries = (
        MapEntry("$flow.key.a", "data.a"),
        MapEntry("$flow.key.b", "data.b", mandatory=True),
    )
    compiled = compile_map(entries, "json")
    assert apply_map(compiled, b'{"a": 1}').missing
    assert not apply_map(compiled, b'{"a": 1}').variables
    assert list(apply_map(compiled, b'{"b": 1}').variables) == ["$flow.key.b"]


def test_maps_are_compiled_once():
    entries = (MapEntry("$flow.key.a", "data.compiled_once"),)
    assert compile_map(entries, "json") is compile_map(entries, "json")
    assert read_path("data.compiled_once") is read_path("data.compiled_once")
