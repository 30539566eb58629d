"""Everyday words for the same thing, British and American, for catalogues that use the other one.

A word is looked up here only where the catalogue has no name for it. Not covered: words that
mean different things to different shoppers ("pants", "vest"), and special fields.
"""

from __future__ import annotations

from tools.text import singular

_SAME = (
    "sneaker, trainer, running shoe, tennis shoe, runner, kicks",
    "shoe, footwear",
    "backpack, rucksack, knapsack, daypack",
    "handbag, purse, pocketbook",
    "wallet, billfold, purse",
    "suitcase, luggage, trolley case",
    "curtain, drape",
    "rug, carpet",
    "cushion, throw pillow, scatter cushion, pillow",
    "blanket, throw, blankie",
    "umbrella, brolly",
    "headphone, earphone, headset, earbud",
    "hoodie, hooded sweatshirt, hooded top, sweatshirt",
    "sweater, jumper, pullover, jersey, knitwear",
    "trouser, slack, chino, pant",
    "jean, denim",
    "sofa, couch, settee",
    "armchair, easy chair, chair",
    "t shirt, tee shirt, tee, tshirt",
    "watch, wristwatch, timepiece",
    "phone case, phone cover, mobile cover, mobile case, iphone case, case",
    "hat, cap, beanie",
    "jug, pitcher",
    "lamp, light",
    "tap, faucet",
    "vacuum, vacuum cleaner, hoover",
    "fridge, refrigerator",
    "cooker, stove",
    "nappy, diaper",
    "soother, pacifier, dummy, binky",
    "pram, stroller, buggy, pushchair",
    "swimsuit, swimming costume, swimwear, bathing suit",
    "underwear, undies, lingerie",
    "notebook, notepad, journal, jotter",
    "glass, spectacle, eyewear",
    "sunglass, shade, sunnies",
    "bicycle, bike",
    "television, tv, telly",
    "smartphone, mobile phone, cell phone, mobile",
    "bin, trash can, garbage can",
    "torch, flashlight",
    "wardrobe, closet",
    "bookcase, bookshelf",
    "duvet, comforter, quilt",
    "bedding, bed linen, bed sheet",
    "frying pan, skillet",
    "dressing gown, bathrobe, robe",
    "pyjama, pajama, pj, nightwear, sleepwear",
    "tight, pantyhose, hosiery",
    "wellington, wellie, rain boot",
    "raincoat, waterproof jacket, mac",
    "jacket, coat",
    "hair dryer, blow dryer, hairdryer",
    "jewellery, jewelry",
    "necklace, pendant",
    "dress, gown, frock",
    "scarf, shawl",
    "tie, necktie",
    "coffee machine, coffee maker, espresso machine, espresso maker",
    "water bottle, drinking bottle, flask, bottle",
    "tea pot, teapot",
    "women, woman, lady, female, womenswear",
    "men, man, gent, gentleman, male, menswear",
    "kid, child, children",
    "baby, infant, newborn, toddler",
)
GROUPS: tuple[tuple[tuple[str, ...], ...], ...] = tuple(
    tuple(tuple(map(singular, name.split())) for name in line.split(", ")) for line in _SAME
)
"""Phrases in the singular, the commonest first."""
PEOPLE = frozenset(
    {"women", "woman", "lady", "female", "men", "man", "gent", "male", "kid", "child", "children"}
    | {"girl", "boy", "baby", "infant", "newborn", "toddler", "unisex", "teen", "junior", "adult"}
)
"""Words that say for whom a thing is."""
