"""Listening to one call until its answer is whole."""

from __future__ import annotations

from collections.abc import Callable

from nubem_jupyter.core.call import Answer, ModelCall, TextDelta
from nubem_jupyter.core.model import ModelInfo
from nubem_jupyter.errors import CallFailedError, ProviderError
from nubem_jupyter.ports import Provider
from nubem_jupyter.session.race import Emit
from nubem_jupyter.session.tab import Tab


async def listen(
    provider: Provider,
    info: ModelInfo,
    call: ModelCall,
    tab: Tab,
    settle: Callable[[float], None],
    emit: Emit = lambda _text: None,
) -> Answer:
    """Stream an answer to its end; put what it used on the tab, also where it breaks or is stopped.

    ``settle`` is told once what the call cost, in US dollars.

    Raises:
        ProviderError: the call failed.
    """
    heard: list[str] = []
    answer: Answer | None = None
    refused = False
    try:
        async for chunk in provider.stream(call):
            if type(chunk) is TextDelta:
                heard.append(chunk.text)
                emit(chunk.text)
            else:
                answer = chunk  # type: ignore[assignment]  # there is no third kind
        if answer is None:
            raise CallFailedError(f"{call.model} stopped without an answer")
    except ProviderError:
        # A call that is refused before its first word is not billed; one that breaks after it, or is stopped, is.
        refused = not heard
        raise
    finally:
        if answer is not None:
            settle(tab.settle(answer, info.price))
        else:
            settle(0.0 if refused else tab.settle_broken(call, "".join(heard), info.price))
    return answer
