"""Every setting of Pounce: its name, type, limits and default, read once at the top.

From the environment (POUNCE_…), then a `.env` file in the working folder, then the profile.
Flags of the command line win over all of these.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from tools.errors import SetupError

Profile = Literal["demo", "local", "server"]

_PROFILES: dict[str, dict[str, str]] = {
    # The built-in vision model orders better than it explains: its reasons are often untrue.
    "demo": {
        "embedder": "builtin",
        "chat_model": "offline",
        "vision_model": "builtin",
        "rerank_reasons": "0",
    },
    "local": {"embedder": "visualized-bge-base", "chat_model": "offline"},
    "server": {"embedder": "visualized-bge-base", "chat_model": "offline"},
}
"""What a profile sets unless the setting itself is given."""


class Settings(BaseSettings):
    """All settings. An invalid value raises SetupError from `load_settings`, naming it."""

    model_config = SettingsConfigDict(
        env_prefix="POUNCE_", env_file=".env", extra="ignore", frozen=True
    )

    profile: Profile = "demo"
    home: Path = Path("~/.pounce")
    """The folder of all that Pounce keeps."""

    embedder: Literal["", "builtin", "visualized-bge-base", "visualized-bge-m3"] = ""
    embedder_weights: str = ""
    """A `.pth` or `.safetensors` file, or REPO:FILE on the hub; empty for the published one."""
    text_model: str = ""
    """A folder or hub name; empty for the one that belongs to the embedder."""
    device: str = Field("auto", pattern=r"^(auto|cpu|cuda(:\d+)?)$")
    dtype: Literal["auto", "float32", "bfloat16"] = "auto"

    milvus_uri: str = ""
    """Address of a Milvus server; empty for the embedded one in `home`."""
    milvus_token: str = ""
    milvus_timeout_s: Annotated[float, Field(gt=0, le=600)] = 30
    milvus_index: Literal["FLAT", "HNSW", "HNSW_SQ", "IVF_SQ8", "DISKANN"] = "FLAT"
    """How a Milvus server indexes vectors; the embedded one always searches exactly."""

    chat_model: str = ""
    """`offline`, `phi3-vision` in process (that of `vision_model`, or `phi3-vision:` and a folder
    or hub name), or any name that LangChain knows, such as `openai:gpt-4.1-mini`."""
    chat_url: str = ""
    """Address of the chat model's server, where it is not the provider's own: `http://gpu:8000/v1`
    with `openai:NAME` for any OpenAI-compatible one."""
    chat_key: SecretStr = SecretStr("")
    """Empty for the provider's own variable, such as OPENAI_API_KEY, or for a server at `chat_url`
    that wants none."""
    chat_timeout_s: Annotated[float, Field(gt=0, le=3600)] = 30
    """Of one call of the chat model; past it the built-in one finishes the turn."""
    vision_model: str = ""
    """Puts what was found in order by looking at it: `builtin`, a folder or hub name of Phi-3
    Vision, such as `microsoft/Phi-3.5-vision-instruct`, or its name on the server at `vision_url`.
    `none` for none: the order is then the search's."""
    vision_url: str = ""
    """Address of an OpenAI-compatible server of the vision model; empty for one in process."""
    vision_key: SecretStr = SecretStr("")
    """What the server wants to be shown; empty where it wants nothing."""
    vision_server: Literal["vllm", "openai"] = "vllm"
    """`openai` for a server that does not know the fields of vLLM."""
    vision_structure: Literal["response_format", "structured_outputs"] = "response_format"
    """How the shape of an answer is asked for; the second is vLLM's own, from 0.11 on."""
    rerank_trust: Annotated[float, Field(ge=0, le=1)] | None = None
    """What the vision model's order counts against the search's; at 0 it is not loaded. None for
    what was learned about this model, and one half where nothing was."""
    rerank_timeout_s: Annotated[float, Field(gt=0, le=600)] = 30
    """Past this the order of the search stays. Counts in `turn_seconds`."""
    rerank_way: Literal["one pass", "generated"] = "one pass"
    """From the scores of the numbers, without decoding, or written out with the reasons. Also
    spelt `one-pass`, for shells."""
    rerank_both_orders: bool = False
    """Looks twice, forwards and backwards, against a liking of the model for places."""
    rerank_reasons: Annotated[int, Field(ge=0, le=9)] = 3
    """How many of the first get a reason."""

    turn_seconds: Annotated[float, Field(gt=0, le=3600)] = 60
    turn_model_calls: Annotated[int, Field(ge=1, le=50)] = 6
    turn_tool_calls: Annotated[int, Field(ge=1, le=50)] = 8
    turn_tokens: Annotated[int, Field(ge=1)] = 100_000
    """Of the chat model in one turn, read and written."""
    threads: str = ""
    """Where conversations are kept: empty for a file in `home`, `memory` for as long as the program
    runs, `sqlite:FILE`, or `postgresql://…` with the package langgraph-checkpoint-postgres."""
    turn_records: Annotated[int, Field(ge=0, le=100_000)] = 500
    """Turns that are kept in `home`, for `pounce explain`: shoppers' words and what the models saw.
    0 keeps none."""
    turn_records_mb: Annotated[float, Field(ge=0, le=100_000)] = 200
    """Past either the oldest go. 0 keeps none."""

    results: Annotated[int, Field(ge=1, le=24)] = 9
    """Products shown for a search, unless the shopper asks for another number."""
    currency: str = Field("USD", pattern="^[A-Z]{3}$")
    """Of catalogues that name none."""
    picture_hosts: str = ""
    """Hosts that a catalogue's pictures may be fetched from though their addresses are not public,
    by commas, each HOST or HOST:PORT."""
    max_photo_mb: Annotated[float, Field(gt=0, le=200)] = 10
    max_photos: Annotated[int, Field(ge=1, le=20)] = 4

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    allowed_hosts: str = ""
    """Names by which browsers may call the chat besides localhost, by commas: behind a proxy."""
    public_url: str = ""
    """Where shoppers find the chat when a proxy stands before it: `https://shop.example/chat`."""
    users: str = ""
    """Who may log in, by commas: NAME=HASH, as `pounce password NAME` makes it."""
    users_file: str = ""
    """A file of such users, one a line."""
    guests: bool = False
    """Everybody may enter without a login, each with a history of their own."""
    messages_per_minute: Annotated[int, Field(ge=0, le=10_000)] = 0
    """Of one user; 0 is no limit."""
    messages_per_day: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    metrics: bool | None = None
    """Whether /metrics is there; None is where only this machine can reach it."""

    shop_title: Annotated[str, Field(min_length=1, max_length=40)] = "Pounce"
    greeting: Annotated[str, Field(max_length=200)] = ""
    """The sentence over the message box."""
    starters: str = ""
    """Buttons of an empty chat, up to six, by semicolons; empty for the shop's categories."""
    accent: str = Field("", pattern="^(#[0-9a-fA-F]{6})?$")
    """Color of buttons, such as `#0a7d55`; shown as near to it as can be read in either theme."""
    theme: Literal["system", "light", "dark"] = "system"
    logo: str = ""
    """A file: SVG, PNG, WebP or JPEG; empty for the mark and the shop's title."""
    logo_dark: str = ""
    """For the dark theme; empty for the same."""
    favicon: str = ""
    locale: str = "en_US"
    """How prices are written, such as `de_DE`."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["auto", "json", "text"] = "auto"
    """Of the chat; `auto` is text where it writes to a terminal."""
    log_texts: bool = False
    """Whether shoppers' words may stand in the log."""

    @model_validator(mode="before")
    @classmethod
    def _fill_from_profile(cls, values: dict[str, Any]) -> dict[str, Any]:
        defaults = _PROFILES.get(str(values.get("profile", "demo")), {})
        return {**defaults, **{key: value for key, value in values.items() if value != ""}}

    @field_validator("home")
    @classmethod
    def _home_of_somebody(cls, home: Path) -> Path:
        try:
            home.expanduser().resolve()
        except (RuntimeError, OSError) as error:
            raise ValueError(f"no folder can be there ({error})") from error
        return home

    @field_validator("milvus_uri")
    @classmethod
    def _looks_like_an_address(cls, uri: str) -> str:
        if uri and not re.match(r"(https?|tcp)://[^/\s]|unix:\S", uri):
            raise ValueError("an address begins with http://, https://, tcp:// or unix:")
        return uri

    @field_validator("threads")
    @classmethod
    def _a_saver(cls, where: str) -> str:
        if not re.fullmatch(r"|memory|sqlite:.+|postgres(ql)?://.+", where):
            raise ValueError("it is memory, sqlite:FILE or postgresql://…, or nothing")
        return where

    @field_validator("vision_url", "chat_url")
    @classmethod
    def _looks_like_a_web_address(cls, url: str) -> str:
        if url and not re.match(r"https?://[^/\s@]+(/|$)", url):
            raise ValueError("an address is http:// or https:// and a host, without a password")
        return url

    @field_validator("locale")
    @classmethod
    def _known_locale(cls, locale: str) -> str:
        from babel import Locale, UnknownLocaleError

        try:
            return str(Locale.parse(locale.replace("-", "_")))
        except (UnknownLocaleError, ValueError) as error:
            raise ValueError("a locale is spelt like en_US or de_DE") from error

    @field_validator("public_url")
    @classmethod
    def _looks_like_a_page_of_ours(cls, url: str) -> str:
        if url and not re.fullmatch(r"https?://[^/\s@?#]+(/[\w.~/-]*)?", url):
            raise ValueError("an address is http:// or https://, a host, and perhaps a path")
        return url.rstrip("/")

    @field_validator("rerank_way", mode="before")
    @classmethod
    def _spelt_without_a_space(cls, way: object) -> object:
        return "one pass" if way == "one-pass" else way

    @model_validator(mode="after")
    def _server_needs_addresses(self) -> Settings:
        if self.profile == "server" and not self.milvus_uri:
            raise ValueError("the profile 'server' needs POUNCE_MILVUS_URI, the address of Milvus")
        if self.vision_url and self.vision_model in ("", "none", "builtin"):
            raise ValueError("POUNCE_VISION_URL needs POUNCE_VISION_MODEL, the model's name there")
        if self.chat_url and ":" not in self.chat_model:
            raise ValueError("POUNCE_CHAT_URL needs POUNCE_CHAT_MODEL, such as openai:NAME")
        return self

    @property
    def reranks(self) -> bool:
        """Whether a vision model puts what was found in order, unless what was learned about it
        says that it should not."""
        return self.vision_model not in ("", "none") and self.rerank_trust != 0

    @property
    def home_path(self) -> Path:
        """`home` as an absolute path."""
        return self.home.expanduser().resolve()


def load_settings(**flags: object) -> Settings:
    """The settings in force; flags that are None are not given.

    Raises SetupError with one line for each offending value, naming its variable.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]  # checked by pydantic itself
    except ValidationError as error:
        raise SetupError("\n".join(map(_line, error.errors()))) from error
    except UnicodeDecodeError as error:
        raise SetupError(
            f"The file {Path('.env').resolve()} is not UTF-8. Save it as UTF-8, or move it away."
        ) from error


def _line(error: Any) -> str:
    if not error["loc"]:
        return f"Settings: {error['msg'].removeprefix('Value error, ')}."
    name = str(error["loc"][0])
    message = error["msg"].removeprefix("Value error, ").rstrip(".")
    # An address may hold a password by mistake.
    given = re.sub(r"//[^/\s]*@", "//…@", str(error["input"]))
    return (
        f"POUNCE_{name.upper()}={given}: {message}. "
        f"Set it to another value, or unset it for the default."
    )
