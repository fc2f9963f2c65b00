"""The strict reader and the address list, row by row."""

import json
from ipaddress import ip_network

import pytest

from rules.urls import UrlRefused, Why, as_address, may_reach, read_url
from tests._cases import cases
from tests.rows import each


@each("row", cases("urls"))
def test_g1_g2_g3_one_strict_reading(row):
    text = json.loads(f'"{row["url"]}"')
    if row["result"] == "read":
        url = read_url(text)
        assert (url.host, str(url.port), url.target) == (row["host"], row["port"], row["target"])
        again = read_url(url.text)
        assert (again.scheme, again.host, again.port) == (url.scheme, url.host, url.port)
    else:
        with pytest.raises(UrlRefused) as caught:
            read_url(text)
        assert caught.value.why is Why[row["result"]], row["why"]
        assert len(text) < 4 or text not in str(caught.value)


@each("row", cases("addresses"))
def test_g5_addresses(row):
    assert may_reach(row["address"]) is (row["may_reach"] == "true"), row["why"]


@each("row", cases("addresses"))
def test_g6_an_allowed_network_passes_whatever_it_is(row):
    if row["may_reach"] == "true":
        return
    address = as_address(row["address"])
    neighbour = ip_network("11.0.0.0/8" if address.version == 4 else "2606::/16")
    assert may_reach(row["address"], [ip_network(address)])
    assert not may_reach(row["address"], [neighbour])


def test_g6_an_allowed_ipv4_network_holds_for_the_ipv6_form_and_no_other_family():
    networks = [ip_network("127.0.0.0/8"), ip_network("::/0")]
    assert may_reach("::ffff:127.0.0.1", networks[:1])
    assert not may_reach("::1", networks[:1])
    assert not may_reach("10.0.0.1", networks)


@pytest.mark.parametrize(
    ("networks", "inside"),
    [("224.0.0.0/4", "239.255.255.255"), ("168.63.129.16/32", "168.63.129.16"), ("::/96", "::9")],
)
def test_g5_edges_of_a_network(networks, inside):
    network = ip_network(networks)
    assert not may_reach(str(network[0]))
    assert not may_reach(str(network[-1]))
    assert not may_reach(inside)


def test_g1_http_where_the_account_allows_it():
    assert read_url("http://hooks.example/a", schemes=("https", "http")).port == 80


def test_g2_every_port_for_readers_that_do_not_connect():
    assert read_url("https://hooks.example:25/", every_port=True).port == 25
    with pytest.raises(UrlRefused):
        read_url("https://hooks.example:0/", every_port=True)


def test_g2_a_scheme_without_a_port_of_its_own_needs_one():
    assert read_url("upi://pay.example:9000/x", schemes=("upi",)).port == 9000
    with pytest.raises(UrlRefused):
        read_url("upi://pay.example/x", schemes=("upi",))


def test_g2_length_is_counted_in_characters():
    base = "https://hooks.example/"
    assert read_url(base + "x" * (2048 - len(base))).host == "hooks.example"
    with pytest.raises(UrlRefused) as caught:
        read_url(base + "x" * (2049 - len(base)))
    assert caught.value.why is Why.LENGTH
    assert read_url(base + "x" * 3000, longest=4000).host == "hooks.example"


def test_g2_long_names():
    label = "a" * 63
    fits = f"{label}.{label}.{label}.{'a' * 61}"
    assert read_url(f"https://{fits}/").host == fits
    for name in (f"{fits}a", "a" * 64 + ".example", "अ" * 64 + ".example"):
        with pytest.raises(UrlRefused):
            read_url(f"https://{name}/")


@each(
    ("given", "sent", "authority"),
    [
        ("https://hooks.example", "https://hooks.example/", "hooks.example"),
        ("https://hooks.example?x=1#y", "https://hooks.example/?x=1", "hooks.example"),
        ("https://hooks.example:443/a", "https://hooks.example/a", "hooks.example"),
        ("https://hooks.example:80/a", "https://hooks.example:80/a", "hooks.example:80"),
        ("https://[::1]:8443/", "https://[::1]:8443/", "[::1]:8443"),
        ("https://8.8.8.8/", "https://8.8.8.8/", "8.8.8.8"),
    ],
)
def test_g2_the_text_that_is_sent(given, sent, authority):
    url = read_url(given)
    assert (url.text, url.authority) == (sent, authority)


def test_g2_the_fragment_is_kept_apart():
    assert read_url("https://a.example/#").fragment == ""
    assert read_url("https://a.example/#x#y").fragment == "x#y"
    assert read_url("https://a.example/").fragment is None


def test_a_url_in_a_log_shows_no_path():
    assert "sentinel" not in repr(read_url("https://a.example/sentinel?sentinel#sentinel"))


@each("text", ["", "x", "1.2.3", "::g", "1.2.3.4.5"])
def test_no_address(text):
    with pytest.raises(ValueError, match=r".*"):
        as_address(text)
