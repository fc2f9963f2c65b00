"""Where list files are cut, and that they read the same from any offset."""

from __future__ import annotations

import gzip

import pytest

from rules.gateways import list_text
from rules.gateways.list_errors import ListFault
from rules.gateways.list_text import ListText, cut, read_chunks
from tests.rows import each


@each(
    ("data", "final", "end", "damaged", "why"),
    [
        (b"a,b\nc", False, 4, False, "the last row may go on"),
        (b"a,b\nc", True, 5, False, "a last line needs no break"),
        (b"abc", False, 0, False, "no row is whole yet"),
        (b"", True, 0, False, "nothing at all"),
        (b'a,"b\nc"\nd', False, 8, False, "a break in quotes is none"),
        (b'a,"b\n', False, 0, False, "the quote may still be closed"),
        (b'x\na,"b\nc', False, 2, False, "rows before an open quote are whole"),
        (b'x\na,"b\nc', True, 2, False, "rows before a stray quote come first"),
        (b'a,"b\nc\nd', True, 5, True, "a stray quote damages its line alone"),
        (b'a,"b', True, 4, True, "a stray quote in the last line"),
        (b'"a\nb","c\nd"\n', False, 12, False, "two cells with breaks"),
        (b'"a""\nb"\nc\n', False, 10, False, "a doubled quote closes and opens"),
        (b'"a\nb"\n"c\nd"', False, 6, False, "back over a break in quotes"),
    ],
)
def test_cut(data, final, end, damaged, why):
    assert cut(data, final=final) == (end, damaged)


def test_a_quote_left_open_for_long_is_a_stray_sign():
    rest = b"1,2\n" * (list_text.LONGEST_CELL // 4 + 10)
    data = b'5" screen,1\n' + rest
    assert cut(data, final=False) == (12, True)
    assert cut(b"x,y\n" + data, final=False) == (4, False)
    later = b'5" screen,1\n' + rest + b'6" screen,1\n'
    assert cut(later, final=False) == (12, True)
    near = b'"a","b"\n' + b"1,2\n" * 150_000 + b'"c","d"\n' + rest
    assert cut(near, final=False) == (len(near), False)


def text_file(tmp_path, name, data):
    path = tmp_path / name
    path.write_bytes(data)
    return path


TEXT = "id,name\n1,Žofia\n2,अ\n3,😀\n"


@pytest.mark.parametrize(
    ("name", "data", "encoding"),
    [
        ("a.csv", TEXT.encode(), None),
        ("a.csv", TEXT.encode("utf-16"), None),
        ("a.csv", TEXT.encode("utf-16"), "utf-16"),
        ("a.csv", TEXT.encode("utf-16-le"), "utf-16"),
        ("a.csv", b"\xfe\xff" + TEXT.encode("utf-16-be"), None),
        ("a.csv.gz", gzip.compress(TEXT.encode(), mtime=0), None),
        ("a.csv.gz", gzip.compress(TEXT.encode("utf-16"), mtime=0), None),
    ],
)
def test_the_same_text_from_every_offset(tmp_path, name, data, encoding):
    path = text_file(tmp_path, name, data)
    wanted = TEXT.encode()
    for offset in range(len(wanted) + 1):
        text = ListText(path, encoding)
        text.skip(offset)
        assert text.read(1000) == wanted[offset:]
        assert text.read(10) == b""
        text.close()


def test_old_code_pages(tmp_path):
    path = text_file(tmp_path, "a.csv", "1,Žofia €\n".encode("cp1252") + b"\x81\n")
    text = ListText(path, "cp1252")
    data = text.read(100)
    assert data.splitlines()[0].decode() == "1,Žofia €"
    with pytest.raises(UnicodeDecodeError):
        data.splitlines()[1].decode()
    text.close()


def test_half_a_sign_is_no_text(tmp_path):
    path = text_file(tmp_path, "a.csv", "ab\n".encode("utf-16-le") + b"\x00\xd8\n\x00")
    text = ListText(path, "utf-16")
    assert text.read(100).startswith(b"ab\n\xed\xa0\x80\n")
    text.close()


def test_chunks_are_the_same_from_every_chunk_on(tmp_path):
    rows = b"".join(
        b'%d,"a\nb",x%s\n' % (n, b"y" * (n % 7)) if n % 5 else b"%d,,\n" % n for n in range(400)
    )
    path = text_file(tmp_path, "a.csv", rows)

    def chunks(offset):
        text = ListText(path)
        text.skip(offset)
        found = list(read_chunks(text, offset, 100))
        text.close()
        return found

    whole = chunks(0)
    assert b"".join(chunk.data for chunk in whole) == rows
    assert len(whole) > 40
    for place, chunk in enumerate(whole[:-1]):
        assert chunks(chunk.end) == whole[place + 1 :]


def test_a_row_larger_than_a_chunk(tmp_path, monkeypatch):
    path = text_file(tmp_path, "a.csv", b"a,b\n" + b"x" * 5000 + b",y\nc,d\n")
    text = ListText(path)
    assert [len(chunk.data) for chunk in read_chunks(text, 0, 100)] == [4, 5007]
    text.close()
    monkeypatch.setattr(list_text, "LONGEST_ROW", 1000)
    text = ListText(path)
    with pytest.raises(ListFault, match="begins at 4"):
        list(read_chunks(text, 0, 100))
    text.close()
