"""The recipes of docs/webhooks.md work as they stand there."""

import re
import tomllib
from pathlib import Path

from rules.webhooks import PreparedRequest, Reply, interpret, prepare
from rules.webhooks.settings import read_settings
from tests.rows import each

TEXT = (Path(__file__).parents[2] / "docs/webhooks.md").read_text("utf-8")
RECIPES = re.split(
    r"^### ", TEXT.partition("## Cookbook")[2].partition("\n## ")[0], flags=re.MULTILINE
)[1:]


def blocks(recipe):
    return dict(re.findall(r"^```(\w+)\n(.*?)^```$", recipe, re.MULTILINE | re.DOTALL))


def pairs(text):
    return dict(line.split(" = ", 1) for line in text.splitlines())


def test_there_are_five():
    assert len(RECIPES) == 5


@each("recipe", RECIPES)
def test_recipe(recipe):
    parts = blocks(recipe)
    document = tomllib.loads(parts["toml"])
    [(name, spec)] = read_settings(document["account"]["163"]).webhooks.items()
    assert name == spec.name
    request = prepare(spec, pairs(parts["variables"]))
    assert isinstance(request, PreparedRequest), request
    if "sent" in parts:
        assert request.body.decode() == parts["sent"].strip()
    if "reply" in parts:
        outcome = interpret(spec, Reply(200, (), parts["reply"].encode(), 0.1))
        assert outcome.ok, outcome
        assert dict(outcome.variables) == pairs(parts["result"])


def test_values_stay_values_in_the_recipes():
    by_name = {}
    for recipe in RECIPES:
        document = tomllib.loads(blocks(recipe)["toml"])
        for name, spec in read_settings(document["account"]["163"]).webhooks.items():
            by_name[name] = prepare(spec, pairs(blocks(recipe)["variables"]))
    assert b'"Asha \\"Anu\\" Rao"' in by_name["bookSlot"].body
    assert b"<customer>4711 &amp; Co</customer>" in by_name["balance"].body
    assert by_name["orderState"].url == "https://shop.example/api/orders?phone=919820012345"
    assert by_name["freeSlots"].url.endswith("/doctors/dr-mehta/slots?day=2026-11-25")
