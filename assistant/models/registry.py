"""The chat model by its name: the built-in one, Phi-3 Vision, or any that LangChain can name."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langchain_core.language_models import BaseChatModel

from tools.catalogue.vocabulary import Vocabulary
from tools.errors import SetupError

if TYPE_CHECKING:
    from tools.models.hub import Device
    from tools.phi3_vision.inference import Dtype
    from tools.search.searchable_shop import CatalogueMeaning

OFFLINE = "offline"
PHI3 = "phi3-vision"
PUBLISHED_PHI3 = "microsoft/Phi-3.5-vision-instruct"
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
_RETRIES_HERE = ("openai", "azure_openai", "anthropic", "groq", "deepseek", "xai")
"""Providers whose clients sleep as long as a busy server says, past any turn; `Fallback` asks again
in their place, within the turn's time."""


@dataclass(frozen=True, slots=True)
class InProcess:
    """How a model in this process is opened; models on servers ignore it."""

    weights: str = PUBLISHED_PHI3
    """Folder or hub name of the Phi-3 Vision that a bare "phi3-vision" means."""
    device: Device = "auto"
    dtype: Dtype = "auto"
    timeout_s: float | None = None
    """Seconds for one answer."""


def open_chat_model(
    name: str,
    *,
    vocabulary: Callable[[], Vocabulary],
    meaning: CatalogueMeaning | None = None,
    in_process: InProcess | None = None,
    **options: Any,
) -> BaseChatModel:
    """The chat model called `name`: "offline", "phi3-vision", "phi3-vision:FOLDER_OR_HUB_NAME", or
    "provider:model" as LangChain spells it.

    `vocabulary` gives the catalogue's own words, asked for anew in every turn, and `meaning` tells
    what other words mean there; only the built-in model asks them. `options` go to the model's
    class (`temperature`, `base_url`, `api_key`).
    Phi-3 Vision is loaded, or shared where it is loaded already. Raises SetupError for a name
    that names nothing, a missing package, or a missing key, and ModelError for weights that cannot
    be loaded.
    """
    if name == OFFLINE:
        from assistant.models.rules.by_meaning import NoMeaning
        from assistant.models.rules.chat_model import OfflineChatModel

        return OfflineChatModel(vocabulary=vocabulary, meaning=meaning or NoMeaning())
    provider, _, model_name = name.partition(":")
    if provider == PHI3:
        return _open_phi3(model_name, in_process or InProcess(), **options)
    from langchain.chat_models import init_chat_model

    if ":" not in name:
        raise SetupError(
            f"The chat model {name!r} names no provider. Write "
            '"offline", "phi3-vision", or provider and model, such as "openai:gpt-4.1-mini".'
        )
    variable = _KEYS.get(provider, "")
    # Asked for here, since each provider's class raises an error of its own for it.
    if variable and "api_key" not in options and not os.environ.get(variable):
        raise SetupError(f"The chat model {name!r} needs a key. Set {variable} in the environment.")
    if provider in _RETRIES_HERE:
        options = {"max_retries": 0, **options}
    try:
        model: BaseChatModel = init_chat_model(name, **options)
    except ImportError as error:
        raise SetupError(f"The chat model {name!r} needs a package more. {error}") from error
    except ValueError as error:
        raise SetupError(f"The chat model {name!r} cannot be opened: {error}") from error
    return model


def prepare_chat_model(model: BaseChatModel) -> None:
    """Does what the first turn would wait for; nothing for a model that is on a server."""
    from assistant.models.rules.chat_model import OfflineChatModel

    if isinstance(model, OfflineChatModel):
        model.prepare()


def check_chat_model(name: str, **options: Any) -> None:
    """Check that a model of this name can be opened, as far as its weights are not needed.

    `options` are those of `open_chat_model`, and it raises the same.
    """
    provider, _, weights = name.partition(":")
    if provider != PHI3:
        open_chat_model(name, vocabulary=Vocabulary, **options)
        return
    if importlib.util.find_spec("llguidance") is None:
        from assistant.models.phi3.grammar import MISSING

        # The assistant always has tools; 8 GB need not be loaded to hear that it cannot call them.
        raise SetupError(MISSING)
    # A hub name looks like a folder of two levels; whether it is one, only the hub knows.
    if weights and weights.count("/") != 1 and not Path(weights).is_dir():
        raise SetupError(
            f"There is no folder {weights} with Phi-3 Vision. Check POUNCE_CHAT_MODEL={name}."
        )


def _open_phi3(weights: str, how: InProcess, **options: Any) -> BaseChatModel:
    from assistant.models.phi3.chat_model import ChatPhi3Vision
    from tools.phi3_vision.instances import shared_phi3_vision

    phi3 = shared_phi3_vision(weights or how.weights, device=how.device, dtype=how.dtype)
    return ChatPhi3Vision(phi3=phi3, **{"timeout_s": how.timeout_s, **options})
