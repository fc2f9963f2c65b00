"""The console: every method has a page, what is typed is answered and never becomes code."""

from __future__ import annotations

import re
from ipaddress import ip_network

import pytest

from rules.methods import METHODS
from rules.testing import make_services
from tests.doors import app_for, client_of
from tests.rows import each
from webapp import create_app

OFFERED = [method for method in METHODS.values() if not method.admin]


@pytest.fixture
def client(aware_now):
    return client_of(make_services(now=aware_now))


def test_the_list_names_every_method_but_admin_ones(client):
    page = client.get("/console/").text
    for method in METHODS.values():
        assert (f">{method.name}<" in page) is not method.admin


@each("method", OFFERED)
def test_every_method_has_a_form(client, method):
    page = client.get(f"/console/{method.name}")
    assert page.status_code == 200
    assert page.text.count("<input") == sum(hasattr(field, "read") for field in method.fields)


def test_a_call_is_answered_in_words(client):
    form = {"$flow.key.inputDate": "kal shaam 5 baje", "$flow.key.type": "Callback"}
    page = client.post("/console/ValidateDateAndTime", data=form).text
    assert "2026-11-19T17:00:00+05:30" in page
    assert "1 day from now" in page
    assert 'value="kal shaam 5 baje"' in page


def test_what_needs_attention_is_named(client):
    page = client.post("/console/ValidateDateAndTime", data={"$flow.key.type": "x"}).text
    assert "BAD_PARAMETERS" in page
    assert "INVALID_TYPE" in page


def test_open_sets_and_hostile_text(client):
    form = {
        "$user.syskey.contactNumber": "9876543210",
        "$user.syskey.accountID": "293",
        "more": "$user.key.city=<script>alert(1)</script>\nno mark",
    }
    assert "SUCCESS" in client.post("/console/updateUserPreferences", data=form).text
    page = client.post("/console/fetchUserPreferences", data=form).text
    assert "&lt;script&gt;" in page
    assert "<script>" not in page


def test_secrets_are_not_shown_again(client):
    form = {"$flow.syskey.securityID": "s" * 64}
    assert "s" * 64 not in client.post("/console/createOutbound", data=form).text


@pytest.mark.parametrize("name", ["nothing", "eraseUserPreferences"])
def test_no_such_page(client, name):
    assert client.get(f"/console/{name}").status_code == 404


def test_webhooks_have_a_page_that_says_when_nobody_may_use_it(aware_now):
    assert "/console/webhooks" in client_of(make_services(now=aware_now)).get("/console/").text
    page = client_of(make_services(now=aware_now)).get("/console/webhooks").text
    assert "RULES_ADMIN_TOKEN is not set" in page
    page = (
        client_of(make_services(now=aware_now, admin_token="t0ken")).get("/console/webhooks").text
    )
    assert "RULES_ADMIN_TOKEN" not in page
    assert "t0ken" not in page


def test_the_page_of_webhooks_asks_for_paths_that_are_there(aware_now):
    app, _ = app_for(make_services(now=aware_now).settings)
    page = client_of(make_services(now=aware_now)).get("/console/webhooks").text
    rules = [rule.rule for rule in app.url_map.iter_rules()]
    [actions] = [rule for rule in rules if "<any(" in rule]
    used = set(re.findall(r'post\("[^"]+", "([a-z-]+)"', page))
    assert used == set(re.findall(r"'([a-z-]+)'", actions))
    for path in ("webhooks", "webhooks/<webhook>", "messages", "messages/replay"):
        assert f"/v1/accounts/<account>/{path}" in rules


def test_only_allowed_networks(aware_now):
    services = make_services(now=aware_now, allowed_networks=(ip_network("10.0.0.0/8"),))
    assert create_app(services).test_client().get("/console/").status_code == 403
