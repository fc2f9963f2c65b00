"""Laws of substitution."""

from hypothesis import given
from hypothesis import strategies as st

from rules.variables import NAMESPACES, Variables, read_pieces, substitute

NAMES = st.text(alphabet="aAb_1.- जी$", min_size=1, max_size=4)
FULL_NAMES = st.builds(str.__add__, st.sampled_from(NAMESPACES), NAMES)
PARTS = st.one_of(
    FULL_NAMES, st.text(max_size=3), st.sampled_from(("$flow.", "$FLOW.KEY.", "$call"))
)
TEXTS = st.lists(PARTS, max_size=6).map("".join)
PAIRS = st.lists(st.tuples(FULL_NAMES, st.one_of(st.none(), TEXTS)), max_size=8)


@given(TEXTS, PAIRS)
def test_v1_nothing_is_lost_or_added(text, pairs):
    assert substitute(text, Variables(pairs), lambda v: v.written) == text


@given(TEXTS, PAIRS)
def test_v1_substitution_never_expands_twice(text, pairs):
    """Values may hold anything: only their places in the text count, not what they say."""
    real, marked = Variables(pairs), Variables([(n, None if v is None else "\0") for n, v in pairs])
    values = [p.value for p in read_pieces(text, real) if not isinstance(p, str)]
    frame = substitute(text, marked, lambda v: "\0" if v.value is None else v.value)
    parts = frame.split("\0")
    woven = "".join(p + (v or "") for p, v in zip(parts, [*values, ""], strict=True))
    if "\0" not in text:
        assert substitute(text, real, lambda v: v.value or "") == woven


@given(FULL_NAMES, TEXTS)
def test_v1_a_known_name_alone_is_its_value(name, value):
    variables = Variables([(name, value)])
    assert substitute(name, variables, lambda v: v.value) == value
