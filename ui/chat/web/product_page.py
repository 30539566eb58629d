"""The pages of the built-in shop: what a link on its cards leads to."""

from __future__ import annotations

from urllib.parse import quote

from tools.product import Match, Product, Variant
from tools.search.fitting import as_variant
from ui.chat.cards.forms import VariantForm, card_picture_url, forms_of
from ui.chat.links import Links
from ui.chat.web.html import render


def product_page(product: Product, variant_id: str, catalogue: str) -> str:
    """The page of a product, shown as its variant of that id where it has one."""
    variant = next((each for each in product.variants if each.id == variant_id), None)
    shown = product if variant is None else as_variant(product, variant)
    match = Match(shown, 0.0, variant=variant)
    forms = forms_of(match, catalogue, Links())
    picture = card_picture_url(catalogue, match).replace("w=384", "w=1024")
    return render(
        "product.html",
        title=product.title,
        description=product.description,
        # The page lies one level below the chat's own path.
        picture=f"..{picture}" if picture else "",
        price=forms["price"],
        was=forms["priceWas"],
        availability=forms["availability"],
        variants=[
            _line(each, form, product, variant)
            for each, form in zip(product.variants, forms["variants"], strict=False)
        ],
    )


def _line(
    variant: Variant, form: VariantForm, product: Product, chosen: Variant | None
) -> dict[str, object]:
    name = ", ".join(value for _, value in variant.options)
    link = f"{quote(product.id, safe='')}?variant={quote(variant.id, safe='')}"
    return {
        "name": name,
        "link": link,
        "price": form["price"],
        "availability": form["availability"],
        "gone": form["soldOut"],
        "chosen": chosen is not None and chosen.id == variant.id,
    }
