"""What an account remembers of its customers, their consent, and its agents' pauses. Pure rules."""

from rules.prefs.agents import (
    AgentState,
    EndedBy,
    Interval,
    PausePolicy,
    PauseState,
    Reason,
    UnusableEnd,
    end_if_over,
    pause,
    resume,
    settled,
    state_at,
)
from rules.prefs.breaks import BreakRow, BreakSums, break_rows
from rules.prefs.consent import Channel, Consent, ConsentState, How, Status, consent_state
from rules.prefs.erasure import contact_hash
from rules.prefs.names import NameRules
from rules.prefs.profile import (
    LIMITS,
    Change,
    Kind,
    Limits,
    Preference,
    Stored,
    TooManyPreferences,
    apply_preferences,
    drop_expired,
    visible,
)
from rules.prefs.roster import Agent, Roster, read_roster
from rules.prefs.rows import (
    LONG,
    CustomerRow,
    RowRefused,
    columns_problem,
    export_rows,
    read_row,
)
from rules.prefs.settings import PREFS, PrefSettings
from rules.prefs.until import read_until
from rules.telecom.contact import ContactId, contact_id

__all__ = [
    "LIMITS",
    "LONG",
    "PREFS",
    "Agent",
    "AgentState",
    "BreakRow",
    "BreakSums",
    "Change",
    "Channel",
    "Consent",
    "ConsentState",
    "ContactId",
    "CustomerRow",
    "EndedBy",
    "How",
    "Interval",
    "Kind",
    "Limits",
    "NameRules",
    "PausePolicy",
    "PauseState",
    "PrefSettings",
    "Preference",
    "Reason",
    "Roster",
    "RowRefused",
    "Status",
    "Stored",
    "TooManyPreferences",
    "UnusableEnd",
    "apply_preferences",
    "break_rows",
    "columns_problem",
    "consent_state",
    "contact_hash",
    "contact_id",
    "drop_expired",
    "end_if_over",
    "export_rows",
    "pause",
    "read_roster",
    "read_row",
    "read_until",
    "resume",
    "settled",
    "state_at",
    "visible",
]
