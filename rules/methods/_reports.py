"""What other methods do to reports: erase a customer from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.reports import REPORTS
from rules.telecom.contact import phone_digits

if TYPE_CHECKING:
    from rules.services import Services

__all__ = ["erase_from_reports"]


def erase_from_reports(services: Services, account: str, contact: str, hashed: str) -> int:
    """Put the hash in place of the customer's number, however it was written; how many rows."""
    if services.reports is None:
        return 0
    settings = services.accounts().settings(REPORTS, account)
    return services.reports.erase(
        account,
        settings.places().values(),
        lambda dnis: contact in (dnis, phone_digits(dnis)),
        hashed,
    )
