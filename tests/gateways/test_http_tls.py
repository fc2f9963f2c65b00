"""Certificates: always checked, for the host name of the URL."""

import logging
import ssl

import pytest

from rules.gateways._pools import tls_context
from rules.gateways.http import HttpClient
from rules.outgoing import Unreachable
from tests.gateways.servers import LOOPBACK, Authority, Server, answering, call, found, reply, send


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


def client(authority):
    return HttpClient(
        allowed=LOOPBACK.outgoing_allowed,
        ca_file=str(authority.file) if authority else "",
        find=found("127.0.0.1"),
    )


@pytest.mark.parametrize("host", ["hooks.example", "hooks.example.", "HOOKS.example"])
def test_a_certificate_of_an_authority_we_were_given(authority, host):
    with answering(tls=authority.context("hooks.example")) as server:
        outgoing = client(authority)
        for keep in ("", "1", "1"):
            one = call(server.url(host=host), allow_http=False, keep_alive=keep, body=b"x" * 50_000)
            assert send(outgoing, one).status == 200
        assert server.connections == 2
        outgoing.close()


WRONG = {
    "another name": {"host": "other.example"},
    "expired": {"host": "hooks.example", "days": -1},
    "signed by itself": {"host": "hooks.example", "own": True},
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_certificates(authority, case, caplog):
    caplog.set_level(logging.DEBUG)
    with answering(tls=authority.context(**WRONG[case])) as server:
        outgoing = client(authority)
        with pytest.raises(Unreachable) as caught:
            send(outgoing, call(server.url(host="hooks.example")))
        assert (caught.value.kind, caught.value.sent) == ("tls", False)
        assert server.requests == []
        outgoing.close()


def test_an_authority_nobody_gave_us(authority):
    with answering(tls=authority.context("hooks.example")) as server:
        outgoing = client(None)
        with pytest.raises(Unreachable) as caught:
            send(outgoing, call(server.url(host="hooks.example")))
        assert caught.value.kind == "tls"
        outgoing.close()


def test_a_server_without_tls(authority):
    with Server(lambda _, connection: connection.sendall(reply())) as server:
        outgoing = client(authority)
        with pytest.raises(Unreachable) as caught:
            send(outgoing, call(server.url(scheme="https", host="hooks.example")))
        assert caught.value.kind in {"tls", "reset"}
        outgoing.close()


def test_old_versions_are_not_spoken():
    context = tls_context()
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname
