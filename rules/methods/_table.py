"""The table of methods, in the order of the documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.methods import (
    call_webhook,
    cancel_outbound,
    check_call,
    create_outbound,
    erase_user_preferences,
    export_user_preferences,
    fetch_consent,
    fetch_outbound_status,
    fetch_pause_status,
    fetch_preference_history,
    fetch_user_preferences,
    find_language,
    link_creation,
    lookup_number,
    preview_outbound,
    pull_break_report,
    pull_report,
    record_consent,
    translate_text,
    update_pause_status,
    update_user_preferences,
    validate_date_and_time,
    withdraw_consent,
)

if TYPE_CHECKING:
    from rules.methods._method import Method

__all__ = ["METHODS"]

_ALL: tuple[Method, ...] = (
    validate_date_and_time.METHOD,
    create_outbound.METHOD,
    update_user_preferences.METHOD,
    update_pause_status.METHOD,
    fetch_user_preferences.METHOD,
    link_creation.METHOD,
    translate_text.METHOD,
    pull_report.METHOD,
    find_language.METHOD,
    fetch_outbound_status.METHOD,
    cancel_outbound.METHOD,
    preview_outbound.METHOD,
    check_call.METHOD,
    fetch_pause_status.METHOD,
    pull_break_report.METHOD,
    record_consent.METHOD,
    withdraw_consent.METHOD,
    fetch_consent.METHOD,
    fetch_preference_history.METHOD,
    export_user_preferences.METHOD,
    erase_user_preferences.METHOD,
    call_webhook.METHOD,
    lookup_number.METHOD,
)

METHODS: dict[str, Method] = {method.name.casefold(): method for method in _ALL}
"""Small-letter name to method."""
