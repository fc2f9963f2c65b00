"""The table of preview words and its builder."""

import pytest

from rules.links.previews import preview_words
from rules.tables import read_table
from tests.test_data import ROOT

DOCUMENTED = [
    "bot",
    "crawler",
    "spider",
    "preview",
    "facebookexternalhit",
    "whatsapp",
    "slack",
    "skype",
    "telegram",
    "twitter",
    "linkedin",
    "discord",
    "embedly",
    "curl/",
    "wget/",
    "python-",
    "go-http-client",
    "java/",
    "headless",
    "monitor",
]


@pytest.fixture
def build(monkeypatch, tmp_path):
    """Build the table from given rows."""
    monkeypatch.syspath_prepend(str(ROOT / "data"))
    from building.links import build

    def from_rows(*rows):
        (tmp_path / "previews.csv").write_text("\n".join(["word,who", *rows]) + "\n", "utf-8")
        return build(tmp_path, {}).tables[0].rows

    return from_rows


def test_l5_the_documented_words_in_their_order():
    assert list(preview_words()) == DOCUMENTED


def test_l5_every_word_says_whose_it_is():
    assert all(len(who) > 5 for _, who in read_table("previews", ("word", "who")))


def test_l5_a_table_is_built_in_the_order_of_its_source(build):
    assert build("zzz,last letters", "abc,first letters") == [
        ("zzz", "last letters"),
        ("abc", "first letters"),
    ]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (["Bot,capital letter"], "line 2: 'Bot'"),
        ([" bot,blank"], "line 2: ' bot'"),
        (["ab,too short"], "line 2: 'ab'"),
        ([",empty"], "line 2: ''"),
        (["bot,robots", "googlebot,one robot"], "line 3: 'googlebot' is found by 'bot'"),
        (["bot,robots", "bot,again"], "line 3: 'bot' is found by 'bot'"),
        (["bot"], "line 2: 1 cells, expected 2"),
    ],
)
def test_l5_a_bad_word_is_refused_with_its_line(build, rows, says):
    with pytest.raises(Exception, match=says):
        build(*rows)
