"""The data folder and what it is used with: models, Milvus, catalogues."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from tools.catalogue.registry import Entry, Registry, check_name, collection_alias
from tools.catalogue.source import catalogue_name
from tools.embedding.registry import (
    EMBEDDERS,
    EmbedderChoice,
    open_embedder,
    open_text_embedder,
)
from tools.errors import CatalogueError, SearchIndexError

if TYPE_CHECKING:
    from tools.catalogue.reader import Wanted
    from tools.embedding.base import Embedder
    from tools.index.milvus import Address, ProductIndex
    from tools.index.schema import VectorIndex
    from tools.ingest import Progress, Report
    from tools.ingest.embedding_workers import Embedding
    from tools.ingest.look import Look
    from tools.ingest.pending import Pending
    from tools.ingest.pipeline import ReadTexts
    from tools.search.list_weights import Weights
    from tools.search.shop import Shop

DEMO = "demo"
"""The name of the built-in shop."""

Drawn = Callable[[int, int], None]


@dataclass(frozen=True)
class Workspace:
    """A folder and what it is used with. Nothing is loaded or started until it is needed."""

    path: Path
    milvus_uri: str = ""
    """Empty for the embedded Milvus in `path`."""
    milvus_token: str = ""
    milvus_timeout_s: float = 30
    milvus_index: VectorIndex = "FLAT"
    """Of a server; the embedded Milvus has FLAT alone."""
    embedder_choice: EmbedderChoice = field(default_factory=EmbedderChoice)
    currency: str = "USD"
    shop_url: str = ""
    """For links of products, see `tools.catalogue.links`."""
    link_template: str = ""
    picture_hosts: tuple[str, ...] = ()
    """Hosts ("host:port") of pictures that may have addresses that are not public."""

    @cached_property
    def registry(self) -> Registry:
        """The catalogues of this folder."""
        return Registry(self.path)

    @property
    def interrupted(self) -> dict[str, Pending]:
        """Ingests that were interrupted or are running, by the names of their catalogues."""
        from tools.ingest.pending import PendingNotes

        notes = PendingNotes(self.path).all()
        notes.pop(DEMO, None)  # it is resumed by `prepare_demo`
        return notes

    @cached_property
    def embedder(self) -> Embedder:
        """The model, loaded once."""
        return open_embedder(self.calibrated_choice)

    @property
    def calibrated_choice(self) -> EmbedderChoice:
        """The choice of an embedder, with this folder's calibration of int8."""
        choice = self.embedder_choice
        return replace(choice, calibration=str(self.path / "int8" / f"{choice.name}.safetensors"))

    @property
    def weights(self) -> Weights:
        """How much each list of a search counts with this embedder."""
        from tools.search.list_weights import LISTS

        return LISTS[EMBEDDERS[self.embedder_choice.name].lists]

    def start_server(self) -> None:
        """Begins to start the embedded Milvus, which takes seconds of another process.

        `address` waits for it, and raises what went wrong.
        """
        if not self.milvus_uri:
            Thread(target=self._start_server, name="pounce-milvus", daemon=True).start()

    def _start_server(self) -> None:
        from tools.index.local_server import ensure_server

        with suppress(SearchIndexError):  # raised again where the index is needed
            ensure_server(self.path / "milvus")

    def address(self) -> Address:
        """Where Milvus answers; starts the embedded one if it does not run yet."""
        from tools.index.local_server import ensure_server
        from tools.index.milvus import Address

        uri = self.milvus_uri or ensure_server(self.path / "milvus")
        return Address(uri, self.milvus_token, self.milvus_timeout_s)

    def index(self, name: str) -> ProductIndex:
        """The collection of a catalogue, which may not be there yet."""
        from tools.index.milvus import ProductIndex

        kind = self.milvus_index if self.milvus_uri else "FLAT"
        return ProductIndex(self.address, collection_alias(name), kind)

    def ingest(
        self,
        path: Path | str,
        *,
        name: str = "",
        wanted: Wanted | None = None,
        prune: bool = False,
        activate: bool = True,
        workers: int = 1,
        ray: str | None = None,
        progress: Progress = lambda _: None,
    ) -> Report:
        """Reads a catalogue under a name (the file's own if none) and makes it the active one.

        `path` may be an address. `workers` is the number of processes that embed;
        `ray` is the address of the Ray cluster that they are on, "" for one on this machine.
        Raises CatalogueError for a name that cannot be one, or that is the built-in shop's.
        """
        from tools.catalogue.reader import Wanted

        name = self.free_name(path, name)
        wanted = self._with_links(wanted or Wanted(currency=self.currency))
        return self._ingest(path, name, wanted, prune, activate, progress, workers, ray)

    def _with_links(self, wanted: Wanted) -> Wanted:
        return replace(wanted, shop_url=self.shop_url, link_template=self.link_template)

    def look(self, path: Path | str, *, wanted: Wanted, most: int) -> Look:
        """How a catalogue is understood, and its first products; nothing is written of it.

        Raises CatalogueError for one that cannot be read at all.
        """
        from tools.ingest.look import look
        from tools.media.fetch import open_fetcher

        fetcher = open_fetcher(self.path, self.picture_hosts)
        return look(path, self._with_links(wanted), self.path, fetcher, most=most)

    @staticmethod
    def free_name(path: Path | str, name: str = "") -> str:
        """The name that an ingest gives to a catalogue: the one given, else the file's own.

        Raises CatalogueError for one that cannot be a name, or that is the built-in shop's.
        """
        name = check_name(name or catalogue_name(path))
        if name == DEMO:
            raise CatalogueError(
                f"{DEMO!r} is the name of the built-in shop. Choose another one with --name."
            )
        return name

    def _ingest(
        self,
        path: Path | str,
        name: str,
        wanted: Wanted,
        prune: bool,
        activate: bool,
        progress: Progress,
        workers: int = 1,
        ray: str | None = None,
    ) -> Report:
        from tools.demo.shop.vectors import ShippedVectors, read_vectors
        from tools.ingest import ingest
        from tools.ingest.embedding_workers import Processes, devices_for
        from tools.ingest.ray_data import Cluster
        from tools.media.fetch import open_fetcher

        self.start_server()
        choice = self.calibrated_choice
        if choice.dtype == "int8":
            from tools.ingest.int8_guard import prepare_int8

            prepare_int8(choice, path, wanted, self.path, self.picture_hosts)
        with ExitStack() as opened:
            text_embedder = None
            embedder: Embedder | Embedding | Cluster
            if ray is not None:
                gpus = 1.0 if choice.device.startswith("cuda") else 0.0
                embedder = opened.enter_context(Cluster(choice, workers, address=ray, gpus=gpus))
            elif workers > 1:
                processes = Processes(choice, devices_for(workers, choice.device), self.path)
                embedder = opened.enter_context(processes)
            elif name == DEMO and (shipped := read_vectors(self.embedder.fingerprint)):
                embedder = ShippedVectors(shipped, self.embedder, self.path)
            else:
                embedder, text_embedder = self.embedder, open_text_embedder(choice)
            return ingest(
                path,
                name=name,
                home=self.path,
                registry=self.registry,
                index=self.index(name),
                embedder=embedder,
                text_embedder=text_embedder,
                wanted=wanted,
                fetcher=open_fetcher(self.path, self.picture_hosts),
                prune=prune,
                activate=activate,
                read_texts=self._text_reader() if ray is None and workers == 1 else None,
                progress=progress,
            )

    def _text_reader(self) -> ReadTexts | None:
        """A function that stores the token vectors of products; None where the embedder compares no
        tokens."""
        from tools.search.token_store import TokenStore

        if not self.embedder.compares_tokens:
            return None
        return TokenStore(self.embedder, self._tokens).prepare

    def resume(self, name: str, *, progress: Progress = lambda _: None) -> Report:
        """Resumes an interrupted ingest with the arguments of its call.

        Raises CatalogueError when none of that name was interrupted.
        """
        pending = self._interrupted(name)
        return self.ingest(
            pending.path,
            name=name,
            wanted=pending.wanted,
            prune=pending.prune,
            progress=progress,
        )

    def discard(self, name: str) -> int:
        """Drops the collections that an interrupted ingest was filling; gives back how many
        products they held. What it wrote into the collection in force stays and is not counted.

        Raises CatalogueError when none of that name was interrupted.
        """
        from tools.ingest.pending import PendingNotes

        self._interrupted(name)
        index = self.index(name)
        begun = index.unfinished()
        for collection in begun:
            index.drop(collection)
        PendingNotes(self.path).forget(collection_alias(name))
        return sum(begun.values())

    def _interrupted(self, name: str) -> Pending:
        pending = self.interrupted
        if name not in pending:
            known = ", ".join(pending) or "none"
            raise CatalogueError(
                f"No ingest of {name!r} was interrupted (there are: {known}). "
                "To take a catalogue in: pounce ingest FILE."
            )
        return pending[name]

    def prepare_demo(
        self, *, activate: bool, drawn: Drawn = lambda *_: None, progress: Progress = lambda _: None
    ) -> None:
        """Draws and ingests the built-in shop, where that is not done yet."""
        from tools.catalogue.reader import Wanted
        from tools.demo.shop.files import write_shop

        with ThreadPoolExecutor(1, "load") as beside:
            loading = beside.submit(self._load)  # while other processes draw
            products = write_shop(self.path / DEMO, progress=drawn)
            loading.result()
        if not self._is_in(products):
            self._ingest(products, DEMO, Wanted(currency=self.currency), True, activate, progress)
        elif activate:
            self.registry.use(DEMO)

    def _load(self) -> None:
        """Loads what every ingest and search needs; takes seconds, nearly all of them imports."""
        if self.calibrated_choice.dtype != "int8":  # which an ingest may have to calibrate first
            _ = self.embedder
        self.index(DEMO)

    def _is_in(self, products: Path) -> bool:
        """Whether the built-in shop was ingested since it was drawn, by the embedder in use."""
        entry = {e.name: e for e in self.registry.entries()}.get(DEMO)
        if entry is None:
            return False
        choice = self.calibrated_choice
        if choice.dtype == "int8" and not Path(choice.calibration).is_file():
            return False
        drawn_at = datetime.fromtimestamp(products.stat().st_mtime, UTC)
        if datetime.fromisoformat(entry.ingested_at) < drawn_at.replace(microsecond=0):
            return False
        try:
            self.index(DEMO).check(self.embedder.fingerprint)
        except SearchIndexError:
            return False
        return True

    def name_of(self, catalogue: str | Path) -> str:
        """The name that is given, of the active one for "", and of a file as `ingest` names it."""
        if isinstance(catalogue, Path):
            return catalogue_name(catalogue)
        active = self.registry.active()
        return catalogue or (active.name if active else DEMO)

    def entry(self, name: str = "") -> Entry | None:
        """The catalogue of that name, or the active one; None when there is none yet."""
        return self.registry.get(name) if name else self.registry.active()

    def prepare(
        self, name: str = "", *, drawn: Drawn = lambda *_: None, progress: Progress = lambda _: None
    ) -> Entry:
        """The catalogue named, else the active one, else the built-in shop, drawn and ingested."""
        entry = self.entry(name)
        self.start_server()
        if entry is None or entry.name == DEMO:
            self.prepare_demo(activate=entry is None, drawn=drawn, progress=progress)
            entry = self.registry.get(DEMO)
        return entry

    def open_shop(
        self, name: str = "", *, drawn: Drawn = lambda *_: None, progress: Progress = lambda _: None
    ) -> Shop:
        """A catalogue to search, see `prepare`.

        Raises SearchIndexError when another embedder filled its index.
        """
        from tools.search.shop import Shop

        entry = self.prepare(name, drawn=drawn, progress=progress)
        index = self.index(entry.name)
        return Shop(entry, self.registry, index, self.embedder, self.weights, self._tokens)

    @property
    def _tokens(self) -> Path:
        """The file of token vectors."""
        return self.path / "tokens.sqlite"
