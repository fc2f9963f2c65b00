"""`updatePauseStatusForCLI` when somebody else pauses the same agent at the same moment."""

from dataclasses import replace
from datetime import datetime, timedelta

from rules.methods import answer
from rules.storage.memory.pauses import MemoryPauses
from rules.testing import at, make_services

NOW = datetime.fromisoformat("2026-11-18T10:30:00+05:30")


class SeenTooEarly(MemoryPauses):
    """A store that is looked at before another request's pause is there."""

    def running(self, cli):
        return None


def pause(services, **more):
    fields = {"pause": "true", "cli": "9879912345", "accountID": "293"} | more
    keys = [{"name": name, "value": value} for name, value in fields.items()]
    return answer({"keys": keys}, services, method="updatePauseStatusForCLI")


def test_an_end_beyond_the_maximum_of_a_pause_that_came_between():
    accounts = {"account": {"293": {"pause_max_minutes": 120}}}
    services = replace(make_services(now=NOW, accounts=accounts), pauses=SeenTooEarly())
    assert pause(services).status == 200
    reply = pause(at(services, NOW + timedelta(hours=1)), pauseMinutes="100")
    assert reply.status == 400
    (problem,) = reply.body["error"]["fields"]
    assert (problem["name"], problem["code"]) == ("$flow.key.pauseMinutes", "OUT_OF_RANGE")
