"""Claims in other languages than English: numbers, cards, ratings and promises in one form.

German, French, Spanish, Italian, Portuguese and Dutch. Of other languages figures and names count,
whatever stands around them.
Not covered: number words of several parts ("quatre-vingt-dix-neuf").
"""

from __future__ import annotations

import re
import unicodedata

_GROUPED = re.compile(
    r"(?<![\w.,])(?P<whole>\d{1,3}(?:[.\u00a0\u202f '’]\d{3})+)(?:,(?P<cents>\d{1,2}))(?![\d,])"
)
_GROUPED_WHOLE = re.compile(
    r"(?<![\w.,])(?P<whole>\d{1,3}(?:[.\u00a0\u202f'’]\d{3})+)(?=\s?(?:€|EUR\b|Euro))|"
    r"(?P<sign>[€]\s?)(?P<behind>\d{1,3}(?:[.\u00a0\u202f'’]\d{3})+)(?![\d.,])"
)
_COMMA = re.compile(r"(?<![\d.,])(\d{1,4}),(\d{1,2})(?![\d,])")
_ORDINALS = (
    "erste[nrs]?|premi[eè]re?|primer[oa]?|prim[oa]|primeir[oa]|eerste",
    "zweite[nrs]?|deuxième|second[eoa]?|segund[oa]|tweede",
    "dritte[nrs]?|troisième|tercer[oa]?|terz[oa]|terceir[oa]|derde",
    "vierte[nrs]?|quatrième|cuart[oa]|quart[oa]|vierde",
    "fünfte[nrs]?|cinquième|quint[oa]|vijfde",
    "sechste[nrs]?|sixième|sext[oa]|sest[oa]|zesde",
)
_PLACES = tuple(
    re.compile(rf"\b(?:der|die|das|dem|den|le|la|el|il|lo|o|a|de|het|l'|al|del|au)\s?(?:{each})\b",
               re.IGNORECASE)
    for each in _ORDINALS
)  # fmt: skip
_CARDS = re.compile(
    r"\b(?:nummern?|nr\.?|numéros?|números?|numer[oi]|nummers?|номера?|n[°º]\.?|n\.[°º])\s?(?=#?\d)|№\s?",
    re.IGNORECASE,
)
_STARS = re.compile(
    r"(?P<n>\d+(?:[.,]\d+)?)\s?(?:sternen?|étoiles?|estrellas?|stelle|estrelas?|sterren|"
    r"зв[её]зд\w*|(?:von|sur|su|van|из|de) 5\b)",
    re.IGNORECASE,
)
_RATED = re.compile(
    r"\b(?:bewertet mit|bewertung(?: von)?|noté(?:e|s|es)?|note de|valorad[oa] con|valoración(?: "
    r"de)?|"
    r"valutat[oa]|valutazione(?: di)?|avaliad[oa] (?:com|em)|avaliação(?: de)?|beoordeeld met|"
    r"beoordeling(?: van)?|рейтинг)\s(?=\d)",
    re.IGNORECASE,
)
_COSTS = re.compile(
    r"\b(?:kostet|kosten|preis(?: ist| von|:)?|coûte(?:nt)?|prix(?: est| de|:)?|cuestan?|"
    r"precio(?: es| de|:)?|"
    r"costano?|prezzo(?: è| di|:)?|custam?|preço(?: é| de|:)?|kost|prijs(?: is| van|:)?|стоит|цена)"
    r"\s(?:nur |seulement |solo |apenas |slechts |maar |только )?(?=[$€£]?\d)",
    re.IGNORECASE,
)
_MONEY = re.compile(
    r"(?<=\d)\s?(?:dólares|dollari|euros?|livres(?: sterling)?|libras|sterline|pfund|pond|рубл\w*|"
    r"доллар\w*|евро|円|元|ドル|ユーロ|달러|유로)(?!\w)",
    re.IGNORECASE,
)
_LIMITS = re.compile(
    r"\b(?:unter|bis zu|höchstens|ab|moins de|jusqu'à|à partir de|menos de|hasta|desde|meno di|"
    r"fino a|"
    r"sotto|até|onder|tot|vanaf|minder dan)\s(?=[$€£]?\d)",
    re.IGNORECASE,
)
_WORDS = {
    "zwei deux dos due dois duas twee": 2, "drei trois tres tre três drie": 3,
    "vier quatre cuatro quattro quatro": 4, "fünf cinq cinco cinque vijf": 5,
    "sechs seis sei zes": 6, "sieben sept siete sette sete zeven": 7,
    "acht huit ocho otto oito": 8, "neun neuf nueve nove negen": 9,
    "zehn dix diez dieci dez tien": 10, "zwölf douze doce dodici doze twaalf": 12,
    "fünfzehn quinze quince quindici vijftien": 15, "zwanzig vingt veinte venti vinte twintig": 20,
    "dreißig dreissig trente treinta trenta trinta dertig": 30,
    "vierzig quarante cuarenta quaranta quarenta veertig": 40,
    "fünfzig cinquante cincuenta cinquanta cinquenta vijftig": 50,
    "sechzig soixante sesenta sessanta sessenta zestig": 60,
    "siebzig setenta settanta zeventig": 70, "achtzig ochenta ottanta oitenta tachtig": 80,
    "neunzig noventa novanta negentig": 90, "hundert cent cien cento cem honderd": 100,
}  # fmt: skip
_VALUES = {word: str(value) for words, value in _WORDS.items() for word in words.split()}
_SPELLED_MONEY = re.compile(
    rf"\b(?P<n>{'|'.join(_VALUES)})(?= (?:euros?|dollars?|dólares|dollari|pfund|libras|livres|"
    r"sterline|pond|sternen?|étoiles|estrellas|stelle|estrelas|sterren)\b)",
    re.IGNORECASE,
)
_PROMISES = (
    ("shipping", r"versand\w*|livraison|envíos?|spedizione|frete|verzending|verzendkosten|"
                 r"доставк\w*"),
    ("delivery", r"liefer(?:ung|zeit|bar)\w*|livr[ée]e?s?|entrega|consegna|levering|geleverd"),
    ("in stock", r"auf lager|vorrätig|lieferbar|en stock|disponible|disponibile|em estoque|em "
                 r"stock|"
                 r"op voorraad|в наличии"),
    ("sold out", r"ausverkauft|épuisée?s?|agotad[oa]s?|esaurit[oa]|esgotad[oa]s?|uitverkocht"),
    ("discount", r"rabatt\w*|reduziert|remise|soldes?|réduction|descuento|rebajad[oa]|sconto|"
                 r"scontat[oa]|"
                 r"desconto|korting|afgeprijsd|скидк\w*"),
    ("warranty", r"garantie|garantía|garanzia|garantia|гаранти\w*"),
    ("best-seller", r"bestseller|meistverkauft\w*|meilleures? ventes?|más vendid[oa]s?|più "
                    r"vendut[oi]|"
                    r"mais vendid[oa]s?|bestverkocht\w*"),
    ("customers", r"kunden|clients?|clientes|clienti|klanten|покупател\w*"),
)  # fmt: skip
_PROMISED = tuple(
    (english, re.compile(rf"\b(?:{words})\b", re.IGNORECASE)) for english, words in _PROMISES
)
_DENIED = re.compile(
    r"\b(?:nicht|kein\w*|weder|pas|aucune?|ni|no|sin|non|senza|não|nao|sem|niet|geen|zonder|не|"
    r"нет|без)\b"
    r"|ない|没|不",
    re.IGNORECASE,
)
_SAME = {
    "warranty": ("warranty", "guarantee"),
    "discount": ("discount", "on sale", "price before", "reduced"),
    "delivery": ("deliver",), "best-seller": ("best-sell", "bestsell", "best sell"),
    "shipping": ("shipping", "ships"), "sold out": ("sold out", "out of stock"),
}  # fmt: skip
"""What the shop may say in English for the same."""


def in_one_form(sentence: str) -> str:
    """The sentence with its figures, cards and ratings written as in English."""
    text = "".join(_digit(char) for char in sentence)
    text = _GROUPED.sub(lambda m: f"{_digits(m['whole'])}.{m['cents']}", text)
    text = _GROUPED_WHOLE.sub(
        lambda m: f"{m['sign'] or ''}{_digits(m['whole'] or m['behind'])}", text
    )
    text = _COMMA.sub(r"\1.\2", text)
    text = _SPELLED_MONEY.sub(lambda m: _VALUES[m["n"].lower()], text)
    for place, pattern in enumerate(_PLACES, start=1):
        text = pattern.sub(f"number {place}", text)
    text = _CARDS.sub("number ", text)
    text = _STARS.sub(lambda m: f"{m['n']} stars", text)
    text = _RATED.sub("rated ", text)
    text = _COSTS.sub("costs ", text)
    text = _LIMITS.sub("under ", text)
    return _MONEY.sub(" dollars", text)


def promises_in_others(sentence: str) -> list[tuple[str, ...]]:
    """What only the shop could know, each as the English words of which one must have been told."""
    if _DENIED.search(sentence):
        return []
    return [
        _SAME.get(english, (english,)) for english, words in _PROMISED if words.search(sentence)
    ]


def _digit(char: str) -> str:
    """ "3" for a digit of any script."""
    value = unicodedata.decimal(char, None)
    return char if value is None or char.isascii() else str(value)


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number)
