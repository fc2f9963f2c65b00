"""Laws of an order's whole life: whatever fails and whoever dies, never lost and never doubled.

Each example is a little world: a sandbox dialler, a store, a clock, requests, and a delivery that
is killed now and then, before or after the dialler has taken the call in.
"""

from __future__ import annotations

import contextlib
import json
import random
from collections import Counter

from hypothesis import example, given
from hypothesis import strategies as st

from rules.outbound import (
    NEXT,
    CallQuestion,
    Kind,
    Outcome,
    Purpose,
    State,
    Verdict,
    WireCall,
    check_call,
    interpret,
    load_rules,
    may_cancel,
    no_answer,
    preview,
    read_numbers,
)
from rules.sandbox import SandboxConfig
from rules.services.handover import hand_over
from rules.services.outbound import work_name
from tests.outbound.made import at, clock
from tests.outbound.made import settings as outbound_settings
from tests.outbound.world import World
from tests.rows import each

RULES = load_rules()
DAY = 24 * 60


class Killed(BaseException):
    """The process died here."""


class Weather:
    """A dialler that answers as it likes, until the storm is over."""

    def __init__(self, well, draw):
        self.well = well
        self.draw = draw
        self.storm = True

    def send(self, order, url):
        luck = self.draw.random() if self.storm else 1.0
        if luck < 0.2:
            return Outcome(Kind.DOWN, reason="DIALLER_DOWN", retry_after=self.draw.choice([0, 30]))
        if luck < 0.3:
            return no_answer(sent=True)
        if luck < 0.35:
            raise Killed
        outcome = self.well.send(order, url)
        if luck < 0.5:
            return no_answer(sent=True)
        if luck < 0.55:
            raise Killed
        return outcome


class Life(World):
    """A world with weather, and a delivery that may die."""

    def __init__(self, seed, **account):
        super().__init__(**account)
        self.draw = random.Random(seed)
        self.weather = Weather(self.services.dialler, self.draw)
        object.__setattr__(self.services, "dialler", self.weather)
        self.box = self.weather.well.sandbox
        self.box.config = SandboxConfig(checksum_hours=0.2)  # a short memory: twelve minutes
        self.clock.now = self.draw.choice([at(), clock("18:40"), clock("23:40")])
        self.placed = []

    def place(self):
        """A request, whose process may die; its order is kept or it is not."""
        number = len(self.placed)
        fields = {"clientID": f"c-{number}", "idempotencyKey": f"k-{number}"}
        fields["delayMinutes"] = self.draw.choice([0, 0, 5, 600])
        with contextlib.suppress(Killed):
            self.create(**fields)
        self.placed.append(fields)

    def work(self):
        """Everything that is due, each by a process that may die; a dead one's work comes back."""
        for order in self.services.orders.listing(states=[State.SENDING], limit=1000):
            if self.draw.random() < 0.3:
                self.deliver_one(order.id, order.claimed_by)
        for name in self.services.orders.due(self.clock(), limit=1000):
            self.deliver_one(name, work_name(self.services.orders.get(name)))

    def deliver_one(self, name, by):
        with contextlib.suppress(Killed):
            hand_over(self.services, name, by=by)

    def cancel_one(self):
        order = self.draw.choice(self.services.orders.listing(limit=1000) or [None])
        if order is not None:
            self.call("cancelOutbound", obdReqID=order.id)

    def live(self, steps):
        for _ in range(steps):
            luck = self.draw.random()
            if luck < 0.3:
                self.place()
            elif luck < 0.35:
                self.cancel_one()
            self.clock.turn(seconds=self.draw.choice([1, 5, 20, 70, 400]))
            self.work()
        self.weather.storm = False
        for _ in range(2 * DAY // 30):
            self.clock.turn(minutes=30)
            self.work()

    def made(self):
        """How many calls the dialler makes for each order."""
        return Counter(call.client_id for call in self.calls(self.box))


def check_lives(life):
    made = life.made()
    orders = life.services.orders.listing(limit=1000)
    assert len(orders) == len(life.placed), "every request left one order"
    for order in orders:
        calls = made[order.call.client_id]
        assert calls <= 1, "never doubled"
        assert order.state.is_end or order.state is State.UNCERTAIN, "nothing waits for ever"
        if order.state is State.ACCEPTED:
            assert calls == 1, "never lost"
        elif order.state is not State.UNCERTAIN:
            assert calls == 0, f"{order.state}: nobody was called"
        assert order.may_have_arrived or order.state is not State.UNCERTAIN
        for earlier, later in zip(order.history, order.history[1:], strict=False):
            assert later.old is earlier.new
            assert later.new in NEXT[later.old]
            assert later.at >= earlier.at
            assert later.attempt - earlier.attempt == (later.new is State.SENDING)
        assert may_cancel(order)[0] == (order.state is State.CANCELLED)


@given(st.integers(0, 10**9))
@example(1)
def test_never_lost_never_doubled(seed):
    life = Life(seed)
    life.live(60)
    check_lives(life)


@given(st.integers(0, 10**9))
def test_the_same_where_orders_are_held_and_expire(seed):
    life = Life(seed, hold="until_due", expire_after_minutes=120)
    life.live(60)
    check_lives(life)


@given(st.integers(0, 10**9))
def test_no_call_starts_outside_its_hours(seed):
    life = Life(seed, purpose="recovery")
    life.live(60)
    check_lives(life)
    for call in life.calls(life.box):
        question = CallQuestion(call.numbers[0], Purpose.RECOVERY, call.start)
        decision = check_call(question, rules=RULES, settings=outbound_settings())
        assert decision.verdict is Verdict.ALLOW, call.start


@given(st.integers(0, 10**9))
def test_after_an_unknown_fate_nothing_is_sent_where_that_is_wanted(seed):
    life = Life(seed, on_uncertain="hold")
    life.live(60)
    check_lives(life)
    for order in life.services.orders.listing(limit=1000):
        lost = [change for change in order.history if not change.known]
        assert len(lost) <= 1
        assert not lost or order.state is State.UNCERTAIN


# the wire

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
calls = st.builds(
    WireCall,
    texts,
    texts,
    texts,
    texts,
    st.just("2026-11-18T10:45:00+05:30"),
    st.lists(texts, max_size=3).map(tuple),
    st.lists(st.tuples(texts, texts), max_size=4).map(tuple),
)


@given(calls)
def test_bytes_are_read_back_and_written_the_same(call):
    body = call.encode()
    assert WireCall.decode(body) == call
    assert WireCall.decode(body).encode() == body


answers = st.one_of(
    st.binary(max_size=60),
    st.recursive(
        st.none() | st.booleans() | st.integers() | texts,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["api-response-code", "request-id", "call-details", "phonon-uuid"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=8,
    ).map(lambda value: json.dumps(value).encode()),
)
headers = st.lists(
    st.tuples(st.sampled_from(["Retry-After", "Date", "X"]), st.text(max_size=30)), max_size=3
)


@given(st.integers(100, 599), headers, answers, st.booleans())
def test_every_answer_is_an_outcome(status, given_headers, body, earlier):
    outcome = interpret(status, given_headers, body, earlier_unknown=earlier)
    assert 0 <= outcome.retry_after <= 3600
    if outcome.kind is Kind.DOWN:
        assert (outcome.code, outcome.request_id, outcome.phonon_uuid) == (0, "", "")
    else:
        assert outcome.known
    if outcome.kind is Kind.ACCEPTED:
        assert 200 <= status < 300 or 400 <= status < 500 or status < 200
    assert interpret(status, given_headers, body, earlier_unknown=earlier) == outcome


# numbers and lists

contacts = st.lists(
    st.sampled_from(
        ["9876543210", "+91 98765 43210", "09876500001", "98765XX", "163", "taxi", "", "१२३"]
    )
    | st.text(max_size=15),
    max_size=6,
)


@given(contacts)
def test_numbers_read_again_are_the_same(parts):
    found = read_numbers(";".join(parts))
    assert read_numbers(",".join(f"+{number}" for number in found.usable)).usable == found.usable
    assert len(set(found.usable)) == len(found.usable)
    assert all(8 <= len(number) <= 15 and number.isdigit() for number in found.usable)
    assert set(found.refused) <= {"MASKED_NUMBER", "LETTERED_NUMBER", "INVALID_NUMBER"}


rows = st.lists(
    st.fixed_dictionaries(
        {"contact": contacts.map(",".join)},
        optional={
            "purpose": st.sampled_from(["", "recovery", "Promotional", "fun"]),
            "starttime": st.sampled_from(["", "2026-11-18T19:30:00+05:30", "2026-11-17", "soon"]),
        },
    ),
    max_size=12,
)


@given(rows)
def test_totals_of_a_list_add_up(given_rows):
    judged = preview(given_rows, now=at(), settings=outbound_settings(), rules=RULES)
    found = list(judged)
    assert judged.totals.total == len(found) == len(given_rows)
    assert judged.totals.verdicts == Counter(row.verdict for row in found)
    valid = [row for row in found if row.verdict.value in {"allowed", "deferred", "blocked"}]
    assert judged.totals.valid == len(valid)
    first = [row.number.partition(",")[0] for row in valid]
    assert len(set(first)) == len(first), "each number counts once"
    assert all(row.when >= clock("10:30") for row in valid)


@each("state", State)
def test_ways_between_states_end(state):
    seen, ahead = set(), {state}
    while ahead:
        seen |= ahead
        ahead = {after for one in ahead for after in NEXT[one]} - seen
    assert any(one.is_end for one in seen)
