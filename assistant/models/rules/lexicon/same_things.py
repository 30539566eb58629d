"""Other words for a property: how shoppers ask for what shops state.

The words of a `SAME` line mean the same. Those behind a word in `SAID_BY` are what a text has that
answers a question about it, without saying whether yes or no.
"""

from __future__ import annotations

_SAME = (
    "wireless, cordless, wirelessly, cord free",
    "app, smartphone app, mobile app",
    "wash, washable, laundry, launder, washed, washing",
    "charge, charging, charger, recharge, rechargeable, charged",
    "automatic, auto, automatically, itself",
    "shut, turn, switch, shutoff",
    "phone, smartphone, mobile, cellphone, handset, iphone",
    "kid, child, children, toddler",
    "zip, zipper, zipped, zippered",
    "pocket, compartment, pouche",
    "lid, cover, cap",
    "strap, belt",
    "cable, cord, lead",
    "tank, reservoir, container, chamber",
    "jug, jar, pitcher, carafe, pot",
    "insulated, insulation, insulating",
    "breathable, breathes, breathe, ventilated, ventilation, airflow",
    "adjust, adjustable, adjusted, adjustment",
    "remove, removable, detachable, detach, removed, removeable, take-off",
    "fold, foldable, folding, collapsible, collapse, folded",
    "recycled, recyclable, recycle",
    "vegan, plant based",
    "sugar, sweetened",
    "colour, color",
    "gray, grey",
    "laptop, notebook, macbook",
    "padded, padding, cushioned, cushioning",
    "lining, lined",
    "compatible, compatibility",
    "wifi, wi fi, wlan",
    "noise, sound",
    "warranty, guarantee, guaranteed",
    "hypoallergenic, hypo allergenic",
    "rustproof, rust",
    "screen, display",
    "speed, setting",
    "program, preset, programme, mode",
    "page, pages",
    "author, writer, wrote, written",
    "pillowcase, pillow case",
    "drawstring, draw string",
    "mop, mopping",
    "schedule, scheduling, timer, programmable",
    "map, mapping",
    "odor, odour, smell",
    "alloy, aluminum, aluminium",
    "hood, hooded",
    "flavor, flavour, taste",
    "gluten, wheat",
    "dairy, milk, lactose",
    "fiber, fibre",
    "visor, peak",
    "handle, grip",
    "hardback, hardcover",
    "paperback, softcover",
    "allergy, allergic",
    "filter, filtration, filtering",
    "travel, travelling, traveling, trip",
)
_SAID_BY = {
    "loud": "quiet ultra-quiet whisper silent noise db noisy decibel",
    "noisy": "quiet whisper silent noise db loud",
    "noise": "quiet whisper silent db loud noisy",
    "quiet": "silent whisper noise db loud noisy ultra",
    "heavy": "lightweight light weigh weight kg",
    "light": "lightweight weigh weight heavy kg",
    "lightweight": "light weigh weight heavy kg",
    "waterproof": "water watertight weatherproof rain repellent",
    "water": "waterproof watertight",
    "rain": "waterproof water weather weatherproof wet rainproof",
    "wet": "waterproof water",
    "care": "wash hand dry clean iron dishwasher wipe",
    "clean": "wash dishwasher wipe cleaning care hand",
    "wash": "machine hand care clean dry",
    "iron": "press pressing ironing",
    "warm": "insulated insulation warmth cold thermal fleece down cozy",
    "cold": "insulated insulation warmth warm thermal",
    "wire": "cordless wireless cord cable wired",
    "wired": "cordless wireless cord cable",
    "plug": "cordless corded cord mains usb",
    "battery": "rechargeable charge mah runtime cordless aa aaa",
    "included": "attachment accessory nozzle bundle set include",
    "nut": "peanut almond hazelnut cashew walnut pecan pistachio macadamia",
    "allergen": "contain nut gluten milk soy egg peanut may trace",
    "leather": "suede nubuck nappa",
    "metal": "steel aluminum aluminium iron brass alloy",
    "wood": "oak pine walnut beech wooden bamboo mango teak ash",
    "wooden": "oak pine walnut beech wood bamboo mango teak ash",
    "durable": "sturdy rugged robust strong",
    "strong": "sturdy rugged robust durable",
    "accessory": "attachment nozzle included include with",
    "attachment": "accessory nozzle disc hook",
    "closure": "zip zipper button lace velcro buckle magnetic drawstring roll-top",
    "close": "zip zipper button lace velcro buckle magnetic drawstring closure",
    "ingredient": "made contain contains only pure with roasted",
    "allergy": "nut gluten milk free contain allergen peanut",
    "season": "summer winter spring autumn",
    "winter": "cold snow warm insulated icy",
    "snow": "winter icy cold",
    "summer": "hot",
    "travel": "portable compact",
    "portable": "travel compact lightweight",
    "kid": "age year baby",
    "baby": "age month infant",
    "pet": "dog cat",
    "camping": "tent outdoor",
    "power": "w watt v motor",
    "plastic": "polypropylene pp tritan abs polycarbonate acrylic",
    "cotton": "canvas",
    "stretch": "elastane spandex elastic",
    "stretchy": "elastane spandex elastic stretch",
}


def _grouped() -> dict[str, frozenset[str]]:
    groups: dict[str, set[str]] = {}
    for line in _SAME:
        words = {word for name in line.split(", ") for word in [name] if " " not in word}
        for word in words:
            groups.setdefault(word, set()).update(words)
    return {word: frozenset(words) for word, words in groups.items()}


SAME = _grouped()
"""Word → the words that mean the same, itself among them."""
SAID_BY = {word: frozenset(words.split()) for word, words in _SAID_BY.items()}
"""Word → the words of a text that say something about it."""
PROPERTIES = frozenset(SAME) | frozenset(SAID_BY)
"""All words that shoppers ask with."""
