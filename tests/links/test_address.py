"""The written form of short links."""

import pytest

from rules.errors import SettingMistake
from rules.links.address import (
    Origin,
    Place,
    fixed_part,
    read_origin,
    read_short,
    shared_origin,
    write_short,
)
from tests.rows import each


@each(
    ("text", "place"),
    [
        ("https://s.example/r4TzK9wq", ("s.example", "", "r4TzK9wq")),
        ("HTTP://S.Example:8080/r4TzK9wqAB/", ("s.example", "", "r4TzK9wqAB")),
        (" s.example./ABCDEF/7Qm2xYp0?x=1#y ", ("s.example", "ABCDEF", "7Qm2xYp0")),
        ("https://भारत.example/r4TzK9wq", ("xn--h2brj9c.example", "", "r4TzK9wq")),
        ("https://s.example/AB/r4TzK9wq", None),
        ("https://s.example/ABCDEFGHIJ/r4TzK9wq", None),
        ("https://s.example/abcdef/r4TzK9wq", None),
        ("https://s.example/r4TzK9w", None),
        ("https://s.example/r4TzK9wq/more", None),
        ("https://8.8.8.8/r4TzK9wq", None),
        ("https://-a.example/r4TzK9wq", None),
        ("ftp://s.example/r4TzK9wq", None),
        ("r4TzK9wq", None),
        ("", None),
    ],
)
def test_l4_reading(text, place):
    assert read_short(text) == (place and Place(*place))


@each(
    ("text", "origin"),
    [
        ("s.example", Origin("s.example", "https://s.example")),
        ("S.Example.", Origin("s.example", "https://s.example")),
        ("http://localhost:8000", Origin("localhost", "http://localhost:8000")),
        ("https://s.example/", Origin("s.example", "https://s.example")),
    ],
)
def test_l7_shared_domain(text, origin):
    assert read_origin(text) == origin
    assert shared_origin(text) == origin


@each("text", ["s example", "8.8.8.8", "https://s.example/path", "a..b", "ftp://x"])
def test_l7_a_shared_domain_that_is_none(text):
    with pytest.raises(SettingMistake, match="RULES_LINK_DOMAIN"):
        shared_origin(text)


def test_l7_no_shared_domain():
    assert shared_origin("") is None


def test_l7_fixed_parts():
    local = read_origin("http://localhost:8000")
    assert fixed_part("go.example", "ABCDEF", local) == "https://go.example/ABCDEF/"
    assert fixed_part("localhost", "", local) == "http://localhost:8000/"
    assert write_short(Place("go.example", "", "r4TzK9wq")) == "https://go.example/r4TzK9wq"
