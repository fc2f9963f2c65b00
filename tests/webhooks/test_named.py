"""Every rule of webhooks and outgoing calls has a test that bears its name."""

import re
from pathlib import Path

from tests.rows import each

TESTS = Path(__file__).parents[1]
NAMES = re.findall(
    r"def (test_\w+)", "".join(path.read_text("utf-8") for path in TESTS.rglob("test_*.py"))
)
RULES = [
    f"{letter}{number}"
    for letter, last in (("v", 4), ("e", 6), ("m", 9), ("x", 9), ("g", 9))
    for number in range(1, last + 1)
]


@each("rule", RULES)
def test_a_rule_has_a_test(rule):
    assert any(re.search(rf"_{rule}[a-d]?(?:_|\Z)", name) for name in NAMES)
