"""The shop to evaluate: an ingested catalogue, or a copy for the evaluation alone."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tools.catalogue.vocabulary import Vocabulary, count_vocabulary
from tools.embedding.registry import EmbedderChoice, open_embedder, open_text_embedder
from tools.money import to_decimal
from tools.product import Product
from tools.search.list_weights import Weights
from tools.search.shop import Shop
from tools.workspace import DEMO, Workspace

if TYPE_CHECKING:
    from tools.catalogue.cells import SetAside
    from tools.embedding.base import Embedder
    from tools.ingest import Progress
    from tools.workspace import Drawn

NAME = "measured"
"""Name of the copy in its own workspace."""
_IDLE_S = 5
"""Idle time after which the Milvus of a killed run ends by itself."""


@dataclass(frozen=True, slots=True)
class HiddenFields:
    """Fields of the products that are hidden from the search."""

    titles: bool = False
    colors: bool = False

    def seen(self, product: Product) -> Product:
        """The product as the search sees it, in its texts and behind its picture alike."""
        if self.titles:
            product = replace(product, title="")
        return replace(product, color="") if self.colors else product


NOTHING_HIDDEN = HiddenFields()


@dataclass(frozen=True, slots=True)
class OpenedShop:
    """A shop to evaluate, and its products with all their fields."""

    shop: Shop
    facts: Mapping[str, Product]
    vocabulary: Vocabulary
    set_aside: Sequence[SetAside] = field(default_factory=tuple)
    """Rows of the catalogue's file that could not be used."""


@contextmanager
def open_for_evaluation(
    home: Workspace,
    catalogue: str | Path,
    *,
    hidden: HiddenFields = NOTHING_HIDDEN,
    lists: Sequence[str] = (),
    keep: Path | None = None,
    mapping: Mapping[str, str] | None = None,
    embedded_by: EmbedderChoice | None = None,
    drawn: Drawn = lambda *_: None,
    progress: Progress = lambda _: None,
) -> Iterator[OpenedShop]:
    """An ingested catalogue by its name ("" for the active one), or the products of a file.

    A file, or a catalogue with hidden fields or another embedder, is ingested into a workspace of
    its own: in a temporary folder that is removed afterwards, or in `keep`, where a second run
    finds what is embedded already. The given workspace stays as it is.
    """
    weights = keep_lists(home.weights, lists)
    with ExitStack() as stack:
        if isinstance(catalogue, str):
            if catalogue == DEMO:
                home.prepare_demo(activate=False, drawn=drawn, progress=progress)
            entry = home.prepare(catalogue, drawn=drawn, progress=progress)
            index = home.index(entry.name)
            if hidden == NOTHING_HIDDEN and embedded_by is None:
                shop = Shop(entry, home.registry, index, home.embedder, weights)
                facts = {product.id: product for product in index.all_products()}
                yield OpenedShop(shop, facts, entry.vocabulary)
                return
        if keep is None:
            temporary = tempfile.TemporaryDirectory(prefix="pounce-measured-")
            keep = Path(stack.enter_context(temporary))
        keep.mkdir(parents=True, exist_ok=True)
        pictures = None
        if isinstance(catalogue, str):
            products = list(index.all_products())
            catalogue = _written(products, keep / "products.jsonl")
            # They lie where the catalogue's own ingest allowed them to.
            pictures = Path(os.path.commonpath([Path(each.image).parent for each in products]))
        yield stack.enter_context(
            open_copy(
                keep,
                catalogue,
                home.embedder if embedded_by is None else open_embedder(embedded_by),
                text_embedder=open_text_embedder(embedded_by or home.embedder_choice),
                weights=weights,
                hidden=hidden,
                mapping=mapping,
                pictures=pictures,
                currency=home.currency,
                progress=progress,
            )
        )


@contextmanager
def open_copy(
    folder: Path,
    catalogue: Path,
    embedder: Embedder,
    *,
    weights: Weights,
    text_embedder: Embedder | None = None,
    hidden: HiddenFields = NOTHING_HIDDEN,
    mapping: Mapping[str, str] | None = None,
    pictures: Path | None = None,
    currency: str = "USD",
    progress: Progress = lambda _: None,
) -> Iterator[OpenedShop]:
    """The products of a file in an embedded Milvus in `folder`, which is ended afterwards."""
    from tools.catalogue.reader import Wanted
    from tools.catalogue.registry import Registry, collection_alias
    from tools.index.local_server import ensure_server, stop_server
    from tools.index.milvus import Address, ProductIndex
    from tools.ingest import ingest

    milvus, facts = folder / "milvus", {}

    def seen_as(product: Product) -> Product:
        facts[product.id] = product
        return hidden.seen(product)

    try:
        index = ProductIndex(
            lambda: Address(ensure_server(milvus, idle_s=_IDLE_S)), collection_alias(NAME)
        )
        registry = Registry(folder)
        report = ingest(
            catalogue,
            name=NAME,
            home=folder,
            registry=registry,
            index=index,
            embedder=embedder,
            text_embedder=text_embedder,
            wanted=Wanted(mapping, currency, pictures=pictures),
            prune=True,
            seen_as=seen_as,
            progress=progress,
        )
        there = index.content_hashes(index.alias)
        facts = {identity: product for identity, product in facts.items() if identity in there}
        shop = Shop(registry.get(NAME), registry, index, embedder, weights)
        vocabulary = count_vocabulary(facts.values())
        unused = [problem for problem in report.problems if not problem.used]
        yield OpenedShop(shop, facts, vocabulary, unused)
    finally:
        stop_server(milvus)


def _written(products: Iterable[Product], path: Path) -> Path:
    """The products written to a file that can be ingested again."""
    with path.open("w", encoding="utf-8") as file:
        for product in products:
            row = asdict(product)
            price = row.pop("price_minor")
            row["price"] = "" if price is None else str(to_decimal(price, product.currency))
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return path


def keep_lists(weights: Weights, lists: Sequence[str]) -> Weights:
    """The weights with all lists but these left out; as they are where `lists` is empty.

    A kind of search that has none of them is left out as a whole, see `check_searchable`.
    """
    kept = {
        kind: {name: weight for name, weight in each.items() if not lists or name in lists}
        for kind, each in weights.items()
    }
    return {kind: each for kind, each in kept.items() if each}
