"""Laws of translation and reports: nothing raises, nothing is lost, nothing can be run."""

import csv
import io
import re
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from rules.reports import csv_cell, csv_line, plain_cell, read_start_time, start_text
from rules.reports.cells import is_plain, joined
from rules.translation import language_code, language_name, protect, read_answer

KOLKATA = ZoneInfo("Asia/Kolkata")
PARTS = st.sampled_from(
    ["{x}", "{{", "}}", "[[", "]]", "1", "$flow.key.", "name", "$call.a.b", "%s", "%1$s", "http://",
     "a@b.c", " ", "é", "ज", "${y}", "{#v#}", "(", ")"]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=60), st.lists(PARTS, max_size=12).map("".join))
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
STARTS = "=+-@\t\r\n＝＋－＠"


@given(TEXTS)
def test_what_was_cut_can_be_put_together(text):
    protected = protect(text)
    assert protected.assemble(protected.pieces) == text
    if not protected.unmarkable:
        assert protected.restore(protected.marked) == text


@given(TEXTS, TEXTS)
def test_each_kept_part_comes_back_exactly_once(text, answer):
    protected = protect(text)
    restored = protected.restore(answer)
    if restored is not None and protected.kept:
        assert all(restored.count(part) >= 1 for part in protected.kept)


@given(st.text(max_size=40))
def test_a_language_is_a_known_code_or_none(text):
    code = language_code(text)
    assert code is None or language_name(code) != code


@given(st.sampled_from(["google", "libre"]), st.integers(100, 599), st.binary(max_size=60))
def test_no_answer_of_an_engine_raises(engine, status, body):
    answer = read_answer(engine, status, body, 1)
    assert (answer.reason is None) == (len(answer.texts) == 1)


@given(st.text(st.characters(codec="utf-8"), max_size=12))
def test_no_cell_can_be_run_and_none_is_lost(text):
    cell = csv_cell(text)
    assert cell[:1] not in STARTS or cell[1:].replace(".", "").isdigit() or not cell
    line = csv_line([text, "end"]).decode()
    assert next(csv.reader(io.StringIO(line, newline=""))) == [cell, "end"]
    if not CONTROL.search(text):
        assert plain_cell(cell) == (text if not text.startswith("'") else plain_cell(text))


@given(st.lists(st.text(max_size=6), max_size=4))
def test_a_quick_look_never_lets_a_cell_pass_that_needs_care(values):
    if is_plain(values):
        assert [csv_cell(value) for value in values] == values
    if (line := joined(values)) is not None:
        assert line.split(",") == [csv_cell(value) for value in values] == values


@given(st.datetimes(), st.sampled_from(["Z", "", "+05:30", "-03:00", "+5:30"]))
def test_a_start_time_reads_itself(moment, offset):
    text = start_text(read_start_time(moment.isoformat()[:23] + offset, zone=KOLKATA))
    again = read_start_time(text, zone=KOLKATA)
    assert again is None or start_text(again) == text


@given(st.text(max_size=30))
def test_no_text_makes_the_start_time_raise(text):
    read_start_time(text, zone=KOLKATA)
