"""Names that shoppers put on things, "a mug with a fox", and how shops write that; words alone.

Beside ImageNet's classes: a photo of what no class names falls on the nearest ones, and what it
is called must still be found.
"""

from __future__ import annotations

GOODS = (
    "mug", "t-shirt", "backpack", "sneaker", "lamp", "cushion", "dress", "scarf", "handbag",
    "umbrella", "rug", "curtain", "vase", "bowl", "notebook", "hat", "wallet", "watch", "blanket",
    "chair", "suitcase", "tie", "teapot", "plate", "poster", "towel", "hoodie", "jacket", "skirt",
    "pillow", "tote bag", "sticker", "laptop sleeve", "wallpaper", "apron", "shower curtain",
    "socks", "phone case", "water bottle", "tablecloth", "bedding", "shirt", "leggings",
    "swimsuit", "keychain", "figurine", "puzzle", "print", "pencil case", "lunch box", "cap",
    "coaster", "greeting card", "necklace", "earrings", "pajamas", "bandana", "mouse pad",
    "doormat", "placemat", "magnet", "brooch", "wall art", "thermos", "soft toy", "night light",
)  # fmt: skip
THINGS = (
    "dog", "puppy", "cat", "kitten", "horse", "pony", "cow", "pig", "sheep", "goat", "donkey",
    "rabbit", "hamster", "guinea pig", "mouse", "squirrel", "hedgehog", "fox", "wolf", "bear",
    "panda", "lion", "tiger", "leopard", "cheetah", "elephant", "giraffe", "zebra", "rhino",
    "hippo", "monkey", "gorilla", "koala", "kangaroo", "deer", "moose", "reindeer", "bison",
    "camel", "llama", "alpaca", "otter", "seal", "whale", "dolphin", "shark", "fish", "octopus",
    "jellyfish", "crab", "lobster", "seahorse", "starfish", "turtle", "tortoise", "snake", "lizard",
    "crocodile", "frog", "owl", "eagle", "parrot", "flamingo", "penguin", "swan", "duck", "goose",
    "chicken", "rooster", "peacock", "hummingbird", "sparrow", "robin", "pigeon", "toucan", "bee",
    "butterfly", "dragonfly", "ladybird", "beetle", "spider", "ant", "snail", "dinosaur",
    "rose", "tulip", "daisy", "sunflower", "lily", "orchid", "poppy", "lavender", "peony",
    "hibiscus", "cherry blossom", "dandelion", "iris", "daffodil", "carnation", "lotus", "violet",
    "wildflowers", "cactus", "succulent", "fern", "palm tree", "pine tree", "oak leaf",
    "monstera leaf", "mushroom", "apple", "pear", "banana", "orange", "lemon", "lime", "grapefruit",
    "strawberry", "raspberry", "blueberry", "cherry", "peach", "plum", "grapes", "pineapple",
    "mango", "kiwi", "watermelon", "melon", "fig", "pomegranate", "coconut", "avocado", "tomato",
    "carrot", "broccoli", "corn", "pepper", "chili", "pumpkin", "cucumber", "eggplant", "cabbage",
    "cauliflower", "artichoke", "garlic", "onion", "potato", "pizza", "burger", "hot dog",
    "ice cream", "donut", "cupcake", "cake", "cookie", "pretzel", "croissant", "bread", "sushi",
    "coffee", "tea", "beer", "wine", "cocktail", "bicycle", "car", "bus", "train", "tractor",
    "truck", "motorcycle", "airplane", "hot air balloon", "rocket", "sailing boat", "ship",
    "lighthouse", "castle", "church", "bridge", "mountain", "volcano", "beach", "lake", "waterfall",
    "forest", "desert", "sunset", "moon", "stars", "rainbow", "snowman", "christmas tree",
    "guitar", "piano", "violin", "drum", "trumpet", "saxophone", "camera", "typewriter", "clock",
    "globe", "book", "pencil", "umbrella", "teddy bear", "balloon", "football", "basketball",
    "tennis ball", "golf ball", "baseball", "skateboard", "surfboard", "snowboard", "ski", "anchor",
    "compass", "map", "skull", "heart", "crown", "feather", "seashell", "mermaid", "unicorn",
    "dragon", "robot", "astronaut", "pirate", "santa claus",
)  # fmt: skip
WANTED = (
    "a {k} with this", "a {k} with this pattern", "{k} like this", "{k} with this print",
    "{k} in this pattern", "{k}", "this on a {k}", "a {k} that looks like this",
    "i want a {k} with this on it", "do you have a {k} showing this?", "a {k} with this animal",
    "this as a {k}", "a {k} with that", "can i have this on a {k}", "put this on a {k}",
)  # fmt: skip
SOLD = (
    "{n} {k}", "{n} print {k}", "{k} with {n}", "{k} with a {n} on it", "{n} pattern {k}",
    "{k}, {n} design", "{n} {k}", "{k} - {n}", "{n} motif {k}", "cute {n} {k}", "vintage {n} {k}",
)  # fmt: skip
ALONE = ("{n}", "a photo of a {n}", "a {n}", "{n}", "picture of {n}")
LIKE = ("", "", "like this", "this", "something like this", "more like this")
