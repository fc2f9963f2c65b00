"""Codes: their letters, their length, the names they never take."""

import random
from collections import Counter

from rules.links import PERSONAL_LENGTH, SHORT_LENGTH, is_code, make_code
from rules.links.codes import ALPHABET, RESERVED
from tests.rows import each


def drawing(*texts):
    """A draw that spells these texts, one after the other."""
    letters = iter("".join(texts))
    return lambda size: ALPHABET.index(next(letters)) if size == len(ALPHABET) else 0


def test_l3_lengths_and_letters():
    assert (SHORT_LENGTH, PERSONAL_LENGTH, len(ALPHABET)) == (8, 10, 62)
    draw = random.Random(1).randrange
    seen = Counter("".join(make_code(draw, 8) for _ in range(2000)))
    assert set(seen) == set(ALPHABET)
    assert max(seen.values()) < 2 * min(seen.values())


def test_l3_each_letter_is_one_draw():
    sizes = []
    make_code(lambda size: sizes.append(size) or 0, 10)
    assert sizes == [62] * 10


@each("name", ["health", "HEALTH", "v1", "UrlShortner", "URLSHORTNER"])
def test_l3_a_reserved_name_is_drawn_again(name):
    code = make_code(drawing(name, "a" * len(name)), len(name))
    assert code == "a" * len(name)


def test_l3_reserved_names():
    wanted = {"robots.txt", "favicon.ico", "health", "v1", "UrlShortner", ".well-known"}
    assert {name.casefold() for name in wanted} == RESERVED
    assert not any(is_code(name) for name in wanted)


@each(
    ("text", "answer"),
    [
        ("r4TzK9wq", True),
        ("r4TzK9wqAB", True),
        ("r4TzK9w", False),
        ("r4TzK9wqA", False),
        ("r4TzK9wqABC", False),
        ("r4TzK9w-", False),
        ("r4TzK9wé", False),
        ("r4TzK9w०", False),
        ("r4TzK9wq\n", False),
        ("", False),
    ],
)
def test_l3_form_of_a_code(text, answer):
    assert is_code(text) is answer
