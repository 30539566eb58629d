"""A catalogue's products in Milvus, embedded or on a server: the only module that talks to it.

langchain-milvus searches by vector under a filter, and offers the collection as a LangChain
retriever. What it cannot carry goes through the pymilvus client that it holds: upserts (it
inserts, and Milvus does not refuse a second row of one id), deleting with an error when that
fails, full text beside a vector of our own, iterators and aliases.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar

from langchain_core.embeddings import Embeddings

from tools.errors import SearchIndexError
from tools.index.filters import (
    HAS_PICTURE,
    beyond_expression,
    codes_expression,
    expression,
    ids_expression,
    says,
)
from tools.index.schema import (
    READ_VERSIONS,
    SEARCHING,
    Hashes,
    VectorIndex,
    fact_columns,
    from_row,
    hash_columns,
    make_index_params,
    make_schema,
    read_hashes,
    to_row,
    version_of,
)
from tools.index.sieve import SCHEMA_VERSION
from tools.index.stemming import search_terms
from tools.product import Filters, Product
from tools.rank_fusion import Hit

if TYPE_CHECKING:
    from langchain_milvus import Milvus
    from pymilvus import MilvusClient

    from tools.embedding.base import FloatArray

LITE_LIMIT = 20_000
"""Products up to which the embedded Milvus is a good choice: it scans every row in Python."""

_PAGE = 1_000
_COPIED_AT_ONCE = 256
_LITE = "milvus_lite"
"""How the embedded Milvus begins its version."""

_UNAVAILABLE = 2
"""pymilvus' code for a server that cannot be reached."""

_NO_COLLECTION = 100
"""Its code for a collection that is not there."""

T = TypeVar("T")
Column = Literal["picture", "words"]
DENSE: tuple[Column, ...] = ("picture", "words")
logger = logging.getLogger("pounce.index")


class UnreachableError(SearchIndexError):
    """No Milvus answers at the address."""


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


@dataclass(frozen=True, slots=True)
class Priced:
    """A product by what it can be sorted by."""

    id: str
    price_minor: int | None
    currency: str
    rating: float | None
    rating_count: int | None


def priced(product: Product) -> Priced:
    """What a product can be sorted by."""
    return Priced(
        product.id,
        product.price_minor,
        product.currency,
        product.rating,
        product.rating_count,
    )


class Stored(NamedTuple):
    """A product as it is written; vectors (dim,)."""

    product: Product
    picture: FloatArray
    words: FloatArray
    hashes: Hashes


def connect(address: Address) -> MilvusClient:
    """A client, after one answer from the server. Raises SearchIndexError when there is none."""
    from pymilvus import MilvusClient

    with suppress(ImportError):  # it is optional
        # pymilvus imports it within a request: two threads at once would see half a module.
        import scipy.sparse  # noqa: F401
    # It warns at every scan of the embedded Milvus about a time stamp that is not needed there.
    logging.getLogger("pymilvus").setLevel(logging.ERROR)
    with mapped_errors():
        client = MilvusClient(**address.arguments())
        client.list_collections()
    return client


class ProductIndex:
    """The collection behind one alias. Reading and writing; safe to share between threads.

    A collection carries the fingerprint of the embedder that filled it. `alias` points to the
    collection in force; another embedder fills one beside it, see `publish`. What is read is what
    is in force, until `check` has bound this index to the collection of one embedder.
    """

    def __init__(
        self, reach: Callable[[], Address], alias: str, vector_index: VectorIndex = "FLAT"
    ) -> None:
        """`reach` gives the address, and starts the embedded Milvus where that is not running."""
        self._reach = reach
        self.vector_index = vector_index
        self.alias = alias
        self._reconnecting = Lock()
        self._reads = alias
        """The collection that is read, by its name or by the alias."""
        self._connect()

    def _connect(self) -> None:
        self._address = self._reach()
        self._client = connect(self._address)
        self._stores = {column: self._store(column, ByVector()) for column in DENSE}

    def _store(self, column: Column, embedding: Embeddings) -> Milvus:
        from langchain_milvus import Milvus

        with mapped_errors():
            return Milvus(
                embedding_function=embedding,
                collection_name=self._reads,
                connection_args=self._address.arguments(),
                primary_field="id",
                text_field="title",
                vector_field=column,
                search_params={"metric_type": "COSINE", "params": SEARCHING[self.vector_index]},
            )

    def _ask(self, request: Callable[[MilvusClient], T]) -> T:
        """The server's answer. A server that is gone is looked for once more.

        The embedded Milvus may have been killed and listens elsewhere when it runs again. Every
        request here may be sent twice: it reads, or writes what the same id makes the same.
        """
        client = self._client
        try:
            with mapped_errors():
                return request(client)
        except UnreachableError as error:
            logger.warning("reconnecting to Milvus: %s", error)
            with self._reconnecting:
                if self._client is client:
                    self._connect()
                    self._load()
            with mapped_errors():
                return request(self._client)

    def _load(self) -> None:
        """A server that was started again holds its collections on disk until asked."""
        with mapped_errors():
            if self._client.has_collection(self._reads):
                about = self._client.describe_collection(self._reads)
                self._client.load_collection(about["collection_name"])

    def check(self, fingerprint: str) -> None:
        """Binds this index to the collection in force: a later switch of the alias changes nothing.

        Vectors of two embedders cannot be compared, so a reader stays with the collection of its
        own. Raises SearchIndexError if there is none, or another embedder filled it.
        """
        found = self._behind(self.alias)
        if found is None:
            raise SearchIndexError(
                f"Milvus has no collection {self.alias!r}. Ingest the catalogue: pounce ingest FILE"
            )
        if found not in [self._name(fingerprint, version) for version in READ_VERSIONS]:
            raise SearchIndexError(
                f"The products in {self.alias!r} were embedded by another model than the one in "
                f"use ({fingerprint}), or lie under another index. Ingest the catalogue again, or "
                "set the embedder and POUNCE_MILVUS_INDEX back."
            )
        if self._reads != found:
            self._reads = found
            self._stores = {column: self._store(column, ByVector()) for column in DENSE}
        self._load()

    def _behind(self, alias: str) -> str | None:
        def look(client: MilvusClient) -> str | None:
            if not client.has_collection(alias):
                return None
            return str(client.describe_collection(alias)["collection_name"])

        return self._ask(look)

    def _name(self, fingerprint: str, version: int = SCHEMA_VERSION) -> str:
        """The fingerprint goes into the name: Milvus Lite keeps no collection description."""
        kind = "" if self.vector_index == "FLAT" else f" {self.vector_index}"
        mark = hashlib.sha256(f"{fingerprint}{kind}".encode()).hexdigest()[:16]
        return f"{self.alias}_v{version}_{mark}"

    def collection_for(self, fingerprint: str, dims: Mapping[str, int]) -> str:
        """The name of the collection that this embedder fills, made if it is not there.

        `dims` are the sizes of its vectors, by the names of `schema.VECTORS`.

        Where the one in force has an older schema, or the one that an interrupted ingest was
        filling, its products are copied with their vectors: none is embedded again.
        """
        name = self._name(fingerprint)

        def make(client: MilvusClient) -> None:
            if client.has_collection(name):
                client.load_collection(name)
                return
            client.create_collection(
                name,
                schema=make_schema(dims, f"Pounce, embedded by {fingerprint}"),
                index_params=make_index_params(self.vector_index),
                consistency_level="Session",
            )

        self._ask(make)
        for older in (self._name(fingerprint, version) for version in READ_VERSIONS[1:]):
            if older == self.in_force:
                self._copy(older, name)
            elif older in self.unfinished():
                self._copy(older, name)
                self.drop(older)
        return name

    def _copy(self, old: str, new: str) -> None:
        """Copies what `new` does not have, a page at a time: may be ended and called again."""
        logger.info("copying the products of %s into %s, which has the newer columns", old, new)
        there = self.content_hashes(new).keys()
        rows = (row for row in self._scan(old, self._whole(old)) if row["id"] not in there)
        while page := list(islice(rows, _COPIED_AT_ONCE)):
            self.upsert(new, [_stored(row) for row in page])

    def _whole(self, collection: str) -> list[str]:
        """The columns of `_stored`, besides the id."""
        version = version_of(collection)
        return [*DENSE, *hash_columns(version), *fact_columns(version)]

    @property
    def address(self) -> Address:
        """Where the server answered last."""
        return self._address

    @property
    def in_force(self) -> str | None:
        """The name of the collection behind the alias; None when none was ever published."""
        return self._behind(self.alias)

    def publish(self, collection: str) -> None:
        """Points the alias to this collection. The one before stays for those who still read it,
        under an alias of its own, until the next one takes its place."""
        old, before = self.in_force, f"{self.alias}_before"
        if old == collection:
            return
        self._point(self.alias, collection)
        if old is not None:
            retired = self._behind(before)
            self._point(before, old)
            if retired not in (None, old, collection):
                self._ask(lambda client: client.drop_collection(retired))

    def _point(self, alias: str, collection: str) -> None:
        def point(client: MilvusClient) -> None:
            if client.has_collection(alias):
                client.alter_alias(collection, alias)
            else:
                client.create_alias(collection, alias)

        self._ask(point)

    def unfinished(self) -> dict[str, int]:
        """Collections of this catalogue that were begun and never published: name → products."""
        pattern = re.compile(re.escape(self.alias) + r"_v\d+_[0-9a-f]{16}")
        known = {self._behind(self.alias), self._behind(f"{self.alias}_before")}
        names = self._ask(lambda client: list(client.list_collections()))
        begun = sorted(name for name in names if pattern.fullmatch(name) and name not in known)
        for name in begun:  # a server that was started again counts only what is loaded
            self._ask(lambda client, name=name: client.load_collection(name))  # type: ignore[misc]  # bound at once
        return {name: self.count(name) for name in begun}

    def drop(self, collection: str) -> None:
        """Removes a collection that is not in force. Raises ValueError for the one that is."""
        if collection == self.in_force:
            raise ValueError(f"{collection} is in force")
        self._ask(lambda client: client.drop_collection(collection))

    def upsert(
        self, collection: str, rows: Sequence[tuple[Product, FloatArray, FloatArray, Hashes]]
    ) -> None:
        """Writes (product, picture vector, words vector, hashes); an id counts once."""
        if rows:
            data = [to_row(*row) for row in rows]
            self._ask(lambda client: client.upsert(collection, data))

    def settle(self, collection: str) -> None:
        """Flushes after writing. Milvus Lite keeps recent rows unmerged and builds their full text
        anew at every search: 900 products cost six times as much as from a segment. A server
        merges by itself.
        """

        def flush(client: MilvusClient) -> None:
            if client.get_server_version().startswith(_LITE):
                client.flush(collection)

        self._ask(flush)

    def delete(self, collection: str, ids: Sequence[str]) -> None:
        """Removes products by id; unknown ids do not matter."""
        for start in range(0, len(ids), _PAGE):
            page = ids_expression(ids[start : start + _PAGE])
            self._ask(partial(_delete, collection=collection, expr=page))

    def count(self, collection: str | None = None) -> int:
        """How many products there are."""
        name = collection or self._reads
        found = self._ask(lambda client: client.query(name, filter="", output_fields=["count(*)"]))
        return int(found[0]["count(*)"])

    def content_hashes(self, collection: str) -> dict[str, Hashes]:
        """What is there: id → hashes of what was written."""
        columns = hash_columns(self._version(collection))
        return {row["id"]: read_hashes(row) for row in self._scan(collection, columns)}

    def content_hashes_of(self, collection: str, ids: Sequence[str]) -> dict[str, Hashes]:
        """The same for those of these ids that are there."""
        columns = ["id", *hash_columns(self._version(collection))]
        return {row["id"]: read_hashes(row) for row in self._rows(collection, ids, columns)}

    def stored(self, collection: str, ids: Sequence[str]) -> dict[str, Stored]:
        """Products with their vectors, those of these ids that are there."""
        rows = self._rows(collection, ids, ["id", *self._whole(collection)])
        return {row["id"]: _stored(row) for row in rows}

    def _rows(
        self, collection: str, ids: Sequence[str], columns: list[str]
    ) -> Iterator[dict[str, Any]]:
        for start in range(0, len(ids), _PAGE):
            page = ids_expression(ids[start : start + _PAGE])
            yield from self._ask(partial(_query, collection=collection, expr=page, columns=columns))

    def all_products(self, collection: str | None = None) -> Iterator[Product]:
        """Every product, in no order."""
        name = collection or self._reads
        return map(from_row, self._scan(name, fact_columns(self._version(name))))

    def products(self, ids: Sequence[str]) -> dict[str, Product]:
        """The products of these ids that are there."""
        if not ids:
            return {}
        columns = ["id", *fact_columns(self._version(self._reads))]
        return {row["id"]: from_row(row) for row in self._rows(self._reads, ids, columns)}

    def _version(self, collection: str) -> int:
        """Of the schema; asks the server for what stands behind the alias."""
        name = (self.in_force or "") if collection == self.alias else collection
        return version_of(name)

    def _expression(self, filters: Filters) -> str:
        return expression(filters, self._version(self._reads))

    def _column_expression(self, column: Column, filters: Filters) -> str:
        expr = self._expression(filters)
        if column == "picture":
            expr = f"({expr}) and {HAS_PICTURE}" if expr else HAS_PICTURE
        return expr

    def nearest(
        self, column: Column, vector: FloatArray, filters: Filters, limit: int
    ) -> list[Hit]:
        """Products by cosine to a (dim,) vector, best first, that pass the filters.

        By pictures, only products that have one.
        """
        expr = self._column_expression(column, filters)

        def search(_: MilvusClient) -> Any:
            store = self._stores[column]
            # Without this every result would carry the vectors of the other columns.
            store.fields = ["id", "title"]
            return store.similarity_search_with_score_by_vector(vector.tolist(), k=limit, expr=expr)

        return [Hit(found.metadata["id"], float(score)) for found, score in self._ask(search)]

    def nearest_of_each(
        self, column: Column, vectors: FloatArray, filters: Filters, limit: int
    ) -> list[list[Hit]]:
        """The same to each of (n, dim) vectors in one request, without what langchain-milvus makes
        of each product."""
        found = self._ask(
            lambda client: client.search(
                self._reads,
                data=vectors.tolist(),
                anns_field=column,
                filter=self._column_expression(column, filters),
                limit=limit,
                output_fields=["id"],
                search_params={"metric_type": "COSINE", "params": SEARCHING[self.vector_index]},
            )
        )
        return [[Hit(hit["id"], float(hit["distance"])) for hit in hits] for hits in found]

    def full_text(self, text: str, filters: Filters, limit: int) -> list[Hit]:
        """Products by BM25 of the words, best first, that pass the filters; [] for no words.

        The share of a hit is that of the distinct words of `text` which the product says.
        """
        terms, expr = search_terms(text), self._expression(filters)
        if not terms:
            return []
        found = self._ask(
            lambda client: client.search(
                self._reads,
                data=[terms],
                anns_field="bm25",
                filter=expr,
                limit=limit,
                output_fields=["id", "terms"],
                search_params={"metric_type": "BM25", "params": {}},
            )
        )
        asked = frozenset(terms.split())
        # Milvus Lite gives a negative distance; best first it is on every Milvus.
        return [
            Hit(
                hit["id"],
                abs(float(hit["distance"])),
                len(asked.intersection(hit["entity"]["terms"].split())) / len(asked),
            )
            for hit in found[0]
        ]

    def priced(self, text: str, filters: Filters) -> list[Priced]:
        """Everything that passes the filters and says every word, in no order."""
        said = [says(term) for term in search_terms(text).split()]
        expr = " and ".join(part for part in (self._expression(filters), *said) if part)
        columns = ["price_minor", "currency", "rating", "rating_count"]
        return [
            Priced(row["id"], row["price_minor"], row["currency"], row["rating"],
                   row["rating_count"])
            for row in self._scan(self._reads, columns, expr)
        ]  # fmt: skip

    def passing(self, text: str, filters: Filters) -> Iterator[Product]:
        """The products of `priced`, whole."""
        said = [says(term) for term in search_terms(text).split()]
        expr = " and ".join(part for part in (self._expression(filters), *said) if part)
        return map(
            from_row, self._scan(self._reads, fact_columns(self._version(self._reads)), expr)
        )

    def with_ids(self, ids: Sequence[str], filters: Filters) -> list[str]:
        """Those of these ids whose products are there and pass the filters."""
        if not ids:
            return []
        expr = " and ".join(filter(None, (ids_expression(ids), self._expression(filters))))
        return [row["id"] for row in self._scan(self._reads, [], expr)]

    def with_codes(self, codes: Sequence[str], filters: Filters) -> list[str]:
        """Ids of the products that pass the filters and have one of these codes."""
        if not codes:
            return []
        coded = codes_expression(codes, self._version(self._reads))
        expr = " and ".join(filter(None, (coded, self._expression(filters))))
        return [row["id"] for row in self._scan(self._reads, [], expr)]

    def _scan(
        self, collection: str, columns: list[str], expr: str = ""
    ) -> Iterator[dict[str, Any]]:
        """Every row that passes `expr`. Each page is asked for by an iterator of its own, which
        sorts it by id.

        One iterator for all of them would write the last id of a page into an expression as it
        is, and fall over a quote in it.
        """
        wanted = expr
        while page := self._ask(
            partial(_first_page, collection=collection, expr=wanted, columns=["id", *columns])
        ):
            yield from page
            beyond = beyond_expression(page[-1]["id"])
            wanted = f"({expr}) and {beyond}" if expr else beyond

    def as_vector_store(self, embedding: Embeddings) -> Milvus:
        """The collection as LangChain's vector store, for `as_retriever` and other chains.

        Searches the picture vectors; `expr` of its search keywords takes `filters.expression`.
        """
        store = self._store("picture", embedding)
        store.fields = ["id", *fact_columns(self._version(self._reads))]
        return store


def _stored(row: dict[str, Any]) -> Stored:
    """What `ProductIndex.upsert` writes, read back from a row of any version."""
    import numpy as np

    picture, words = (np.asarray(row[column], dtype=np.float32) for column in DENSE)
    return Stored(from_row(row), picture, words, read_hashes(row))


class ByVector(Embeddings):
    """Stands where langchain-milvus wants a model for words; ours are embedded before."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:  # noqa: ARG002
        """Raises TypeError: this store takes vectors."""
        raise TypeError("this store is searched by vector, not by words")

    def embed_query(self, text: str) -> list[float]:  # noqa: ARG002
        """Raises TypeError: this store takes vectors."""
        raise TypeError("this store is searched by vector, not by words")


def _first_page(
    client: MilvusClient, *, collection: str, expr: str, columns: list[str]
) -> list[dict[str, Any]]:
    pages = client.query_iterator(
        collection, batch_size=_PAGE, limit=_PAGE, filter=expr, output_fields=columns
    )
    page = list(pages.next())
    pages.close()
    return page


def _query(
    client: MilvusClient, *, collection: str, expr: str, columns: list[str]
) -> list[dict[str, Any]]:
    return list(client.query(collection, filter=expr, output_fields=columns))


def _delete(client: MilvusClient, *, collection: str, expr: str) -> None:
    client.delete(collection, filter=expr)


@contextmanager
def mapped_errors() -> Iterator[None]:
    """Milvus' and gRPC's errors as SearchIndexError, with what to do; UnreachableError if down."""
    import grpc
    from pymilvus.exceptions import MilvusException

    try:
        yield
    except (MilvusException, grpc.RpcError, ConnectionError) as error:
        text = str(getattr(error, "message", "") or error).strip()
        if getattr(error, "code", None) == _NO_COLLECTION:
            raise SearchIndexError(
                "The products were ingested again, by another model or version, and the collection "
                "that was read is gone. Start this program again."
            ) from error
        down = getattr(error, "code", None) == _UNAVAILABLE or isinstance(error, ConnectionError)
        raise (UnreachableError if down else SearchIndexError)(
            f"Milvus did not do what was asked: {text[:300]}. "
            "Check POUNCE_MILVUS_URI and that it runs: pounce doctor"
        ) from error
