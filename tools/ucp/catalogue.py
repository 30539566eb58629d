"""The three operations over one shop: a request of the protocol in, its answer out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tools.errors import PhotoError, RequestError
from tools.media.given_photo import open_photo_data
from tools.product import Filters, Match, Product, Query, Variant
from tools.search.arguments import SearchArguments
from tools.search.planning import plan_search
from tools.search.search_context import SearchContext, TurnPhoto
from tools.search.searchable_shop import SearchableShop
from tools.search.shop import MAX_LIMIT
from tools.ucp.cursors import cursor_at, fingerprint, offset_of
from tools.ucp.errors import OutcomeError, TransportError, info_message
from tools.ucp.filters import ShopFilters, shop_filters, variants_within
from tools.ucp.lookup import Found, found_products
from tools.ucp.products import Addresses, featured, product_document, sold_variants
from tools.ucp.requests import (
    MOST_IDS,
    LookupRequest,
    ProductRequest,
    SearchRequest,
    read,
)
from tools.ucp.selection import select, signals
from tools.ucp.versions import Document

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, slots=True)
class UcpCatalogue:
    """Blocking, and safe from any thread. Answers are without their `ucp` member.

    Every operation raises TransportError for a request that is wrong, and OutcomeError for one
    that has no result.
    """

    shop: SearchableShop
    addresses: Addresses
    max_photo_mb: float = 10

    def search(self, data: object) -> Document:
        """`search_catalog`: a page of products, best first."""
        asked = read(SearchRequest, data)
        filters = shop_filters(asked.filters, asked.context, self.shop.vocabulary)
        messages = list(filters.messages)
        said = asked.model_dump(mode="json", include={"query", "filters", "like", "context"})
        of = fingerprint(said)
        offset = offset_of(asked.pagination.cursor, of, MAX_LIMIT)
        matches: Sequence[Match] = ()
        if not filters.nothing:
            matches = self._matches(asked, filters, messages)
        # The order of a search depends on how many are asked for, so it is always the same number.
        whole = len(matches) < MAX_LIMIT
        matches = [each for each in matches if sold_variants(each.product)]
        page = matches[offset : offset + asked.pagination.per_page]
        end = offset + len(page)
        pagination: Document = {"has_next_page": end < len(matches)}
        if pagination["has_next_page"]:
            pagination["cursor"] = cursor_at(end, of)
        if whole:
            pagination["total_count"] = len(matches)
        return _with_messages(
            {"products": self._documents(page, filters.filters), "pagination": pagination}, messages
        )

    def lookup(self, data: object) -> Document:
        """`lookup_catalog`: the products of these ids, each with the variants that are meant."""
        asked = read(LookupRequest, data)
        ids = list(dict.fromkeys(asked.ids))
        if len(ids) > MOST_IDS:
            raise TransportError(
                f"Up to {MOST_IDS} ids are looked up at once, not {len(ids)}. Send several "
                "requests.",
                "request_too_large",
            )
        filters = shop_filters(asked.filters, asked.context, self.shop.vocabulary)
        messages = list(filters.messages)
        found, missing = found_products(self.shop, ids)
        products = []
        for each in found:
            if document := self._looked_up(each, filters):
                products.append(document)
            shown = _inputs(document) if document else []
            missing += [given for given in each.inputs if given not in shown]
        messages += [info_message("not_found", shown_id(each)) for each in missing]
        return _with_messages({"products": products}, messages)

    def product(self, data: object) -> Document:
        """`get_product`: one product, with the variants that match the chosen options."""
        asked = read(ProductRequest, data)
        filters = shop_filters(asked.filters, asked.context, self.shop.vocabulary)
        found, _ = found_products(self.shop, [asked.id])
        if not found:
            raise OutcomeError("not_found", f"Product not found: {shown_id(asked.id)}")
        product, exact_ids = found[0].product, found[0].exact
        variants = self._within(product, filters)
        exact = next((each for each in variants if each.id in exact_ids), None)
        if not variants or (exact_ids and exact is None):
            raise OutcomeError(
                "not_found", f"Product not found within the filters, or without a price: "
                f"{shown_id(asked.id)}",
            )  # fmt: skip
        chosen = [(each.name, each.label) for each in asked.selected]
        selection = select(variants, chosen, asked.preferences, exact)
        document = product_document(product, selection.variants, self.addresses)
        if product.variants:
            document["options"] = signals(sold_variants(product), selection.chosen)
            document["selected"] = [
                {"name": name, "label": value} for name, value in selection.chosen.items()
            ]
            if not document["options"]:
                del document["options"]
        return _with_messages({"product": document}, list(filters.messages))

    def _matches(
        self, asked: SearchRequest, filters: ShopFilters, messages: list[Document]
    ) -> Sequence[Match]:
        try:
            result = self.shop.search(self._query(asked, filters, messages), MAX_LIMIT)
        except (RequestError, PhotoError) as error:
            raise TransportError(str(error)) from error
        if result.unmentioned and result.matches and asked.query.strip():
            messages.append(
                info_message(
                    "nearest_only", "No product says these words: these are only the nearest."
                )
            )
        return result.matches

    def _query(self, asked: SearchRequest, filters: ShopFilters, messages: list[Document]) -> Query:
        if not asked.query.strip() and not asked.like:
            return Query(filters=filters.filters, sort="cheapest")
        pictures: dict[str, Image] = {}
        photos = [self._photo(asked, n, pictures) for n in range(len(asked.like))]
        context = SearchContext(
            photos, open=lambda photo: pictures[photo.ref], first_time=lambda _: False
        )
        given = filters.arguments | {
            "words": asked.query,
            "photo": 1 if photos else None,
            "second_photo": 2 if len(photos) > 1 else None,
        }
        plan = plan_search(SearchArguments.unchecked(given), self.shop, context)
        plan = plan.told(self.shop)
        if plan.taken_for:
            messages.append(
                info_message(
                    "words_taken_for",
                    f"No product says these words: they were taken for {plan.taken_for}.",
                )
            )
        # None of the products that a search starts from is among its results.
        liked = [each.product_id for each in photos if each.product_id]
        shop = plan.query.filters
        return replace(plan.query, filters=replace(shop, exclude_ids=(*shop.exclude_ids, *liked)))

    def _photo(self, asked: SearchRequest, place: int, pictures: dict[str, Image]) -> TurnPhoto:
        """What an entry of `like` names; its picture is added to `pictures`."""
        like, name = asked.like[place], f"like[{place}]"
        if like.image is not None:
            try:
                pictures[name] = open_photo_data(like.image.data, self.max_photo_mb)
            except PhotoError as error:
                raise TransportError(f"{name}.image: {error}") from error
            return TurnPhoto(name, ref=name)
        found, _ = found_products(self.shop, [like.id or ""])
        if not found:
            raise OutcomeError(
                "not_found", f"{name}.id: there is no such product: {shown_id(like.id or '')}",
                "recoverable",
            )  # fmt: skip
        return TurnPhoto(name, product_id=found[0].product.id)

    def _documents(self, page: Sequence[Match], filters: Filters) -> list[Document]:
        """The products of a page as the shop states them, the variants that fit first."""
        whole = self.shop.products([each.product.id for each in page])
        documents = []
        for match in page:
            product = whole.get(match.product.id)
            variants = sold_variants(product) if product else ()
            if product is None or not variants:
                continue  # it was changed while it was searched for
            fits = set(variants_within(product, filters, self.shop.vocabulary.currency))
            shown = [each for each in variants if each.id in fits] or list(variants)
            first = next((v for v in shown if match.variant and v.id == match.variant.id), None)
            documents.append(
                product_document(product, _first(shown, first or featured(shown)), self.addresses)
            )
        return documents

    def _within(self, product: Product, filters: ShopFilters) -> tuple[Variant, ...]:
        if not filters.passes(product) or filters.nothing:
            return ()
        fits = variants_within(product, filters.filters, self.shop.vocabulary.currency)
        return tuple(each for each in sold_variants(product) if each.id in fits)

    def _looked_up(self, found: Found, filters: ShopFilters) -> Document | None:
        """The product with one variant for each that is meant; None where none passes."""
        variants = self._within(found.product, filters)
        inputs: dict[str, list[Document]] = {}
        for variant_id in found.exact:
            if any(each.id == variant_id for each in variants):
                inputs[variant_id] = [{"id": variant_id, "match": "exact"}]
        if found.whole and variants:
            stands = next(iter(inputs), featured(variants).id)
            inputs.setdefault(stands, []).append({"id": found.product.id, "match": "featured"})
        shown = [each for each in variants if each.id in inputs]
        if not shown:
            return None
        document = product_document(found.product, shown, self.addresses)
        for each in document["variants"]:
            each["inputs"] = inputs[each["id"]]
        return document


def _inputs(document: Document) -> list[str]:
    """The ids that a looked-up product was named by."""
    return [given["id"] for variant in document["variants"] for given in variant["inputs"]]


def _first(variants: Sequence[Variant], first: Variant) -> list[Variant]:
    return [first, *(each for each in variants if each is not first)]


def _with_messages(document: Document, messages: Sequence[Document]) -> Document:
    return document | {"messages": list(messages)} if messages else document


def shown_id(given: str) -> str:
    """An id that somebody gave, in an answer: short, and without half characters."""
    return given[:80].encode("utf-8", "replace").decode()
