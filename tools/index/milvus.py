"""A catalogue's products in Milvus, embedded or on a server: the only module that talks to it.

langchain-milvus holds the connection and offers the collection as a LangChain retriever. What
it cannot carry goes through the client that it holds: upserts (it inserts, and Milvus does not
refuse a second row of one id), a vector beside BM25, and aliases.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tools.errors import SearchIndexError
from tools.index.filters import expression, ids_expression
from tools.index.schema import (
    FACTS,
    SCHEMA_VERSION,
    from_row,
    make_index_params,
    make_schema,
    to_row,
)
from tools.index.words import search_terms
from tools.product import Filters, Product

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings
    from langchain_milvus import Milvus
    from pymilvus import MilvusClient

    from tools.embedding.base import FloatArray

LITE_LIMIT = 20_000
"""Products up to which the embedded Milvus is a good choice: it scans every row in Python."""

_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Hit:
    """A product's id in one list of a search; a higher score is better within that list."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class Address:
    """Where Milvus is. `token` is "user:password" or an API key, or empty."""

    uri: str
    token: str = ""
    timeout_s: float = 30

    def arguments(self) -> dict[str, Any]:
        """As langchain-milvus and pymilvus take it."""
        token = {"token": self.token} if self.token else {}
        return {"uri": self.uri, "timeout": self.timeout_s, **token}


def connect(address: Address) -> MilvusClient:
    """A client, after one answer from the server. Raises SearchIndexError when there is none."""
    from pymilvus import MilvusClient

    with mapped_errors():
        client = MilvusClient(**address.arguments())
        client.list_collections()
    return client


class ProductIndex:
    """The collection behind one alias. Reading and writing; safe to share between threads.

    A collection carries the fingerprint of the embedder that filled it. `alias` points to the
    collection that searches see; another embedder fills one beside it, see `publish`.
    """

    def __init__(self, client: MilvusClient, address: Address, alias: str) -> None:
        self._client = client
        self._address = address
        self.alias = alias

    def check(self, fingerprint: str) -> None:
        """Raises SearchIndexError if there is no collection, or another embedder filled it."""
        found = self._behind_alias()
        if found is None:
            raise SearchIndexError(
                f"Milvus has no collection {self.alias!r}. Ingest the catalogue: pounce ingest FILE"
            )
        if found != self._name(fingerprint):
            raise SearchIndexError(
                f"The products in {self.alias!r} were embedded by another model than the one in "
                f"use ({fingerprint}). Ingest the catalogue again, or set the embedder back."
            )
        with mapped_errors():
            # A server that was started again holds its collections on disk until asked.
            self._client.load_collection(found)

    def _behind_alias(self) -> str | None:
        with mapped_errors():
            if not self._client.has_collection(self.alias):
                return None
            return str(self._client.describe_collection(self.alias)["collection_name"])

    def _name(self, fingerprint: str) -> str:
        """The fingerprint goes into the name: Milvus Lite keeps no collection description."""
        mark = hashlib.sha256(fingerprint.encode()).hexdigest()[:16]
        return f"{self.alias}_v{SCHEMA_VERSION}_{mark}"

    def collection_for(self, fingerprint: str, dim: int) -> str:
        """The name of the collection that this embedder fills, made if it is not there."""
        name = self._name(fingerprint)
        with mapped_errors():
            if not self._client.has_collection(name):
                self._client.create_collection(
                    name,
                    schema=make_schema(dim, f"Pounce, embedded by {fingerprint}"),
                    index_params=make_index_params(),
                    consistency_level="Session",
                )
        return name

    def publish(self, collection: str) -> None:
        """Points the alias to this collection, then drops the one it pointed to before."""
        with mapped_errors():
            old = self._behind_alias()
            if old is None:
                self._client.create_alias(collection, self.alias)
            elif old != collection:
                self._client.alter_alias(collection, self.alias)
                self._client.drop_collection(old)

    def upsert(
        self, collection: str, rows: Sequence[tuple[Product, FloatArray, FloatArray, str]]
    ) -> None:
        """Writes (product, picture vector, words vector, content hash); an id counts once."""
        if rows:
            with mapped_errors():
                self._client.upsert(collection, [to_row(*row) for row in rows])

    def delete(self, collection: str, ids: Sequence[str]) -> None:
        """Removes products by id; unknown ids do not matter."""
        for start in range(0, len(ids), _PAGE):
            with mapped_errors():
                self._client.delete(collection, filter=ids_expression(ids[start : start + _PAGE]))

    def count(self, collection: str | None = None) -> int:
        """How many products there are."""
        with mapped_errors():
            found = self._client.query(
                collection or self.alias, filter="", output_fields=["count(*)"]
            )
        return int(found[0]["count(*)"])

    def content_hashes(self, collection: str) -> dict[str, str]:
        """What is there: id → hash of the content that was embedded."""
        return {row["id"]: row["content_hash"] for row in self._scan(collection, ["content_hash"])}

    def all_products(self, collection: str | None = None) -> Iterator[Product]:
        """Every product, in no order."""
        return map(from_row, self._scan(collection or self.alias, list(FACTS)))

    def products(self, ids: Sequence[str]) -> dict[str, Product]:
        """The products of these ids that are there."""
        if not ids:
            return {}
        with mapped_errors():
            rows = self._client.query(
                self.alias, filter=ids_expression(ids), output_fields=["id", *FACTS]
            )
        return {row["id"]: from_row(row) for row in rows}

    def nearest(
        self, column: Literal["picture", "words"], vector: FloatArray, filters: Filters, limit: int
    ) -> list[Hit]:
        """Products by cosine to a (dim,) vector, best first, that pass the filters."""
        return self._search(column, vector.tolist(), "COSINE", filters, limit)

    def full_text(self, text: str, filters: Filters, limit: int) -> list[Hit]:
        """Products by BM25 of the words, best first, that pass the filters; [] for no words."""
        terms = search_terms(text)
        if not terms:
            return []
        return self._search("bm25", terms, "BM25", filters, limit)

    def _search(
        self, column: str, data: object, metric: str, filters: Filters, limit: int
    ) -> list[Hit]:
        with mapped_errors():
            found = self._client.search(
                self.alias,
                data=[data],
                anns_field=column,
                filter=expression(filters),
                limit=limit,
                output_fields=["id"],
                search_params={"metric_type": metric, "params": {}},
            )
        # Milvus Lite gives BM25 as a negative distance; the order is best first on every Milvus.
        return [Hit(hit["id"], abs(float(hit["distance"]))) if metric == "BM25"
                else Hit(hit["id"], float(hit["distance"])) for hit in found[0]]  # fmt: skip

    def _scan(self, collection: str, columns: list[str]) -> Iterator[dict[str, Any]]:
        with mapped_errors():
            pages = self._client.query_iterator(
                collection, batch_size=_PAGE, filter="", output_fields=["id", *columns]
            )
            while page := pages.next():
                yield from page
            pages.close()

    def as_vector_store(self, embedding: Embeddings) -> Milvus:
        """The collection as LangChain's vector store, for `as_retriever` and other chains.

        Searches the picture vectors; `expr` of its search keywords takes `filters.expression`.
        """
        from langchain_milvus import Milvus

        with mapped_errors():
            store = Milvus(
                embedding_function=embedding,
                collection_name=self.alias,
                connection_args=self._address.arguments(),
                primary_field="id",
                text_field="terms",
                vector_field="picture",
                search_params={"metric_type": "COSINE", "params": {}},
            )
        # Without this every result would carry the vectors of the other columns.
        store.fields = ["id", "terms", *FACTS]
        return store


@contextmanager
def mapped_errors() -> Iterator[None]:
    """Milvus' and gRPC's errors as SearchIndexError, with what to do."""
    import grpc
    from pymilvus.exceptions import MilvusException

    try:
        yield
    except (MilvusException, grpc.RpcError, ConnectionError) as error:
        text = str(getattr(error, "message", "") or error).strip()
        raise SearchIndexError(
            f"Milvus did not do what was asked: {text[:300]}. "
            "Check POUNCE_MILVUS_URI and that it runs: pounce doctor"
        ) from error
