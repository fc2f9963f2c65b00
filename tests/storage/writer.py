"""What a writing process does: it stores n = 1, 2, 3 ... and says n when the store is done.

Each n goes under the process's own name and under `last`, both in one request, of one contact that
all writers share. It goes on from what is there.
"""

from datetime import UTC, datetime
from itertools import count

from rules.prefs import apply_preferences
from rules.services.prefs import Origin
from rules.storage import make_engine
from rules.storage.preferences import SqlPreferences

WHO = ("293", "918000374123")


def write(address, name, times, say):
    """`times` numbers, or, for 0, until the process is killed; `say` is one end of a pipe."""
    engine = make_engine(address)
    store = SqlPreferences(engine)
    found = store.find(*WHO).get(name)
    first = int(found.value) + 1 if found else 1
    for n in range(first, first + times) if times else count(first):
        values = {name: str(n), "last": f"{name} {n}"}

        def rule(stored, values=values):
            return apply_preferences(stored, values, now=datetime.now(UTC))

        store.change(*WHO, rule, Origin("test", f"{name} {n}"))
        say.send(n)
    engine.dispose()
