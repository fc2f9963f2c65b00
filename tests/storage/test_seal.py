"""Sealing of what bots hide."""

from rules.storage.seal import DataSeal
from tests.rows import each

TEXT = b'[["name","Asha"]]'


def test_l6_sealed_text_is_unreadable_and_opens_for_its_id_only():
    seal = DataSeal("correct-horse-battery")
    sealed = seal.close("uid", TEXT)
    assert b"Asha" not in sealed
    assert sealed != seal.close("uid", TEXT)
    assert seal.open("uid", sealed) == TEXT
    assert seal.open("other", sealed) is None


def test_l6_keys_are_changed_by_putting_a_new_one_in_front():
    old = DataSeal("old-key").close("uid", TEXT)
    assert DataSeal("new-key old-key").open("uid", old) == TEXT
    assert DataSeal("new-key").open("uid", old) is None
    assert DataSeal("old-key new-key").open("uid", DataSeal("new-key").close("uid", TEXT)) == TEXT
    assert DataSeal("old-key").open("uid", DataSeal("new-key old-key").close("uid", TEXT)) is None


def test_l6_without_a_key_it_is_plain():
    plain = DataSeal("").close("uid", TEXT)
    assert TEXT in plain
    assert DataSeal("").open("uid", plain) == TEXT
    assert DataSeal("key").open("uid", plain) == TEXT
    assert DataSeal("").open("uid", DataSeal("key").close("uid", TEXT)) is None


@each("sealed", [b"", b"\x01", b"\x01short", b"\x02" + TEXT])
def test_l6_what_was_never_sealed_does_not_open(sealed):
    assert DataSeal("key").open("uid", sealed) is None


def test_l6_digests():
    numbers = {DataSeal(key).digest(text) for key in ("", "key", "other") for text in (b"a", b"b")}
    assert len(numbers) == 6
    assert all(0 <= number < 1 << 63 for number in numbers)
    assert DataSeal("key").digest(b"a") == DataSeal("key old").digest(b"a")
