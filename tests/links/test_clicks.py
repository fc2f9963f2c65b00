"""Who clicked: people and machines, devices, marks of visitors."""

from datetime import datetime

from rules.links import device_of, is_human, visitor_mark
from rules.links.clicks import day_number
from rules.links.previews import preview_words
from tests._cases import cases
from tests.rows import each

PHONE = "Mozilla/5.0 (Linux; Android 15; Pixel 9) Mobile"


@each("row", cases("link_agents"))
def test_l5_agents(row):
    headers = {"User-Agent": row["agent"]}
    assert is_human("GET", headers, preview_words()) is (row["human"] == "yes")
    assert device_of(row["agent"]) == row["device"]


def test_l5_every_word_makes_a_bot():
    assert len(preview_words()) == 20
    for word in preview_words():
        assert not is_human("GET", {"User-Agent": f"Mozilla {word.upper()} x"}, preview_words())


@each("verb", ["HEAD", "POST", "get", ""])
def test_l5_other_verbs_are_no_human_click(verb):
    assert not is_human(verb, {"User-Agent": PHONE}, ())


@each(
    ("name", "value", "human"),
    [
        ("Purpose", "prefetch", False),
        ("X-Purpose", "preview", False),
        ("Sec-Purpose", "prefetch;prerender", False),
        ("sec-purpose", "PREFETCH", False),
        ("X-PURPOSE", "x-preview", False),
        ("Purpose", "navigate", True),
        ("Referer", "preview", True),
    ],
)
def test_l5_purpose(name, value, human):
    assert is_human("GET", {"USER-AGENT": PHONE, name: value}, preview_words()) is human


def test_l5_no_words_no_bots():
    assert is_human("GET", {"User-Agent": "Googlebot"}, ())
    assert not is_human("GET", {}, ())


def test_l5_visitor_marks():
    mark = visitor_mark(b"key", "8.8.8.8", PHONE)
    assert mark == visitor_mark(b"key", "8.8.8.8", PHONE)
    others = {
        visitor_mark(b"other", "8.8.8.8", PHONE),
        visitor_mark(b"key", "8.8.8.9", PHONE),
        visitor_mark(b"key", "8.8.8.8", PHONE + "x"),
        visitor_mark(b"key", "8.8.8.8", "\udcff"),
    }
    assert len(others | {mark}) == 5
    assert -(1 << 63) <= mark < 1 << 63


@each(
    ("moment", "day"),
    [
        ("2026-11-18T00:00:00+05:30", 20775),
        ("2026-11-18T23:59:59+05:30", 20775),
        ("2026-11-18T18:29:59+00:00", 20775),
        ("2026-11-18T18:30:00+00:00", 20776),
    ],
)
def test_l5_days_are_indian(moment, day):
    assert day_number(datetime.fromisoformat(moment)) == day
