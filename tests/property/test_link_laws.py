"""Laws of link targets and codes, for any text."""

from urllib.parse import parse_qsl, urlsplit

from hypothesis import example, given
from hypothesis import strategies as st

from rules.links import BadTarget, clean_target, is_code, make_code, personal_target, with_query
from rules.links.address import Place, read_short, write_short
from rules.links.whitelist import find_links

OWN = frozenset({"go.example", "s.example"})
HOSTS = st.sampled_from(
    [
        "shop.example",
        "GO.example",
        "go.example.",
        "भारत.example",
        "8.8.8.8",
        "10.0.0.1",
        "a_b.in",
        "[::1]",
        "0x7f.1",
        "[2606:4700::1]",
        "xn--h2brj9c.example",
        "localhost",
        "go.example:80",
    ]
)
ANY = st.text(max_size=40)
URLS = st.builds(
    lambda scheme, host, rest: f"{scheme}{host}{rest}",
    st.sampled_from(["https://", "HTTP://", "http:", "//", "", "https://user@", "upi:", "tel:"]),
    HOSTS | ANY,
    st.builds("".join, st.lists(st.sampled_from("/?#%@:\\ \r\n\t") | ANY, max_size=6)),
)


@given(URLS)
@example("https://shop.example/%%41%")
@example("https://shop.example/\u2028")
def test_l2_a_target_is_one_line_of_ascii_and_cleaning_it_again_changes_nothing(text):
    schemes = ("http", "https", "upi")
    try:
        cleaned = clean_target(text, own_domains=OWN, schemes=schemes)
    except BadTarget:
        return
    assert cleaned.isascii()
    assert cleaned.isprintable()
    assert " " not in cleaned
    assert len(cleaned) <= 2048
    assert clean_target(cleaned, own_domains=OWN, schemes=schemes) == cleaned


@given(URLS)
def test_l2_never_one_of_our_own_domains_nor_an_inner_name(text):
    try:
        cleaned = clean_target(text, own_domains=OWN)
    except BadTarget:
        return
    parts = urlsplit(cleaned)
    host = (parts.hostname or "").removesuffix(".")
    assert parts.scheme in ("http", "https")
    assert host not in OWN | {"localhost", "10.0.0.1", "::1"}
    assert parts.username is None


@given(st.text())
def test_l2_any_text_is_cleaned_or_refused_with_a_reason(text):
    try:
        clean_target(text, own_domains=OWN)
    except BadTarget as refused:
        assert str(refused).startswith(refused.reason)


NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
VALUES = st.none() | st.text(st.characters(codec="utf-8"), max_size=12)


@given(st.lists(st.tuples(NAMES, VALUES), max_size=6), st.lists(NAMES, max_size=3), VALUES)
def test_l6_what_is_shown_and_what_is_hidden_are_all_there_is(others, hide, token):
    target, hidden = personal_target(
        "https://bot.example/",
        cli="1",
        botid="2",
        token=token,
        uid="u",
        others=others,
        hide=hide,
    )
    assert target.isascii()
    assert target.isprintable()
    shown = parse_qsl(urlsplit(target).query, keep_blank_values=True)
    lowered = {name.casefold() for name in hide}
    assert not {name.casefold() for name, _ in shown} & (lowered - {"uid"})
    assert {name.casefold() for name, _ in hidden} <= lowered
    own = [("cli", "1"), ("botid", "2"), ("token", token), ("uid", "u")]
    apart = {"cli", "botid", "token", "uid", "shortenurl", "botuniqueid", "linkexpiresat"}
    rest = [pair for pair in dict(others).items() if pair[0].casefold() not in apart]
    assert sorted(shown + hidden) == sorted(p for p in own + rest if p[1] is not None)


@given(st.text(st.characters(codec="utf-8")), st.sampled_from(["", "?a", "#f", "?a#f"]))
def test_l4_a_query_carried_over_stays_a_query(query, end):
    found = with_query(f"https://shop.example/x{end}", query)
    assert found.isascii()
    assert found.startswith("https://shop.example/x")
    assert urlsplit(found).hostname == "shop.example"


@given(st.randoms(use_true_random=False), st.sampled_from([8, 10]), st.sampled_from(["", "ABC123"]))
def test_l3_a_short_link_is_read_as_it_was_written_and_found_in_a_message(random, length, header):
    code = make_code(random.randrange, length)
    assert is_code(code)
    place = Place("go.example", header, code)
    assert read_short(write_short(place)) == place
    assert find_links(f"See {write_short(place)}, now.") == [write_short(place)]
