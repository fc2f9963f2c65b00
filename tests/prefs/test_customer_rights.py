"""History, export and erasing through their methods, on all three stores."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rules.methods import METHODS, answer
from rules.prefs import Interval, contact_hash
from rules.storage.consents import SqlConsents
from rules.storage.pauses import SqlPauses
from rules.storage.preferences import SqlPreferences
from rules.testing import at, make_services
from tests.stores import three_stores

NOW = datetime.fromisoformat("2026-11-18T10:30:00+05:30")
DAY = timedelta(days=1)
KEY = "secret key"


def kept():
    return make_services(now=NOW, hash_key=KEY)


def on(engine):
    return replace(
        kept(),
        preferences=SqlPreferences(engine),
        consents=SqlConsents(engine),
        pauses=SqlPauses(engine),
    )


services = three_stores(kept, on)


def call(services, method, *, status=200, **fields):
    fields = {"contactNumber": "8000374123", "$user.syskey.accountID": "293"} | fields
    keys = [{"name": n.replace("user_", "$user.key."), "value": v} for n, v in fields.items()]
    reply = answer({"keys": keys}, services, method=method, request_id="r1")
    assert reply.status == status, reply.body
    return {key["name"].split("key.")[-1]: key["value"] for key in reply.body["keys"]}


def history(services, **fields):
    return json.loads(call(services, "fetchPreferenceHistory", **fields)["prefsHistory"])


def test_history_tells_who_changed_what(services):
    call(services, "updateUserPreferences", user_city="Pune", flowID="58")
    call(at(services, NOW + DAY), "updateUserPreferences", user_city="Goa", user_plan="gold")
    rows = history(services)
    assert [(row["name"], row["old"], row["new"]) for row in rows] == [
        ("plan", None, "gold"),
        ("city", "Pune", "Goa"),
        ("city", None, "Pune"),
    ]
    assert rows[2] == {
        "at": "2026-11-18T10:30:00+05:30",
        "account": "293",
        "contact": "918000374123",
        "name": "city",
        "old": None,
        "new": "Pune",
        "kind": "set",
        "method": "updateUserPreferences",
        "request_id": "r1",
        "flow_id": "58",
        "who": "",
    }
    assert [row["new"] for row in history(services, prefsName="plan")] == ["gold"]


def test_end_of_a_value_is_history_before_anybody_deleted_it(services):
    call(services, "updateUserPreferences", user_otp="1", prefsTtlDays=1)
    call(at(services, NOW + DAY / 2), "updateUserPreferences", user_city="Pune")
    assert [row["kind"] for row in history(services)] == ["set", "set"]
    later = at(services, NOW + 2 * DAY)
    rows = history(later)
    assert [(row["kind"], row["name"]) for row in rows] == [
        ("expired", "otp"),
        ("set", "city"),
        ("set", "otp"),
    ]
    assert (rows[0]["at"], rows[0]["old"]) == ("2026-11-19T10:30:00+05:30", "1")
    assert [row["kind"] for row in history(later, prefsName="city")] == ["set"]
    call(later, "updateUserPreferences", user_otp="2")
    assert [row["kind"] for row in history(later)] == ["set", "expired", "set", "set"]


def test_history_has_at_most_a_thousand_rows(services):
    for batch in range(3):
        values = {f"user_v{n}": str(batch) for n in range(400)}
        call(at(services, NOW + batch * DAY), "updateUserPreferences", **values)
    rows = history(services)
    assert len(rows) == 1_000
    assert rows[0]["new"] == "2"


def test_export_holds_everything(services):
    call(services, "updateUserPreferences", user_city="Pune", user_otp="1", prefsTtlDays=2)
    call(
        services,
        "recordConsent",
        consentPurpose="recovery",
        consentChannel="voice",
        consentStatus="given",
        consentHow="keypad",
        consentValidUntil="2027-11-18",
        consentEvidence="call-1",
        consentNotice="v2",
        consentLanguage="hi",
    )
    call(services, "updatePauseStatusForCLI", cli="8000374123", pause="true", pauseReason="TEA")
    found = json.loads(call(services, "exportUserPreferences")["prefsExport"])
    ends = "2026-11-20T10:30:00+05:30"
    assert found["values"] == [
        {"name": "city", "value": "Pune", "expires": ends},
        {"name": "otp", "value": "1", "expires": ends},
    ]
    assert [row["name"] for row in found["history"]] == ["otp", "city"]
    (consent,) = found["consents"]
    assert len(consent.pop("id")) == 36
    assert consent == {
        "purpose": "recovery",
        "channel": "voice",
        "status": "given",
        "at": "2026-11-18T10:30:00+05:30",
        "valid_until": "2027-11-18",
        "how": "keypad",
        "evidence": "call-1",
        "notice_version": "v2",
        "language": "hi",
        "recorded_by": "r1",
    }
    assert found["pauses"] == [
        {
            "account": "293",
            "reason": "TEA",
            "start": "2026-11-18T10:30:00+05:30",
            "planned_end": "",
            "end": "",
            "ended_by": "open",
        }
    ]


def test_export_tells_what_is_so_at_the_moment(services):
    call(services, "updateUserPreferences", user_otp="1", prefsTtlDays=1)
    call(services, "updateUserPreferences", user_city="Pune")
    call(services, "updatePauseStatusForCLI", cli="8000374123", pause="true", pauseMinutes=45)
    found = json.loads(call(at(services, NOW + DAY), "exportUserPreferences")["prefsExport"])
    assert [one["name"] for one in found["values"]] == ["city"]
    (pause,) = found["pauses"]
    assert (pause["end"], pause["ended_by"]) == ("2026-11-18T11:15:00+05:30", "auto")


def test_export_shows_a_pause_that_an_old_row_plans_for_ever(services):
    far = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)

    def rule(state):
        return replace(state, running=Interval(state.cli, "293", "", NOW, far)), ()

    services.pauses.change("918000374123", "293", rule)
    found = json.loads(call(services, "exportUserPreferences")["prefsExport"])
    assert found["pauses"][0]["planned_end"].startswith("9999-12-")
    report = json.loads(call(at(services, NOW + DAY / 4), "pullBreakReport")["breakReport"])
    assert (report[0]["minutes"], report[0]["ended_by"]) == (360.0, "open")
    state = call(services, "fetchPauseStatusForCLI", cli="8000374123")
    assert state["pauseUntil"].startswith("9999-12-")


def test_history_older_than_a_year_is_not_told(services):
    call(services, "updateUserPreferences", user_city="Pune")
    call(at(services, NOW + DAY), "updateUserPreferences", user_city="Goa", prefsTtlDays=1)
    assert len(history(at(services, NOW + 365 * DAY))) == 3
    later = at(services, NOW + 366 * DAY)
    assert [row["kind"] for row in history(later)] == ["expired", "set"]
    much = at(services, NOW + 400 * DAY)
    assert history(much) == []
    assert json.loads(call(much, "exportUserPreferences")["prefsExport"])["history"] == []


def test_erase_counts_no_value_that_has_ended(services):
    call(services, "updateUserPreferences", user_otp="1", prefsTtlDays=1)
    call(services, "updateUserPreferences", user_city="Pune")
    later = at(services, NOW + DAY)
    assert call(later, "eraseUserPreferences")["prefsErased"] == "1"
    assert {row["name"] for row in history(later)} == {"city", "otp"}
    assert services.preferences.find("293", "918000374123") == {}


@pytest.mark.parametrize("names", [{}, {"prefsNames": "city"}])
def test_erase_where_nothing_was_keeps_who_asked(services, names):
    erased = call(services, "eraseUserPreferences", prefsAskedBy="by letter", **names)
    assert erased == {"prefsStatus": "SUCCESS", "prefsErased": "0"}
    (row,) = history(services)
    assert (row["kind"], row["name"], row["who"]) == ("erased", "", "by letter")
    assert row["contact"] == contact_hash(KEY, "918000374123")


def test_export_shows_no_pauses_of_another_account(services):
    call(services, "updatePauseStatusForCLI", cli="8000374123", pause="true")
    other = {"$user.syskey.accountID": "294"}
    assert (
        json.loads(call(services, "exportUserPreferences", **other)["prefsExport"])["pauses"] == []
    )


def test_erase_leaves_a_log_without_contact_and_values(services):
    call(services, "updateUserPreferences", user_city="Pune", user_plan="gold")
    call(services, "withdrawConsent")
    erased = call(services, "eraseUserPreferences", prefsAskedBy="customer, by letter")
    assert erased == {"prefsStatus": "SUCCESS", "prefsErased": "2"}
    assert call(services, "fetchUserPreferences") == {}
    rows = history(services)
    hashed = contact_hash(KEY, "918000374123")
    assert {(row["kind"], row["contact"], row["old"], row["new"]) for row in rows} == {
        ("erased", hashed, None, None)
    }
    assert {row["name"] for row in rows} == {"city", "plan"}
    assert {row["who"] for row in rows} == {"customer, by letter"}
    export = json.loads(call(services, "exportUserPreferences")["prefsExport"])
    assert export["values"] == []
    assert {row["status"] for row in export["consents"]} == {"withdrawn"}
    assert services.consents.of("293", ["918000374123"]) == []


def test_erase_of_some_names_keeps_the_others(services):
    call(services, "updateUserPreferences", user_city="Pune", user_plan="gold")
    assert call(services, "eraseUserPreferences", prefsNames="city")["prefsErased"] == "1"
    assert call(services, "fetchUserPreferences") == {"plan": "gold"}
    kinds = sorted((row["kind"], row["name"]) for row in history(services))
    assert kinds == [("erased", "city"), ("set", "plan")]


def test_withdrawing_all_adds_a_row_for_each_purpose(services):
    call(services, "withdrawConsent", consentHow="speech", consentEvidence="call-9")
    rows = services.consents.of("293", ["918000374123"])
    assert len({row.purpose for row in rows}) == len(rows) == 7
    assert {(row.channel, row.how, row.evidence) for row in rows} == {("any", "speech", "call-9")}
    assert len({row.id for row in rows}) == 7


@pytest.mark.parametrize(
    "name", ["fetchPreferenceHistory", "exportUserPreferences", "eraseUserPreferences"]
)
def test_admin_only(name):
    assert METHODS[name.casefold()].admin
    reply = answer({"keys": []}, make_services(now=NOW), method=name, admin=False)
    assert reply.body["error"]["code"] == "ADMIN_ONLY"
    assert reply.body["keys"] == [{"name": "$flow.key.prefsStatus", "value": "FAILURE"}]


@pytest.mark.parametrize(
    ("contact", "remedy"), [("9876XXXX10", "digits are masked"), ("98765O4321", "letters stand")]
)
def test_a_contact_that_means_nobody_says_what_to_send(contact, remedy):
    reply = answer(
        {"keys": [{"name": "contactNumber", "value": contact}]}, kept(), method="fetchConsent"
    )
    assert any(remedy in problem["message"] for problem in reply.body["error"]["fields"])
