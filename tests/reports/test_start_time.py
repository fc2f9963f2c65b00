"""P4: the start of a call in its one written form."""

from zoneinfo import ZoneInfo

from rules.reports import read_start_time, start_text
from tests._cases import cases
from tests.rows import each

KOLKATA = ZoneInfo("Asia/Kolkata")


@each("row", cases("report_start_times"))
def test_p4_start_time(row):
    moment = read_start_time(row["given"], zone=KOLKATA)
    assert (start_text(moment) if moment else "") == row["written"]


@each("text", ["", " ", "x" * 101, "9" * 101])
def test_p4_no_moment(text):
    assert read_start_time(text, zone=KOLKATA) is None


def test_p4_zone_of_the_account_where_no_offset_is_given():
    dubai = ZoneInfo("Asia/Dubai")
    assert start_text(read_start_time("2021-01-11T09:00", zone=dubai)).endswith("+04:00")
    assert start_text(read_start_time("2021-01-11T09:00Z", zone=dubai)).endswith("+00:00")
