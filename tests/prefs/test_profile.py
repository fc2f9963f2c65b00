"""What is remembered of a customer: changes, terms, limits."""

from datetime import UTC, datetime, timedelta

import pytest

from rules.methods import answer
from rules.prefs import (
    Change,
    Kind,
    Limits,
    Preference,
    TooManyPreferences,
    apply_preferences,
    drop_expired,
    visible,
)
from rules.prefs.profile import first_expiry
from rules.testing import make_services

NOW = datetime(2026, 11, 18, 5, tzinfo=UTC)
DAY = timedelta(days=1)


def test_change_makes_history_of_old_and_new():
    stored, history = apply_preferences(
        {"city": Preference("Pune"), "plan": Preference("gold")},
        {"city": "Goa", "age": "41", "plan": None},
        now=NOW,
    )
    assert stored == {
        "city": Preference("Goa"),
        "plan": Preference("gold"),
        "age": Preference("41"),
    }
    assert history == [
        Change(NOW, "city", "Pune", "Goa", Kind.SET),
        Change(NOW, "age", None, "41", Kind.SET),
    ]


def test_input_is_not_changed():
    stored = {"city": Preference("Pune")}
    apply_preferences(stored, {"city": "Goa"}, now=NOW)
    assert stored == {"city": Preference("Pune")}


def test_terms_by_name():
    terms = {"otp": 1}
    stored, _ = apply_preferences({}, {"otp": "1", "city": "Pune"}, now=NOW, ttl=terms.get)
    assert stored == {"otp": Preference("1", NOW + DAY), "city": Preference("Pune")}
    assert first_expiry(stored) == NOW + DAY
    assert first_expiry({}) is None


def test_value_stored_after_its_end_is_new():
    old = {"otp": Preference("1", NOW - DAY)}
    stored, history = apply_preferences(old, {"otp": "1"}, now=NOW)
    assert stored == {"otp": Preference("1")}
    assert [(c.at, c.old, c.new, c.kind) for c in history] == [
        (NOW - DAY, "1", None, Kind.EXPIRED),
        (NOW, None, "1", Kind.SET),
    ]


def test_ended_values_are_told_oldest_first():
    stored = {
        "b": Preference("1", NOW - DAY),
        "c": Preference("2", NOW),
        "a": Preference("3", NOW - DAY),
        "d": Preference("4", NOW + DAY),
    }
    kept, ended = drop_expired(stored, now=NOW)
    assert kept == {"d": Preference("4", NOW + DAY)}
    assert [change.name for change in ended] == ["a", "b", "c"]
    assert visible(stored, now=NOW) == {"d": "4"}


def test_limit_counts_what_is_there():
    limits = Limits(variables=2)
    stored = {"a": Preference("1"), "b": Preference("2", NOW)}
    stored, _ = apply_preferences(stored, {"c": "3"}, now=NOW, limits=limits)
    with pytest.raises(TooManyPreferences, match="at most 2 variables") as caught:
        apply_preferences(stored, {"a": "9", "d": "4"}, now=NOW, limits=limits)
    assert (caught.value.name, caught.value.code) == ("d", "OUT_OF_RANGE")


def update(services, **values):
    keys = {"contactNumber": "8000374123", "$user.syskey.accountID": "293"}
    keys |= {f"$user.key.{name}": value for name, value in values.items()}
    body = {"keys": [{"name": name, "value": value} for name, value in keys.items()]}
    return answer(body, services, method="updateUserPreferences")


def test_five_hundred_variables_through_the_method():
    services = make_services(now=NOW)
    assert update(services, **{f"v{n}": "x" for n in range(500)}).status == 200
    assert update(services, v0="y").status == 200
    refused = update(services, v0="z", more="x")
    assert refused.status == 400
    assert [(f["name"], f["code"]) for f in refused.body["error"]["fields"]] == [
        ("$user.key.more", "OUT_OF_RANGE")
    ]
    stored = services.preferences.find("293", "918000374123")
    assert stored["v0"].value == "y"
    assert len(stored) == 500
