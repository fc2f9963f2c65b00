"""Which headers may be sent, row by row; basic authentication."""

import base64
import json

import pytest

from rules.headers import HeaderRefused, basic_auth, check_header
from rules.secret import Secret
from tests._cases import cases
from tests.rows import each


@each("row", cases("headers"))
def test_v4_headers(row):
    name, value = (json.loads(f'"{row[key]}"') for key in ("name", "value"))
    if row["result"] == "sent":
        check_header(name, value.encode())
    else:
        with pytest.raises(HeaderRefused) as caught:
            check_header(name, value.encode())
        assert "evil" not in str(caught.value)


def test_v4_a_value_is_utf8():
    with pytest.raises(HeaderRefused):
        check_header("X-A", b"\xff")


@pytest.mark.parametrize(("user", "password"), [("asha", "s3:cret"), ("आशा", "पासवर्ड"), ("", "")])
def test_basic_auth_is_base64_of_utf8(user, password):
    name, value = basic_auth(user, Secret(password))
    assert name == "Authorization"
    assert base64.b64decode(value.removeprefix(b"Basic ")).decode() == f"{user}:{password}"
    check_header(name, value)


@pytest.mark.parametrize(("user", "password"), [("a:b", "x"), ("a\n", "x"), ("a", "x\0")])
def test_basic_auth_refused(user, password):
    with pytest.raises(HeaderRefused):
        basic_auth(user, Secret(password))
