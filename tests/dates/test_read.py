import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from rules.dates import read_clock, read_date, read_iso, read_moment, read_numeric
from rules.dates.reading import DateUnreadable
from tests._cases import cases
from tests.rows import each

INDIA = ZoneInfo("Asia/Kolkata")
NEW_YORK = ZoneInfo("America/New_York")
WEDNESDAY = date(2026, 11, 18)
NOW = datetime(2026, 11, 18, 10, 30, tzinfo=INDIA)


def shown(text, *, today=WEDNESDAY, zone=INDIA):
    """The reading of a text as the columns of the case table."""
    prefix = ""
    try:
        found = read_date(text, today=today, zone=zone)
    except DateUnreadable as refused:
        if refused.reading is None:
            return (refused.code, "", "", "")
        prefix, found = f"{refused.code} ", refused.reading
    flags = ["ambiguous"] * found.ambiguous
    flags += [f"alternate={found.alternate}"] * bool(found.alternate)
    flags += ["time_ambiguous"] * found.time_ambiguous
    clock = found.time.isoformat() if found.time else ""
    return (f"{prefix}{found.date:%a} {found.date}", clock, " ".join(flags), found.form.value)


def outcome(reader, *arguments, **keywords):
    """What a reader gives, as text; blank for nothing."""
    try:
        found = reader(*arguments, **keywords)
    except DateUnreadable:
        return ""
    return found.isoformat() if found is not None else ""


@each("case", cases("date_texts"))
def test_a_text_reads_as(case):
    assert shown(case["text"]) == (case["reads"], case["time"], case["flags"], case["form"])


@each("case", cases("reading_days"))
def test_on_another_day_a_text_reads_as(case):
    try:
        found = read_date(case["text"], today=date.fromisoformat(case["today"]), zone=INDIA)
    except DateUnreadable as refused:
        assert refused.code == case["reads"]
    else:
        dates = [found.date, *filter(None, [found.alternate])]
        assert " or ".join(map(str, dates)) == case["reads"]
        assert found.ambiguous == (len(dates) == 2)


@each("case", cases("clock_texts"))
def test_a_clock_text_reads_as(case):
    assert outcome(read_clock, case["text"]) == case["reads"]


@each("case", cases("moment_texts"))
def test_a_moment_text_reads_as(case):
    text = case["text"]
    assert outcome(read_iso, text, INDIA) == case["iso"]
    assert outcome(read_numeric, text, INDIA) == case["numeric"]
    assert outcome(read_moment, text, now=NOW, zone=INDIA) == case["any"]


@each(
    ("text", "says"),
    [
        ("\u00a02026-12-08\u2003", "Tue 2026-12-08"),
        ("2026-12-08\t17:00\n", "Tue 2026-12-08"),
        ("4\u00a0November\u30002026", "Wed 2026-11-04"),
        ("\u200e04/11/2026\u200e", "Wed 2026-11-04"),
        ("\ufeffkal", "Thu 2026-11-19"),
        ("\u2212\u2212", "UNPARSEABLE"),
        ("4\u20134\u20142026", "Sat 2026-04-04"),
        ("4\u221211\u22122026", "Wed 2026-11-04"),
        ("\uff14 \uff2e\uff4f\uff56 \uff12\uff10\uff12\uff16", "Wed 2026-11-04"),
        ("\u0664/\u0661\u0661/\u0662\u0660\u0662\u0666", "Wed 2026-11-04"),
        ("\u0663rd", "Thu 2026-12-03"),
        ("\u0b66\u0b67\u0b67\u0b67", "Mon 2027-11-01"),
        ("\u092b\u093c\u0930\u0935\u0930\u0940 5", "Fri 2027-02-05"),
        ("\u095e\u0930\u0935\u0930\u0940 5", "Fri 2027-02-05"),
    ],
)
def test_the_text_is_cleaned_first(text, says):
    assert shown(text)[0] == says


@each(
    "text",
    [
        "\x00",
        "2026-12-08\x00",
        "kal\x00",
        "\ud800",
        "2026-12-08T17:00:00\udfff+5:30",
        "4 Nov\ud83d 2026",
        "\N{CYRILLIC SMALL LETTER A}aj",
        "k\N{CYRILLIC SMALL LETTER A}l",
        "\N{PILE OF POO}",
        "4 November \N{CIRCLED DIGIT TWO}\N{ROMAN NUMERAL TWO}",
        "\ufdfa" * 100,
        "9" * 100,
        "9" * 101,
        "9" * 5000,
        "-" * 100,
        "at " * 33,
        "1 " * 50,
        "kal " * 25,
        "subah kal " * 10,
        "in part at " * 9,
        "a" * 1_000_000,
        "1" * 1_000_000,
        " " * 1_000_000,
        "2026-12-08" + " " * 1_000_000,
        "2026-12-08T17:00:00." + "1" * 1_000_000,
        "\u0915\u094d" * 50,
        "'" * 100,
        "1:" * 50,
        "((((((((((",
        "2026-12-08T17:00:00+05:30; DROP TABLE",
        "%s%n{0}",
        "null",
        "$flow.key.inputDate",
        "1e10",
        "-1796729400",
        "+1796729400",
        "1796729400.5",
        "inf",
        "NaN",
        "0x7ea",
        "2_0_2_6",
    ],
)
def test_hostile_texts_are_unreadable(text):
    with pytest.raises(DateUnreadable) as refused:
        read_date(text, today=WEDNESDAY, zone=INDIA)
    assert refused.value.code in {"UNPARSEABLE", "NOT_A_CALENDAR_DATE"}
    assert outcome(read_iso, text, INDIA) == outcome(read_numeric, text, INDIA) == ""
    assert outcome(read_clock, text) == ""


@pytest.mark.parametrize(
    "text", ["4 November 2026" + " " * 85, "x" * 101, "4 November 2026" + " " * 86]
)
def test_a_hundred_characters_are_enough(text):
    assert shown(text)[0] == ("Wed 2026-11-04" if len(text) == 100 else "UNPARSEABLE")


def test_messages_never_repeat_the_text():
    for text in ("Sunita 31/04/2026", "31/04/2026", "Monday 8/12/2026"):
        with pytest.raises(DateUnreadable) as refused:
            read_date(text, today=WEDNESDAY, zone=INDIA)
        assert not any(word in str(refused.value) for word in text.split())


@each(
    ("text", "zone", "says"),
    [
        ("2026-11-22T19:00:00Z", "Asia/Kolkata", ("Mon 2026-11-23", "00:30:00")),
        ("2026-11-22T19:00:00Z", "UTC", ("Sun 2026-11-22", "19:00:00")),
        ("2026-11-22T19:00:00Z", "America/New_York", ("Sun 2026-11-22", "14:00:00")),
        ("2026-11-01T05:30:00+00:00", "America/New_York", ("Sun 2026-11-01", "01:30:00")),
        ("2026-11-01T06:30:00+00:00", "America/New_York", ("Sun 2026-11-01", "01:30:00")),
        ("2026-11-22 19:00", "Asia/Kathmandu", ("Sun 2026-11-22", "19:00:00")),
        ("1796729400", "UTC", ("Tue 2026-12-08", "11:30:00")),
        ("1796729400", "Pacific/Kiritimati", ("Wed 2026-12-09", "01:30:00")),
    ],
)
def test_every_time_is_civil_in_the_zone_of_the_account(text, zone, says):
    assert shown(text, zone=ZoneInfo(zone))[:2] == says


@each(
    ("text", "moment"),
    [
        ("8/3/2026 2:30 am", "2026-03-08T03:30:00-04:00"),
        ("2026-03-08T02:30", "2026-03-08T03:30:00-04:00"),
        ("8 March 2026 1:59 am", "2026-03-08T01:59:00-05:00"),
        ("1 November 2026 1:30 am", "2026-11-01T01:30:00-04:00"),
        ("2026-11-01T06:30:00Z", "2026-11-01T01:30:00-04:00"),
        ("2026-11-01T02:00", "2026-11-01T02:00:00-05:00"),
    ],
)
def test_a_skipped_time_moves_forward_and_a_doubled_one_is_the_first(text, moment):
    assert outcome(read_moment, text, now=NOW, zone=NEW_YORK) == moment


def test_today_is_the_date_of_now_in_the_zone():
    late = datetime(2026, 11, 18, 19, 0, tzinfo=UTC)
    assert outcome(read_moment, "kal 9 am", now=late, zone=INDIA) == "2026-11-20T09:00:00+05:30"


def test_the_first_and_the_last_moment_of_the_calendar_are_read():
    assert outcome(read_iso, "0001-01-01T00:00", INDIA).startswith("0001-01-01T00:00:00")
    assert outcome(read_iso, "9999-12-31T23:59", NEW_YORK) == "9999-12-31T23:59:00-05:00"
    assert shown("9999-12-31T23:59:00-05:00")[0] == "NOT_A_CALENDAR_DATE"
    assert shown("9999-12-31T23:59-05:00")[0] == "NOT_A_CALENDAR_DATE"


def test_no_text_of_eight_digits_is_a_date_in_both_orders():
    day = date(1900, 1, 1)
    while day.year <= 2100:
        year_first = f"{day:%Y%m%d}"
        assert read_date(year_first, today=WEDNESDAY, zone=INDIA).date == day
        day_first = f"{day:%d%m%Y}"
        assert read_date(day_first, today=WEDNESDAY, zone=INDIA).date == day
        day += timedelta(days=1)


def test_importing_the_reader_reads_no_table_and_no_large_package():
    script = (
        "import sys, rules.dates.read, rules.dates.wordlist as w\n"
        "assert w._words.cache_info().currsize == 0\n"
        "heavy = 'flask requests phonenumbers pendulum holidays dateutil numpy'.split()\n"
        "assert not [name for name in heavy if name in sys.modules]\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
