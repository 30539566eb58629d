"""How the kinds, patterns and colors of drawn products are said."""

from __future__ import annotations

PATTERN_WORDS: dict[str, tuple[str, ...]] = {
    "plain": ("plain", "solid", "simple", ""),
    "leopard": ("leopard print", "leopard", "leopard spotted"),
    "zebra": ("zebra print", "zebra", "zebra striped"),
    "tiger": ("tiger print", "tiger", "tiger striped"),
    "giraffe": ("giraffe print", "giraffe"),
    "cow": ("cow print", "cow"),
    "polka dots": ("polka dot", "dotted", "polka dots", "spotty"),
    "stripes": ("striped", "stripes", "stripe"),
    "floral": ("floral", "flower", "flowers", "flowery"),
    "leaves": ("leaf print", "leaves", "botanical", "leaf"),
    "camouflage": ("camouflage", "camo"),
    "marble": ("marble", "marbled"),
    "wood grain": ("wood grain", "wood effect", "wooden look"),
    "plaid": ("plaid", "tartan", "checked"),
    "checkerboard": ("checkerboard", "checkered", "chessboard"),
    "chevron": ("chevron", "zigzag"),
    "waves": ("wave", "waves", "wavy"),
    "stars": ("star", "stars", "starry"),
    "hearts": ("heart", "hearts"),
}

COLOR_WORDS: dict[str, tuple[str, ...]] = {
    "gray": ("gray", "grey"),
    "navy": ("navy", "navy blue", "dark blue"),
    "tan": ("tan", "camel", "light brown"),
    "beige": ("beige", "cream", "sand"),
    "olive": ("olive", "olive green", "khaki"),
    "teal": ("teal", "turquoise"),
}

KIND_WORDS: dict[str, tuple[str, ...]] = {
    "t-shirt": ("t-shirt", "tee", "shirt", "tshirt"),
    "sneaker": ("sneaker", "sneakers", "shoe", "trainers"),
    "cushion": ("cushion", "pillow", "throw pillow"),
    "handbag": ("handbag", "bag", "purse"),
    "rug": ("rug", "carpet"),
    "curtain": ("curtain", "curtains", "drapes"),
    "water bottle": ("water bottle", "bottle", "flask"),
    "blanket": ("blanket", "throw"),
    "chair": ("chair", "armchair"),
    "phone case": ("phone case", "case for my phone", "phone cover"),
    "mug": ("mug", "cup", "coffee mug"),
    "backpack": ("backpack", "rucksack"),
    "headphones": ("headphones", "headset"),
    "wallet": ("wallet", "billfold"),
    "tie": ("tie", "necktie"),
}
