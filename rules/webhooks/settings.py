"""Account settings of webhooks: the definitions by name, and what callers and bodies may do.

Definitions stand in the accounts file (`[account."163".webhooks.bookSlot]`) or in a file of their
own, TOML or JSON, that `webhooks_file` names. Each is looked at strictly when the file is read.

>>> read_settings({"webhooks": {"ping": {"url": "https://api.example/"}}}).webhooks["ping"].method
'GET'
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rules.errors import SettingMistake
from rules.settings import Topic, read_flag
from rules.webhooks.spec import SpecRefused, WebhookSpec, mistakes

if TYPE_CHECKING:
    from rules.settings import Files

__all__ = ["WEBHOOKS", "WebhookSettings", "read_settings"]

_UNSET = ("empty", "keep")


@dataclass(frozen=True)
class WebhookSettings:
    """`unset_in_body`: a variable without value in a body is `empty` text, or `keep`s standing."""

    http_enabled: bool = False
    inline_webhooks: bool = False
    log_bodies: bool = False
    unset_in_body: str = "empty"
    webhooks: Mapping[str, WebhookSpec] = field(default_factory=dict, repr=False)


def read_settings(mapping: Mapping[str, Any], files: Files | None = None) -> WebhookSettings:
    """Typed settings; raises `SettingMistake`."""
    unset = mapping.get("unset_in_body", "empty")
    if unset not in _UNSET:
        raise SettingMistake("unset_in_body", f"must be one of {', '.join(_UNSET)}")
    written = _from_file(str(mapping.get("webhooks_file", "") or ""), files or {})
    return WebhookSettings(
        http_enabled=read_flag(mapping, "http_enabled"),
        inline_webhooks=read_flag(mapping, "inline_webhooks"),
        log_bodies=read_flag(mapping, "log_bodies"),
        unset_in_body=unset,
        webhooks=_read_all("webhooks_file", written)
        | _read_all("webhooks", mapping.get("webhooks", {})),
    )


def _from_file(name: str, files: Files) -> Any:
    text = files.get(name, "")
    try:
        return json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise SettingMistake("webhooks_file", f"is neither TOML nor JSON: {error}") from None


def _read_all(key: str, written: Any) -> dict[str, WebhookSpec]:
    if not isinstance(written, Mapping):
        raise SettingMistake(key, "must be a table of webhooks by name")
    found = {}
    for name, given in written.items():
        try:
            spec = WebhookSpec.from_mapping(given, name)
            problems = mistakes(spec)
        except SpecRefused as refused:
            problems = refused.problems
        else:
            found[name] = spec
        if problems:
            raise SettingMistake(key, f"{name}: {'; '.join(problems)}")
    return found


WEBHOOKS: Topic[WebhookSettings] = Topic(
    names=(
        "http_enabled",
        "inline_webhooks",
        "log_bodies",
        "unset_in_body",
        "webhooks",
        "webhooks_file",
    ),
    build=read_settings,
    files=("webhooks_file",),
)
