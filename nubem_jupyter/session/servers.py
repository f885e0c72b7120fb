"""The providers whose models a server lists: asking them, and what is wrong with those that do not answer."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import partial

from nubem_jupyter.core.component import Trouble
from nubem_jupyter.errors import ProviderError
from nubem_jupyter.ports import ListingProvider, Provider

_FIRST_S = 5.0
"""Longest wait, before a plan, for a server that nobody has asked yet."""
_AGAIN_S = 1.0
"""Longest wait for one that did not answer the last time."""


class Servers:
    """Asks for lists of models; from any event loop, and a question to one server does not wait for another."""

    def __init__(self, providers: Mapping[str, Provider]) -> None:
        self._providers = providers
        self._troubles: dict[str, Trouble] = {}
        self._asked: set[str] = set()

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """Who did not answer when last asked, and how to mend it."""
        return tuple(self._troubles.values())

    def questions(self) -> dict[str, Callable[[], Awaitable[bool]]]:
        """Return provider -> how to ask it; what is awaited tells whether it answered."""
        return {name: partial(self._ask, name, provider) for name, provider in self._listing()}

    async def ask_all(self) -> None:
        """Ask every one, at once."""
        await asyncio.gather(*(ask() for ask in self.questions().values()))

    async def ask_new(self) -> None:
        """Ask those that nobody has asked yet, and those that an earlier kernel had no answer of; once each.

        Who is late is left aside.
        """
        await asyncio.gather(
            *(
                self._ask_within(_AGAIN_S if provider.models() else _FIRST_S, name, provider)
                for name, provider in self._listing()
                if name not in self._asked and not any(info.available for info in provider.models())
            )
        )

    async def _ask_within(self, limit_s: float, name: str, provider: ListingProvider) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await self._ask(name, provider)

    async def _ask(self, name: str, provider: ListingProvider) -> bool:
        self._asked.add(name)
        try:
            await provider.refresh()
        except ProviderError as error:
            self._troubles[name] = Trouble(where=name, message=error.message, hint=error.hint)
            return False
        except Exception as error:  # noqa: BLE001  # what one server sends keeps nobody from planning with the others
            message = f"its list of models cannot be used ({type(error).__name__})"
            self._troubles[name] = Trouble(where=name, message=message, hint="check its address; others can be used")
            return False
        self._troubles.pop(name, None)
        return True

    def _listing(self) -> Iterator[tuple[str, ListingProvider]]:
        return ((name, one) for name, one in self._providers.items() if isinstance(one, ListingProvider))
