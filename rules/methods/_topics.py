"""Every topic that account settings may speak of; an unknown setting name is a mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rules.dates import DATES
from rules.envelope import PROTOCOL
from rules.links import LINKS
from rules.outbound import OUTBOUND
from rules.prefs import PREFS
from rules.reports import REPORTS
from rules.telecom import TELECOM
from rules.translation import TRANSLATION
from rules.webhooks import WEBHOOKS
from rules.webhooks.flow_end_settings import FLOW_END

if TYPE_CHECKING:
    from rules.settings import Topic

__all__ = ["TOPICS"]

TOPICS: tuple[Topic[Any], ...] = (
    PROTOCOL,
    DATES,
    LINKS,
    OUTBOUND,
    TELECOM,
    PREFS,
    TRANSLATION,
    REPORTS,
    FLOW_END,
    WEBHOOKS,
)
