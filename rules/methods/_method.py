"""What a method is: a name, its fields, its replies, and one function from call to reply.

A method holds no rule. It reads typed values out of the filled fields, calls the rule, and names
the results as the wire wants them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from rules.envelope import Field, Filled, Rest

if TYPE_CHECKING:
    from datetime import datetime

    from rules.envelope import Envelope
    from rules.errors import RulesError
    from rules.services import Services
    from rules.settings import Topic

__all__ = ["ACCOUNT_ID", "FLOW_ID", "Call", "Method", "Pairs", "Reply", "fixed", "flag"]

T = TypeVar("T")
Pairs = Iterable[tuple[str, str]]

ACCOUNT_ID: Field[str | None] = Field(
    "$flow.key.accountID", str, "account whose settings hold", default=None
)
FLOW_ID: Field[str | None] = Field(
    "$flow.key.flowId", str, "flow whose settings hold before the account's", default=None
)


@dataclass(frozen=True)
class Reply:
    """One variable of a reply: its full wire name and words for the documents.

    `extra` marks a variable of ours that the account setting `extra_keys` can leave out.
    """

    name: str
    about: str
    extra: bool = False


@dataclass(frozen=True)
class Call:
    """One request on its way through a method: what was sent, and what may be used to answer.

    `typed` is what the method's check read, so that it is read once.
    """

    envelope: Envelope
    filled: Filled
    services: Services
    now: datetime
    account: str | None
    flow: str | None
    request_id: str
    typed: Any = None

    def __getitem__(self, field: Field[T]) -> T:
        """Value of a declared field."""
        return self.filled[field]

    def settings(self, topic: Topic[T]) -> T:
        """The topic's settings for this call's account and flow."""
        return self.services.accounts().settings(topic, self.account, self.flow)


@dataclass(frozen=True, eq=False)
class Method:
    """One method of the webhook protocol.

    `check` adds problems across fields (with `call.filled.refuse`) before the request is accepted;
    it may be asked with fields that could not be read, so it uses `call.filled.get`. What it gives
    back is `call.typed` when the method runs.
    `failure` gives the documented variables when the request fails, for any error.
    """

    name: str
    about: str
    fields: Sequence[Field[Any] | Rest]
    replies: Sequence[Reply]
    run: Callable[[Call], Pairs]
    failure: Callable[[RulesError], Pairs]
    check: Callable[[Call], Any] | None = None
    admin: bool = False

    @cached_property
    def extras(self) -> frozenset[str]:
        """Names of the reply variables that `extra_keys = false` leaves out."""
        return frozenset(reply.name for reply in self.replies if reply.extra)


def fixed(*pairs: tuple[str, str]) -> Callable[[RulesError], Pairs]:
    """Failure values that are the same for every error."""
    return lambda _: pairs


def flag(value: bool) -> str:  # noqa: FBT001  a flag is its only argument
    """A boolean as the wire writes it."""
    return "true" if value else "false"
