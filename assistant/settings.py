"""Every setting of Pounce: its name, type, limits, default and meaning, read once at the start.

Sources, the strongest first: flags of the command line, the environment (`POUNCE_…`), a `.env` file
in the working folder, the profile. The table in `assistant/README.md` is made from the docstrings
of `Settings`: run `python -m assistant.settings_table` after a change.
"""

from __future__ import annotations

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from assistant.budget import TurnLimits
from tools.embedding.registry import EmbedderDtype, EmbedderName
from tools.errors import SetupError

Profile = Literal["demo", "local", "server"]

_LIMITS = TurnLimits()
PROFILES: dict[str, dict[str, str]] = {
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

_ORIGIN = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+)*)(?::(?P<port>[0-9]{1,5}))?"
)
_OWN_PORTS = {"http": "80", "https": "443"}


class Settings(BaseSettings):
    """All settings. An invalid value raises SetupError from `load_settings`, naming it."""

    model_config = SettingsConfigDict(
        env_prefix="POUNCE_",
        env_file=".env",
        extra="ignore",
        frozen=True,
        use_attribute_docstrings=True,
    )

    profile: Profile = "demo"
    """Sets the models and the catalogue at once: `demo`, `local` or `server`."""
    home: Path = Path("~/.pounce")
    """The folder of all data: catalogues, index, photos, conversations, records."""

    embedder: EmbedderName | Literal[""] = ""
    """`builtin` (ships with Pounce), `visualized-bge-base`, `visualized-bge-m3`, `bge-vl-base`, or
    `magiclens-base` and `magiclens-large`, which need `embedder_weights`."""
    embedder_weights: str = ""
    """A `.pth`, `.pkl` or `.safetensors` file in the published layout, or `REPO:FILE` on the hub;
    empty for the published weights."""
    text_model: str = ""
    """The embedder's text model, a folder or hub name; for MagicLens a folder with CLIP's
    vocabulary, or its merges file. Empty for the one that belongs to the embedder."""
    device: str = Field("auto", pattern=r"^(auto|cpu|cuda(:\d+)?)$")
    """`cpu`, `cuda` or `cuda:N` for the models in this process; `auto` takes a GPU if there is
    one."""
    dtype: EmbedderDtype = "auto"
    """`float32` or `bfloat16`; `int8` for the embedder on a CPU, with `pip install '.[int8]'`. The
    type is part of an index's fingerprint: set it where several machines share an index."""

    milvus_uri: str = ""
    """Address of a Milvus server; empty for the embedded one in `home`."""
    milvus_token: str = ""
    """The server's `user:password` or key."""
    milvus_timeout_s: Annotated[float, Field(gt=0, le=600)] = 30
    """Seconds that one request to Milvus may take."""
    milvus_index: Literal["FLAT", "HNSW", "HNSW_SQ", "IVF_SQ8", "DISKANN"] = "FLAT"
    """How a Milvus server indexes vectors: exactly (`FLAT`), or by `HNSW`, `HNSW_SQ`, `IVF_SQ8` or
    `DISKANN`. The embedded one always searches exactly."""

    chat_model: str = ""
    """`offline` for the built-in one; `phi3-vision` for Phi-3 Vision in process, with the weights
    of `vision_model` or those after a colon; or any name that LangChain knows, such as
    `openai:gpt-4.1-mini`, with the provider's package installed (that of `openai:` is)."""
    chat_url: str = ""
    """Address of the chat model's server where it is not the provider's own, such as
    `http://gpu:8000/v1` with `openai:NAME` for an OpenAI-compatible one."""
    chat_key: SecretStr = SecretStr("")
    """The chat model's key; empty for the provider's own variable, such as `OPENAI_API_KEY`, or for
    a server at `chat_url` that needs none."""
    chat_timeout_s: Annotated[float, Field(gt=0, le=3600)] = _LIMITS.model_seconds
    """Seconds that one answer of the chat model may take; past them the built-in one finishes the
    turn."""
    vision_model: str = ""
    """The model that reranks what a search found by looking at it: `builtin`, `none`, Phi-3 Vision
    in process by its folder or hub name (`microsoft/Phi-3.5-vision-instruct`), or its name on the
    server at `vision_url`."""
    vision_url: str = ""
    """Address of an OpenAI-compatible server of the vision model, such as `http://gpu:8000/v1`;
    empty for a model in process."""
    vision_key: SecretStr = SecretStr("")
    """The vision server's key; empty where it needs none."""
    vision_server: Literal["vllm", "openai"] = "vllm"
    """`openai` for a server that does not know the fields of vLLM."""
    vision_structure: Literal["response_format", "structured_outputs"] = "response_format"
    """How the vision server is asked for JSON of a given shape; `structured_outputs` is vLLM's own
    way, from 0.11 on."""
    rerank_trust: Annotated[float, Field(ge=0, le=1)] | None = None
    """Weight of the vision model's order against the search's, 0 to 1; at 0 the model is not
    loaded. Not set: what `pounce evaluate --learn-trust` learned, else what came with the model,
    else 0.5."""
    rerank_timeout_s: Annotated[float, Field(gt=0, le=600)] = 30
    """Seconds that reranking may take, within `turn_seconds`; past them the search's order
    stays."""
    rerank_way: Literal["one pass", "generated"] = "one pass"
    """`one-pass` reads the order from the scores of the numbers, without decoding; `generated` has
    the model write it."""
    rerank_both_orders: bool = False
    """Whether the model ranks twice, forwards and backwards, against a preference for early
    places."""
    rerank_reasons: Annotated[int, Field(ge=0, le=9)] = 3
    """How many of the first products get a reason."""

    turn_seconds: Annotated[float, Field(gt=0, le=3600)] = _LIMITS.seconds
    """Seconds that one turn may take."""
    turn_model_calls: Annotated[int, Field(ge=1, le=50)] = _LIMITS.model_calls
    """Calls of the chat model in one turn; a plain search takes two."""
    turn_tool_calls: Annotated[int, Field(ge=1, le=50)] = _LIMITS.tool_calls
    """Tool calls in one turn; past them the model is told to answer."""
    turn_tokens: Annotated[int, Field(ge=1)] = _LIMITS.tokens
    """Tokens that the chat model may read and write in one turn."""
    database_url: SecretStr = SecretStr("")
    """Address of a PostgreSQL server, `postgresql://USER:PASSWORD@HOST:5432/NAME`, that several
    replicas share: for conversations, the agent's memory, limits, logins and turn records. Needs
    `pip install 'pounce[postgres]'`. Empty for SQLite files and folders in `home`."""
    photos: str = ""
    """Where shoppers' photos are stored: a folder that all replicas share, or `s3://BUCKET/PREFIX`,
    with `pip install 'pounce[s3]'` and the store's own variables in the environment, such as
    `AWS_ENDPOINT_URL`. Empty for a folder in `home`."""
    threads: str = ""
    """Where the agent's memory of each conversation is stored, if not beside the conversations:
    `memory` until the process ends, `sqlite:FILE`, or `postgresql://…`. Empty for `database_url`,
    and without one for a SQLite file in `home`."""
    turn_records: Annotated[int, Field(ge=0, le=100_000)] = 500
    """Turns recorded for `pounce explain` and `pounce insights`, with shoppers' words and what the
    models saw; the oldest are removed past this number. 0 records none."""
    turn_records_mb: Annotated[float, Field(ge=0, le=100_000)] = 200
    """Megabytes of records; the oldest are removed past them. 0 records none."""

    results: Annotated[int, Field(ge=1, le=24)] = 9
    """Products shown for a search, unless the shopper asks for another number."""
    rerank_candidates: Annotated[int, Field(ge=0, le=50)] = 0
    """Products that a search finds for the vision model to look at; the first of its order are
    shown. 0 means those that are shown."""
    currency: str = Field("USD", pattern="^[A-Z]{3}$")
    """Currency of catalogues that name none."""
    shop_url: str = ""
    """Address of the shop, such as https://shop.example: links of products are built from it where
    a catalogue has none, or has paths."""
    link_template: str = ""
    """Path of a product's page under it, with {id}, {handle} and {sku}; empty for what is usual in
    a file of that kind."""
    cart_url: str = ""
    """Template of the address that puts a product into the shop's cart, such as
    `https://shop.example/cart/{id}:1`: `{id}` is its variant's id, or its own where it has no
    variants, `{product}` its own. Empty for no button."""
    link_tags: str = Field(
        "utm_source=pounce&utm_medium=chat", pattern=r"^([\w.-]+=[\w.%+-]*(&[\w.-]+=[\w.%+-]*)*)?$"
    )
    """Parameters of links to the shop, in place of any that begin with `utm_`; empty for links as
    the shop states them."""
    picture_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    """Hosts, by commas, that pictures may be fetched from although their addresses are private:
    HOST or HOST:PORT."""
    max_photo_mb: Annotated[float, Field(gt=0, le=200)] = 10
    """Largest photo that a shopper may attach, in megabytes."""
    max_photos: Annotated[int, Field(ge=1, le=20)] = 4
    """Photos that a shopper may attach to one message."""

    host: str = "127.0.0.1"
    """Address that the chat listens on."""
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    """Port that the chat listens on."""
    allowed_hosts: str = ""
    """Names, by commas, that browsers may call the chat by, besides localhost."""
    public_url: str = ""
    """Where shoppers find the chat behind a proxy, with its path: `https://shop.example/chat`."""
    users: str = ""
    """Who may log in, by commas: NAME=HASH, as `pounce password NAME` makes it."""
    users_file: str = ""
    """A file of such users, one a line."""
    guests: bool = False
    """Whether everybody may enter without a login, each with a history of their own."""
    messages_per_minute: Annotated[int, Field(ge=0, le=10_000)] = 0
    """Messages of one user a minute; 0 is no limit."""
    messages_per_day: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """Messages of one user a day; 0 is no limit."""
    guests_per_address: Annotated[int, Field(ge=0, le=10_000)] = 1
    """How many guests one IP address may send the messages of, so that a cleared cookie brings no
    more; more than 1 where many share an address, 0 to count by cookie alone. Behind a proxy it
    takes `trusted_proxies`."""
    trusted_proxies: str = ""
    """Addresses and networks, by commas, of proxies whose `X-Forwarded-For` and
    `X-Forwarded-Proto` are believed, such as `127.0.0.1`."""
    mcp: bool = False
    """Whether other agents reach the shop's tools at `/mcp`, with a key of `agent_keys`."""
    ucp: Literal["", "keys", "open"] = ""
    """Who reaches the catalogue of the Universal Commerce Protocol at `/ucp`, with its profile at
    `/.well-known/ucp`: agents with a key (`keys`) or all (`open`). It needs `public_url`."""
    ucp_profiles: Literal["check", "open"] = "check"
    """`check` fetches the profile that an agent names and checks its version and capabilities, as
    the protocol demands; `open` fetches nothing."""
    agent_keys: SecretStr = SecretStr("")
    """Which agents may ask, by commas: NAME=HASH, as `pounce key NAME` makes it."""
    agent_keys_file: str = ""
    """A file of such keys, one a line."""
    agent_requests_per_minute: Annotated[int, Field(ge=1, le=100_000)] = 60
    """Requests of one key a minute: over all replicas of `POUNCE_DATABASE_URL`, else of this
    process."""
    agent_requests_at_once: Annotated[int, Field(ge=1, le=100)] = 2
    """Requests of one key that one process answers at a time; a further one is refused."""
    agent_body_mb: Annotated[float, Field(gt=0, le=300)] = 16
    """Largest request of an agent in megabytes; a photo in base64 has a third more bytes than its
    file."""
    embed_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Origins, by commas, whose pages may show the chat in a frame by `/widget.js`, such as
    `https://www.shop.example`. Exact: no path, no `*`. Empty: none may, and there is no
    `/widget.js`."""
    metrics: bool | None = None
    """Whether `/metrics` has counters for Prometheus. Not set: where only this machine reaches
    it."""

    shop_title: Annotated[str, Field(min_length=1, max_length=40)] = "Pounce"
    """Name of the shop in the chat."""
    greeting: Annotated[str, Field(max_length=200)] = ""
    """The sentence above the message box; empty for Pounce's own."""
    starters: str = ""
    """Buttons of an empty chat, up to six, by semicolons; empty for the shop's categories."""
    accent: str = Field("", pattern="^(#[0-9a-fA-F]{6})?$")
    """Color of buttons, such as `#0a7d55`; shown in the nearest shade that is readable in each
    theme."""
    theme: Literal["system", "light", "dark"] = "system"
    """`system`, `light` or `dark`."""
    logo: str = ""
    """A picture file: SVG, PNG, WebP or JPEG; empty for Pounce's mark and the shop's title."""
    logo_dark: str = ""
    """The same for the dark theme; empty for `logo`."""
    favicon: str = ""
    """A picture file for the browser's tab; empty for Pounce's own."""
    locale: str = "en_US"
    """How prices are written, such as `de_DE`."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least level that the chat logs: `debug`, `info`, `warning` or `error`."""
    log_format: Literal["auto", "json", "text"] = "auto"
    """Format of the chat's log: `json`, `text`, or `auto` for text at a terminal and JSON lines
    elsewhere."""
    log_texts: bool = False
    """Whether the chat's log may hold words of shoppers and models."""

    @model_validator(mode="before")
    @classmethod
    def _fill_from_profile(cls, values: dict[str, Any]) -> dict[str, Any]:
        defaults = PROFILES.get(str(values.get("profile", "demo")), {})
        return {**defaults, **{key: value for key, value in values.items() if value != ""}}

    @field_validator("home")
    @classmethod
    def _check_home(cls, home: Path) -> Path:
        try:
            home.expanduser().resolve()
        except (RuntimeError, OSError) as error:
            raise ValueError(f"no folder can be there ({error})") from error
        return home

    @field_validator("milvus_uri")
    @classmethod
    def _check_milvus_uri(cls, uri: str) -> str:
        if uri and not re.match(r"(https?|tcp)://[^/\s]|unix:\S", uri):
            raise ValueError("an address begins with http://, https://, tcp:// or unix:")
        return uri

    @field_validator("threads")
    @classmethod
    def _check_threads(cls, where: str) -> str:
        if not re.fullmatch(r"|memory|sqlite:.+|postgres(ql)?://.+", where):
            raise ValueError("it is memory, sqlite:FILE or postgresql://…, or nothing")
        return where

    @field_validator("database_url")
    @classmethod
    def _check_database_url(cls, url: SecretStr) -> SecretStr:
        if url and not re.match(r"postgres(ql)?://", url.get_secret_value()):
            raise ValueError("an address begins with postgresql://")
        return url

    @field_validator("cart_url")
    @classmethod
    def _check_cart_url(cls, url: str) -> str:
        if url and not re.match(r"https?://[^/\s@{}]+/\S*\{(?:id|product)\}", url):
            raise ValueError("an address is http:// or https:// and a host, and names {id} behind")
        return url

    @field_validator("vision_url", "chat_url")
    @classmethod
    def _check_server_url(cls, url: str) -> str:
        if url and not re.match(r"https?://[^/\s@]+(/|$)", url):
            raise ValueError("an address is http:// or https:// and a host, without a password")
        return url

    @field_validator("locale")
    @classmethod
    def _check_locale(cls, locale: str) -> str:
        from babel import Locale, UnknownLocaleError

        try:
            return str(Locale.parse(locale.replace("-", "_")))
        except (UnknownLocaleError, ValueError) as error:
            raise ValueError("a locale is spelt like en_US or de_DE") from error

    @field_validator("public_url")
    @classmethod
    def _check_public_url(cls, url: str) -> str:
        if url and not re.fullmatch(r"https?://[^/\s@?#]+(/[\w.~/-]*)?", url):
            raise ValueError("an address is http:// or https://, a host, and perhaps a path")
        return url.rstrip("/")

    @field_validator("trusted_proxies")
    @classmethod
    def _check_trusted_proxies(cls, proxies: str) -> str:
        for each in filter(None, map(str.strip, proxies.split(","))):
            try:
                ip_network(each, strict=False)
            except ValueError as error:
                raise ValueError(f"{each} is no IP address or network, as 10.0.0.0/8 is") from error
        return proxies

    @field_validator("shop_url")
    @classmethod
    def _is_address(cls, url: str) -> str:
        if url and not re.fullmatch(r"https?://[^\s/?#@]+[^\s?#@]*", url):
            raise ValueError("write an address such as https://shop.example")
        return url.rstrip("/")

    @field_validator("picture_hosts", "embed_origins", mode="before")
    @classmethod
    def _split_by_commas(cls, names: object) -> object:
        if not isinstance(names, str):
            return names
        return tuple(filter(None, map(str.strip, names.split(","))))

    @field_validator("embed_origins")
    @classmethod
    def _check_embed_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(map(_origin, origins)))

    @field_validator("rerank_way", mode="before")
    @classmethod
    def _accept_hyphen(cls, way: object) -> object:
        return "one pass" if way == "one-pass" else way

    @model_validator(mode="after")
    def _check_together(self) -> Settings:
        if self.profile == "server" and not self.milvus_uri:
            raise ValueError("the profile 'server' needs POUNCE_MILVUS_URI, the address of Milvus")
        if self.vision_url and self.vision_model in ("", "none", "builtin"):
            raise ValueError("POUNCE_VISION_URL needs POUNCE_VISION_MODEL, the model's name there")
        if self.chat_url and ":" not in self.chat_model:
            raise ValueError("POUNCE_CHAT_URL needs POUNCE_CHAT_MODEL, such as openai:NAME")
        return self

    @property
    def reranks(self) -> bool:
        """Whether a vision model is asked to rerank, as far as the settings alone say."""
        return self.vision_model not in ("", "none") and self.rerank_trust != 0

    @property
    def float_dtype(self) -> Literal["auto", "float32", "bfloat16"]:
        """`dtype` for the models that are not the embedder, which int8 is not for."""
        return "auto" if self.dtype == "int8" else self.dtype

    @property
    def turn_limits(self) -> TurnLimits:
        """What one turn may cost."""
        return TurnLimits(
            model_calls=self.turn_model_calls,
            tool_calls=self.turn_tool_calls,
            seconds=self.turn_seconds,
            model_seconds=self.chat_timeout_s,
            tokens=self.turn_tokens,
        )

    @property
    def home_path(self) -> Path:
        """`home` as an absolute path."""
        return self.home.expanduser().resolve()


def _origin(address: str) -> str:
    """An origin as browsers spell it: lower case, without its scheme's own port.

    Raises ValueError for anything else, and for what `frame-ancestors` cannot name: an IPv6
    address, a name with letters beyond ASCII.
    """
    found = _ORIGIN.fullmatch(address.lower())
    if found is None or int(found["port"] or 1) not in range(1, 65536):
        raise ValueError(
            f"{address} is no origin. Write scheme, host and perhaps a port, without a path or *, "
            "such as https://www.shop.example"
        )
    port = found["port"] if found["port"] != _OWN_PORTS[found["scheme"]] else None
    return f"{found['scheme']}://{found['host']}" + (f":{int(port)}" if port else "")


def load_settings(**flags: object) -> Settings:
    """The settings in force; flags that are None are not given.

    Raises SetupError with one line for each offending value, naming its variable.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]  # checked by pydantic itself
    except ValidationError as error:
        raise SetupError("\n".join(map(_message, error.errors()))) from error
    except UnicodeDecodeError as error:
        raise SetupError(
            f"The file {Path('.env').resolve()} is not UTF-8. Save it as UTF-8, or move it away."
        ) from error


def _message(error: Any) -> str:
    if not error["loc"]:
        return f"Settings: {error['msg'].removeprefix('Value error, ')}."
    name = str(error["loc"][0])
    message = error["msg"].removeprefix("Value error, ").rstrip(".")
    # An address may hold a password by mistake.
    given = re.sub(r"//\S*@", "//…@", str(error["input"]))
    if Settings.model_fields[name].annotation is SecretStr:
        given = "…"
    return (
        f"POUNCE_{name.upper()}={given}: {message}. "
        f"Set it to another value, or unset it for the default."
    )
