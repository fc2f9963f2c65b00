"""Settings of the installation, and settings of accounts key by key."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from rules.envelope import PROTOCOL
from rules.errors import SettingMistake, SettingsRefused
from rules.methods._topics import TOPICS
from rules.settings import Accounts, Settings
from rules.testing import make_services
from tests.rows import each


def test_defaults_and_blanks():
    assert Settings.from_mapping({}) == Settings()
    assert Settings.from_mapping({"RULES_MAX_BODY_BYTES": " ", "PATH": "x"}) == Settings()
    assert Settings.from_mapping({"RULES_TEST_POSTGRES": "x"}) == Settings()


def test_values_are_read():
    found = Settings.from_mapping(
        {
            "RULES_ALLOWED_NETWORKS": "10.0.0.0/8, 192.168.1.7",
            "RULES_FAMILIES": "a-v1,b-v1 a-v1",
            "RULES_MAX_BODY_BYTES": "1000",
        }
    )
    assert found.allowed_networks == (ip_network("10.0.0.0/8"), ip_network("192.168.1.7/32"))
    assert found.families == ("a-v1", "b-v1")
    assert found.max_body_bytes == 1000


@each(
    ("name", "value", "says"),
    [
        ("RULES_MAX_BODY_BYTES", "many", "RULES_MAX_BODY_BYTES: .*must be a whole number"),
        ("RULES_FAMILIES", "my.bank", "RULES_FAMILIES: .*'my.bank'"),
        ("RULES_FAMILIES", "ok-v1 my/bank", "'my/bank'"),
        ("RULES_FAMILIES", "<name>", "letters, digits"),
        ("RULES_FAMILIES", "chatbotwebhook-v1", "'chatbotwebhook-v1' is served anyway"),
        ("RULES_MAX_BODY_BYTES", "0", "1 or more"),
        ("RULES_ALLOWED_NETWORKS", "10.0.0.0/99", "RULES_ALLOWED_NETWORKS"),
        ("RULES_DATABSE", "x", "did you mean 'RULES_DATABASE'"),
    ],
)
def test_mistakes_are_named(name, value, says):
    with pytest.raises(SettingMistake, match=says):
        Settings.from_mapping({name: value})


def test_secrets_do_not_show():
    settings = Settings(admin_token="hunter2", hash_key="hunter3", database="postgresql://u:p@h/d")
    assert "hunter" not in repr(settings)
    assert "u:p" not in repr(settings)
    assert settings.database_name == "postgresql://h/d"
    assert Settings().database_name == "SQLite file rules.sqlite3"


def test_each_key_is_looked_up_by_itself():
    accounts = Accounts(
        {
            "default": {"extra_keys": False},
            "account": {"163": {"flag_style": "title"}},
            "flow": {"58": {"extra_keys": True}},
        }
    )
    assert accounts.settings(PROTOCOL).extra_keys is False
    assert accounts.settings(PROTOCOL, "163").flag_style == "title"
    assert accounts.settings(PROTOCOL, "163", "58").extra_keys is True
    assert accounts.settings(PROTOCOL, "999", "999") == accounts.settings(PROTOCOL)
    assert accounts.settings(PROTOCOL, "163") is accounts.settings(PROTOCOL, "163")


def test_mistakes_of_accounts_are_all_named():
    accounts = Accounts(
        {
            "default": {"extra_key": True},
            "account": {"163": {"flag_style": "upper"}},
            "flow": {"58": {"extra_keys": "yes"}},
        }
    )
    assert accounts.mistakes((PROTOCOL,)) == [
        ("default", None, "extra_key", "no such setting; did you mean 'extra_keys'?"),
        ("account", "163", "flag_style", "must be one of lower, title"),
        ("flow", "58", "extra_keys", "must be true or false"),
    ]


def test_a_mistake_in_a_setting_of_several_topics_is_told_once():
    accounts = Accounts({"account": {"163": {"zone": "Mars/North"}}})
    assert accounts.mistakes(TOPICS) == [
        ("account", "163", "zone", "no zone 'Mars/North' in the zone database")
    ]


def test_a_mistake_is_told_where_it_stands(aware_now):
    accounts = Accounts({"default": {"flag_style": "x"}, "account": {"1": {"extra_keys": True}}})
    assert [place[:3] for place in accounts.mistakes((PROTOCOL,))] == [
        ("default", None, "flag_style")
    ]
    with pytest.raises(SettingsRefused, match="flag_style"):
        make_services(now=aware_now, accounts={"default": {"flag_style": "x"}})


def test_the_test_kit_wants_an_aware_now(aware_now):
    with pytest.raises(ValueError, match="aware"):
        make_services(now=aware_now.replace(tzinfo=None))
