"""Reading variables in a text (V1), row by row."""

from rules.variables import (
    NAMESPACES,
    Variable,
    Variables,
    is_unreplaced,
    read_pieces,
    substitute,
)
from tests._cases import cases
from tests.rows import each

KNOWN = Variables(
    [
        ("$flow.key.name", "Asha"),
        ("$flow.key.nAme", "first"),
        ("$flow.key.Name", "second"),
        ("$flow.key.name2", "two"),
        ("$flow.key.customer", "C"),
        ("$flow.key.customer-name", "Rao"),
        ("$flow.key.a.b", "dots"),
        ("$flow.key.full name", "blank"),
        ("$flow.key.नाम", "हिन्दी"),
        ("$flow.key.none", None),
        ("$flow.key.empty", ""),
        ("$flow.key.twice", "early"),
        ("$FLOW.key.twice", "last"),
        ("$flow.key.token", "$flow.key.name"),
        ("$call.cli.number", "9820"),
        ("$sys.datetime", "now"),
        ("$user.syskey.accountID", "163"),
        ("$flow.key.", "no name"),
        ("bare", "no namespace"),
    ]
)


def _shown(piece):
    if isinstance(piece, str):
        return piece
    return f"<{piece.name}>" if piece.value is None else f"<{piece.name}={piece.value}>"


@each("row", cases("variables"))
def test_v1_tokens(row):
    pieces = list(read_pieces(row["text"], KNOWN))
    assert "|".join(map(_shown, pieces)) == row["pieces"], row["why"]
    assert "".join(p if isinstance(p, str) else p.written for p in pieces) == row["text"]


@each(
    ("value", "unreplaced"),
    [
        ("$flow.key.x", True),
        ("$Flow.Key.x", True),
        ("$SYS.datetime", True),
        ("$flow.key.x y", False),
        ("$flow.other", False),
        ("x$flow.key.x", False),
    ],
)
def test_a_value_that_is_an_unreplaced_variable(value, unreplaced):
    assert is_unreplaced(value) is unreplaced


def test_v1_one_pass():
    variables = Variables([("$flow.key.a", "$flow.key.b"), ("$flow.key.b", "$flow.key.a")])
    text = substitute("$flow.key.a $flow.key.b", variables, lambda v: v.value)
    assert text == "$flow.key.b $flow.key.a"


def test_v1_values_joined_do_not_become_a_variable():
    variables = Variables([("$flow.key.a", "$flow.key"), ("$flow.key.b", "secret")])
    assert substitute("$flow.key.a.b", variables, lambda v: v.value) == "$flow.key.b"


def test_v1_known_or_not():
    none, unknown = read_pieces("$flow.key.none$flow.key.unknown", KNOWN)
    assert (none.known, unknown.known) == (True, False)


def test_v1_find_by_full_name():
    assert KNOWN.find("$FLOW.KEY.Name") == Variable(
        "$FLOW.KEY.Name", "$flow.key.Name", "second", known=True
    )
    assert KNOWN.find("$flow.key.x") is None
    assert KNOWN.find("bare") is None
    assert "Asha" not in repr(KNOWN.find("$flow.key.name"))


def test_v1_the_variables_that_hold():
    assert dict(Variables([("$Flow.Key.A", "1"), ("$flow.key.A", "2"), ("x", "3")])) == {
        "$flow.key.A": "2"
    }


def test_the_six_namespaces():
    assert len(NAMESPACES) == 6
