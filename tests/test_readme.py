"""The README's first call gives the README's answer."""

from __future__ import annotations

import json
import re
import shlex
from datetime import UTC, datetime
from pathlib import Path

from rules.testing import make_services
from webapp import create_app

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")


def test_the_first_call():
    call = re.search(r"    curl -s (localhost.*?\]\}')", README, re.DOTALL)[1]
    url, _, body = shlex.split(call)
    path = url.removeprefix("localhost:8000")
    shown = re.search(
        r"    (\{\"keys\": \[\n      \{\"name\": .*?), \.\.\.\]\}", README, re.DOTALL
    )[1]
    wanted = json.loads(shown + "]}")["keys"]
    client = create_app(make_services(now=datetime.now(UTC))).test_client()
    reply = client.post(path, data=body)
    assert reply.status_code == 200
    assert reply.json["keys"][: len(wanted)] == wanted


def test_every_linked_page_is_there():
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert links
    root = Path(__file__).parents[1]
    assert [link for link in links if not (root / link).is_file()] == []
