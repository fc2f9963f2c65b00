"""The brake on guessing."""

from datetime import datetime, timedelta

from rules.links import Misses, misses, network_of
from tests.rows import each

NOW = datetime.fromisoformat("2026-11-18T10:30:05+05:30")


def test_l4_the_thirty_first_miss_closes_the_minute():
    brake = Misses()
    for _ in range(30):
        assert brake.add(NOW, "8.8.8.8") == 0
    assert brake.wait(NOW, "8.8.8.8") == 0
    assert brake.add(NOW, "8.8.8.8") == 55
    assert brake.wait(NOW + timedelta(seconds=54), "8.8.8.8") == 1
    assert brake.wait(NOW + timedelta(seconds=55), "8.8.8.8") == 0
    assert brake.wait(NOW, "8.8.9.8") == 0


def test_l4_a_new_minute_counts_anew():
    brake = Misses(allowed=1)
    later = NOW + timedelta(minutes=1)
    assert [brake.add(NOW, "8.8.8.8") > 0 for _ in range(2)] == [False, True]
    assert brake.add(later, "8.8.8.8") == 0
    assert brake.wait(NOW, "8.8.8.8") == 0


@each(
    ("one", "other", "same"),
    [
        ("8.8.8.0", "8.8.8.255", True),
        ("8.8.8.0", "8.8.9.0", False),
        ("2001:4860:4860::1", "2001:4860:4860:ffff::1", True),
        ("2001:4860:4860::1", "2001:4860:4861::1", False),
        ("::ffff:8.8.8.1", "8.8.8.2", True),
        ("", "unix", True),
        ("", "8.8.8.8", False),
    ],
)
def test_l4_networks(one, other, same):
    assert (network_of(one) == network_of(other)) is same


def test_l4_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(misses, "MOST_NETWORKS", 2)
    brake = Misses(allowed=0)
    assert [brake.add(NOW, f"8.8.{n}.8") > 0 for n in (1, 2, 3, 1)] == [True, True, False, True]
