"""What to register, and links in a message."""

from datetime import datetime, timedelta

from rules.links.whitelist import COLUMNS, Whitelist, find_links, target_part
from tests.rows import each

NOW = datetime.fromisoformat("2026-11-18T10:30:00+05:30")
DAY = timedelta(days=1)


@each(
    ("text", "links"),
    [
        ("", []),
        ("Your code is 1234. Call 1800-123-456.", []),
        ("See https://s.example/r4TzK9wq now", ["https://s.example/r4TzK9wq"]),
        ("(go.example/ABCDEF/7Qm2xYp0).", ["go.example/ABCDEF/7Qm2xYp0"]),
        ("देखें https://भारत.example/नमस्ते।", ["https://भारत.example/नमस्ते"]),
        ("a.example/x,b.example/y", ["a.example/x,b.example/y"]),
        ("a.example/x b.example/y!", ["a.example/x", "b.example/y"]),
        ("http://a.example\nhttps://b.example", ["http://a.example", "https://b.example"]),
        ("upi://pay?pa=x@y", ["upi://pay?pa=x@y"]),
        ("a.example:8080/x", ["a.example:8080/x"]),
        ("<https://a.example/x>", ["https://a.example/x"]),
        ("3.5/5 stars, Dr. A/C", []),
    ],
)
def test_l7_links_in_a_message(text, links):
    assert find_links(text) == links


@each(
    ("target", "part"),
    [
        ("https://shop.example", "https://shop.example/"),
        ("https://shop.example?x=1", "https://shop.example/"),
        ("http://shop.example:8080/a#b", "http://shop.example:8080/"),
        ("tel:+91", "tel:"),
    ],
)
def test_l7_what_a_target_is_registered_by(target, part):
    assert target_part(target) == part


def test_l7_one_row_a_pair_and_one_a_target():
    found = Whitelist()
    fixed = "https://go.example/ABCDEF/"
    for days, target, example in (
        (1, "https://shop.example/a", ""),
        (0, "https://shop.example/b", fixed + "7Qm2xYp0"),
        (2, "", fixed + "other000"),
    ):
        found.add(
            fixed_part=fixed,
            header="ABCDEF",
            target=target,
            created=NOW + days * DAY,
            example=example,
        )
    found.add(
        fixed_part="https://go.example/", header="", target="upi://x", created=NOW, example=""
    )
    rows = [dict(zip(COLUMNS, entry.cells(), strict=True)) for entry in found.entries()]
    assert [(row["kind"], row["fixed_part"]) for row in rows] == [
        ("short", "https://go.example/"),
        ("short", fixed),
        ("target", "https://shop.example/"),
        ("target", "upi:"),
    ]
    assert rows[1] == {
        "kind": "short",
        "fixed_part": fixed,
        "variable_part": "8 or 10 letters and digits",
        "header": "ABCDEF",
        "links": "3",
        "first_created": "2026-11-18",
        "last_created": "2026-11-20",
        "example": fixed + "7Qm2xYp0",
    }
    assert (rows[2]["variable_part"], rows[2]["links"]) == ("", "2")
    assert found.holds(fixed)
    assert found.holds("https://shop.example/")
    assert not found.holds("https://other.example/")
