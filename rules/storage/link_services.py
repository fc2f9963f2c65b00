"""Everything short links need, on one engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.links.address import shared_origin
from rules.services.links import LinkServices
from rules.storage.click_log import BatchedClicks
from rules.storage.link_clicks import SqlClicks
from rules.storage.link_domains import SqlDomains
from rules.storage.links import SqlLinks
from rules.storage.seal import DataSeal

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from rules.settings import Settings

__all__ = ["SWEPT_LINKS", "link_services"]

SWEPT_LINKS = 500
"""Links wiped in one batch of housekeeping, 90 days after they expired."""


def link_services(engine: Engine, settings: Settings) -> LinkServices:
    """Stores in the database, clicks in batches; raises `SettingMistake`."""
    clicks = SqlClicks(engine)
    return LinkServices(
        SqlLinks(engine),
        SqlDomains(engine),
        clicks,
        BatchedClicks(clicks),
        DataSeal(settings.data_key),
        shared_origin(settings.link_domain),
    )
