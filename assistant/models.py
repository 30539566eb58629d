"""The chat model by its name: the built-in one, or any that LangChain can name."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from langchain_core.language_models import BaseChatModel

from tools.catalogue.vocabulary import Vocabulary
from tools.errors import SetupError

OFFLINE = "offline"
_KEYS = {
    "openai": "OPENAI_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
    "google_genai": "GOOGLE_API_KEY",
    "mistralai": "MISTRAL_API_KEY",
    "groq": "GROQ_API_KEY",
    "deepseek": "DEEPSEEK_API_KEY",
    "cohere": "COHERE_API_KEY",
    "together": "TOGETHER_API_KEY",
    "fireworks": "FIREWORKS_API_KEY",
    "xai": "XAI_API_KEY",
}


def open_chat_model(
    name: str, *, vocabulary: Callable[[], Vocabulary], **options: Any
) -> BaseChatModel:
    """The chat model called `name`: "offline", or "provider:model" as LangChain spells it.

    `vocabulary` gives the catalogue's own words, asked for anew in every turn; only the built-in
    model reads it. `options` go to the provider's class (`temperature`, `base_url`, `api_key`).
    Raises SetupError for a name that names nothing, a missing package, or a missing key.
    """
    if name == OFFLINE:
        from assistant.offline import OfflineChatModel

        return OfflineChatModel(vocabulary=vocabulary)
    from langchain.chat_models import init_chat_model

    provider = name.split(":", 1)[0]
    if ":" not in name:
        raise SetupError(
            f"The chat model {name!r} names no provider. "
            'Write "offline", or provider and model, such as "openai:gpt-4.1-mini".'
        )
    variable = _KEYS.get(provider, "")
    # Asked for here, since each provider's class raises an error of its own for it.
    if variable and "api_key" not in options and not os.environ.get(variable):
        raise SetupError(f"The chat model {name!r} needs a key. Set {variable} in the environment.")
    try:
        model: BaseChatModel = init_chat_model(name, **options)
    except ImportError as error:
        raise SetupError(f"The chat model {name!r} needs a package more. {error}") from error
    except ValueError as error:
        raise SetupError(f"The chat model {name!r} cannot be opened: {error}") from error
    return model
