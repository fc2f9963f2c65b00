"""Targets and personal targets, row by row."""

import json

import pytest

from rules.links import BadTarget, Reason, clean_target, personal_target, with_query
from tests._cases import cases
from tests.rows import each

OWN = frozenset({"go.example", "s.example"})
UID = "0b6f2f0e-5a0e-4a57-9d0c-3f6c3b1a7e11"
BASE = "https://bot.example/chat?lang=hi"
SAMPLE = {"cli": "918160700000", "botid": "123", "token": "tok-1", "uid": UID}


def unescaped(text):
    """Text of a table's cell: JSON escapes stand for what cannot be seen."""
    return json.loads('"' + text.replace('"', '\\"') + '"') if "\\" in text else text


@each("row", cases("link_targets"))
def test_l2_long_url(row):
    given, result = unescaped(row["given"]), row["result"]
    if not result.isupper():
        assert clean_target(given, own_domains=OWN) == result
        return
    with pytest.raises(BadTarget) as caught:
        clean_target(given, own_domains=OWN)
    assert caught.value.reason == result
    assert caught.value.reason is Reason[result]
    assert str(caught.value).startswith(f"{result}: ")
    assert len(given) < 4 or given not in str(caught.value)


@each(
    ("given", "result", "why"),
    [
        ("https://shop.example/" + "a" * 2027, 2048, "exactly the limit"),
        ("https://shop.example/" + "a" * 2028, None, "one more"),
        ("HTTPS://SHOP.EXAMPLE:443/" + "a" * 2027, 2048, "counted after cleaning"),
        ("https://shop.example/" + "न" * 226, None, "nine characters for each once encoded"),
        ("https://shop.example/" + "न" * 225, 2046, "still fits"),
        ("https://intranet/" + "a" * 4000, None, "the private name comes first"),
    ],
)
def test_l2_too_long_counts_what_is_stored(given, result, why):
    if result:
        assert len(clean_target(given, own_domains=OWN)) == result, why
        return
    with pytest.raises(BadTarget) as caught:
        clean_target(given, own_domains=OWN)
    assert caught.value.reason == ("PRIVATE_NAME" if "intranet" in given else "TOO_LONG"), why


@each(
    ("given", "result"),
    [
        ("upi://pay?pa=a@b", "upi://pay?pa=a@b"),
        ("UPI://pay?pn=Asha%zz", "upi://pay?pn=Asha%25zz"),
        ("tel:+918160700000", "tel:+918160700000"),
        ("mailto:a@b.example?subject=नम", "mailto:a@b.example?subject=%E0%A4%A8%E0%A4%AE"),
        ("upi://user@10.0.0.1:99999", "upi://user@10.0.0.1:99999"),
        ("upi://pay?pn=Asha R", "CHARACTERS"),
        ("upi:" + "a" * 2045, "TOO_LONG"),
        ("javascript:alert(1)", "SCHEME"),
        ("DATA:text/html", "SCHEME"),
        ("sms:123", "SCHEME"),
        ("https:shop.example", "HOST"),
        ("https://go.example", "OWN_DOMAIN"),
    ],
)
def test_l2_of_the_operators_schemes_only_characters_and_length_count(given, result):
    schemes = ("http", "https", "upi", "tel", "mailto", "javascript", "data")
    if result.isupper() and ":" not in result:
        with pytest.raises(BadTarget) as caught:
            clean_target(given, own_domains=OWN, schemes=schemes)
        assert caught.value.reason == result
    else:
        assert clean_target(given, own_domains=OWN, schemes=schemes) == result


def test_l2_http_can_be_left_out():
    with pytest.raises(BadTarget, match="SCHEME"):
        clean_target("http://shop.example", own_domains=(), schemes=("https",))


def personal(base=BASE, others=(("uid", "X"), ("name", "Asha R")), hide=(), **changed):
    return personal_target(base, others=others, hide=hide, **SAMPLE | changed)


def test_l6_worked_example():
    target, hidden = personal()
    assert target == (
        "https://bot.example/chat?lang=hi&cli=918160700000&botid=123&token=tok-1"
        "&uid=0b6f2f0e-5a0e-4a57-9d0c-3f6c3b1a7e11&name=Asha%20R"
    )
    assert hidden == []


def test_l6_worked_example_hidden():
    target, hidden = personal(hide=("token", "name"))
    assert target == (
        "https://bot.example/chat?lang=hi&cli=918160700000&botid=123"
        "&uid=0b6f2f0e-5a0e-4a57-9d0c-3f6c3b1a7e11"
    )
    assert hidden == [("token", "tok-1"), ("name", "Asha R")]


@each(
    ("others", "query", "why"),
    [
        ([("b", "1"), ("a", "2")], "&b=1&a=2", "in the order sent"),
        ([("a", "1"), ("b", "2"), ("a", "3")], "&a=3&b=2", "last value, first place"),
        ([("a", ""), ("b", None)], "&a=", "empty is name=, null is left out"),
        ([("a", "1"), ("a", None)], "", "the last value is null"),
        ([("Cli", "1"), ("BOTID", "2"), ("Token", "3"), ("UID", "4")], "", "not overridden"),
        ([("shortenUrl", "x"), ("botUniqueID", "y"), ("LINKEXPIRESAT", "z")], "", "of before"),
        ([("a b", "c d")], "&a%20b=c%20d", "a blank is %20"),
        ([("नाम", "आशा")], "&%E0%A4%A8%E0%A4%BE%E0%A4%AE=%E0%A4%86%E0%A4%B6%E0%A4%BE", "UTF-8"),
        ([("a&b=c", "d&e=f#g/h?i+j")], "&a%26b%3Dc=d%26e%3Df%23g%2Fh%3Fi%2Bj", "nothing escapes"),
        ([("a", "x\r\ny")], "&a=x%0D%0Ay", "line breaks are text"),
        ([("A", "1"), ("a", "2")], "&A=1&a=2", "two names that differ in case are two"),
    ],
)
def test_l6_other_variables(others, query, why):
    target, hidden = personal(others=others)
    assert target == f"{personal(others=[])[0]}{query}", why
    assert hidden == []


@each(
    ("base", "begin"),
    [
        ("https://bot.example", "https://bot.example?cli="),
        ("https://bot.example/", "https://bot.example/?cli="),
        ("https://bot.example/?", "https://bot.example/?cli="),
        ("https://bot.example/?a=1&", "https://bot.example/?a=1&cli="),
        ("https://bot.example/?cli=1", "https://bot.example/?cli=1&cli="),
    ],
)
def test_l6_the_base_keeps_its_query(base, begin):
    assert personal(base)[0].startswith(begin)


def test_l6_the_query_stands_before_the_fragment():
    assert personal("https://bot.example/#chat", others=[])[0].endswith(f"&uid={UID}#chat")


@pytest.mark.parametrize(("token", "part"), [(None, ""), ("", "&token="), ("a b", "&token=a%20b")])
def test_l6_token(token, part):
    assert f"&botid=123{part}&uid=" in personal(token=token)[0]


def test_l6_uid_cannot_be_hidden_and_hiding_knows_no_case():
    target, hidden = personal(others=[("Name", "Asha")], hide=("uid", "NAME", "Token", "cli"))
    assert f"uid={UID}" in target
    assert hidden == [("cli", "918160700000"), ("token", "tok-1"), ("Name", "Asha")]


def test_l6_too_long():
    with pytest.raises(BadTarget, match="TOO_LONG"):
        personal(others=[("story", "a" * 2000)])
    assert personal(others=[("story", "a" * 2000)], hide=("story",))[1] == [("story", "a" * 2000)]


@pytest.mark.parametrize(
    ("target", "query", "result"),
    [
        ("https://a.example", "", "https://a.example"),
        ("https://a.example", "b=1", "https://a.example?b=1"),
        ("https://a.example?c", "b=\r\n\u00e9%zz", "https://a.example?c&b=%0D%0A%C3%A9%25zz"),
    ],
)
def test_l4_a_query_that_is_carried_over(target, query, result):
    assert with_query(target, query) == result
