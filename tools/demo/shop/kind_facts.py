"""Facts about the demo shop's kinds: category, materials, prices and uses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KindFacts:
    """`prices` is the range in whole dollars; `skips` are patterns that the kind is not made in."""

    category: tuple[str, ...]
    materials: tuple[str, ...]
    prices: tuple[int, int]
    styles: tuple[str, ...]
    uses: tuple[str, ...]
    skips: tuple[str, ...] = ()


_CLOTH_SKIPS = ("marble", "wood grain")

KIND_FACTS: dict[str, KindFacts] = {
    "phone case": KindFacts(
        ("Electronics", "Phone Accessories", "Phone Cases"),
        ("silicone", "polycarbonate", "leather"), (9, 39),
        ("Slim", "Shockproof", "Soft-Touch", "Lightweight"),
        ("Raised edges keep the camera and the screen off the table.",
         "It snaps on in a second and charges wirelessly without coming off.",
         "The buttons stay easy to press and the corners take the bumps."),
    ),
    "mug": KindFacts(
        ("Home & Kitchen", "Drinkware", "Mugs"),
        ("ceramic", "porcelain", "stoneware"), (8, 28),
        ("Large", "Classic", "Cozy", "Everyday"),
        ("Holds 12 ounces of coffee or tea and goes in the dishwasher.",
         "A good weight in the hand for slow mornings.",
         "Safe for the microwave, and the handle stays cool."),
    ),
    "t-shirt": KindFacts(
        ("Clothing", "Tops", "T-Shirts"), ("cotton", "linen", "viscose"), (12, 45),
        ("Relaxed", "Crew Neck", "Soft", "Boxy"),
        ("Cut for an easy fit, tucked in or worn loose.",
         "It keeps its shape and color after many washes.",
         "Light enough for summer and easy to layer when it gets cool."), _CLOTH_SKIPS,
    ),
    "backpack": KindFacts(
        ("Bags & Luggage", "Backpacks", "Everyday Backpacks"),
        ("canvas", "nylon", "polyester"), (29, 119),
        ("Roomy", "Commuter", "School", "Weekend"),
        ("A padded sleeve takes a 15-inch laptop, the front pocket the rest.",
         "Wide straps make a full day's load feel light.",
         "Made for school, the office and the odd night away."), ("wood grain",),
    ),
    "sneaker": KindFacts(
        ("Clothing", "Shoes", "Sneakers"), ("canvas", "leather", "suede"), (35, 129),
        ("High-Top", "Retro", "Lightweight", "Street"),
        ("A cushioned sole carries you through long days on your feet.",
         "The padded collar holds the ankle without rubbing.",
         "Goes with jeans and dresses alike."), ("wood grain",),
    ),
    "lamp": KindFacts(
        ("Home & Kitchen", "Lighting", "Table Lamps"),
        ("linen", "cotton", "ceramic"), (24, 139),
        ("Bedside", "Table", "Reading", "Accent"),
        ("Gives a warm glow beside the bed or on a desk.",
         "The shade softens the light, and a switch sits on the cord.",
         "Takes a standard bulb, which is not included."),
    ),
    "cushion": KindFacts(
        ("Home & Kitchen", "Home Textiles", "Cushions"),
        ("cotton", "velvet", "linen"), (12, 49),
        ("Plump", "Piped", "Square", "Decorative"),
        ("The cover comes off by a hidden zip and can be washed.",
         "Brings a sofa or a reading corner to life.",
         "Filled generously, so that it springs back into shape."),
    ),
    "dress": KindFacts(
        ("Clothing", "Dresses", "Summer Dresses"), ("cotton", "viscose", "silk"), (29, 159),
        ("Flowing", "Midi", "Belted", "Summer"),
        ("The waist is gathered by a belt and the skirt swings when you walk.",
         "Made for garden parties, dinners and warm evenings.",
         "It has straps that can be adjusted and two hidden pockets."), _CLOTH_SKIPS,
    ),
    "scarf": KindFacts(
        ("Clothing", "Accessories", "Scarves"), ("wool", "silk", "viscose"), (14, 79),
        ("Long", "Fringed", "Oversized", "Soft"),
        ("Wrap it once for style or twice for the cold.",
         "Light on the neck and warm in the wind.",
         "The fringed ends are knotted by hand."), _CLOTH_SKIPS,
    ),
    "handbag": KindFacts(
        ("Bags & Luggage", "Handbags", "Top-Handle Handbags"),
        ("leather", "canvas", "suede"), (39, 229),
        ("Structured", "Top-Handle", "Evening", "City"),
        ("Room for a tablet, a wallet and everything that gathers around them.",
         "A magnetic clasp closes it with a soft click.",
         "Stands upright on its own and goes from desk to dinner."),
    ),
    "umbrella": KindFacts(
        ("Accessories", "Rain Gear", "Umbrellas"), ("polyester", "nylon"), (14, 49),
        ("Windproof", "Curved-Handle", "Automatic", "Large"),
        ("Opens at a push and keeps its shape in gusts.",
         "The canopy is wide enough for two in a friendly mood.",
         "Dries fast and rolls up neatly with its own strap."), ("wood grain",),
    ),
    "rug": KindFacts(
        ("Home & Kitchen", "Floor Coverings", "Rugs"), ("wool", "cotton", "jute"), (49, 349),
        ("Flatweave", "Fringed", "Living Room", "Soft"),
        ("Gives bare floors warmth and takes the echo out of a room.",
         "Woven tight for busy hallways and easy to vacuum.",
         "Four by six feet, with short fringes on both sides."),
    ),
    "curtain": KindFacts(
        ("Home & Kitchen", "Home Textiles", "Curtains"),
        ("linen", "cotton", "velvet"), (25, 119),
        ("Blackout", "Light-Filtering", "Lined", "Long"),
        ("Sold as a pair with matching tie-backs.",
         "Softens the daylight and keeps the warmth inside.",
         "Hangs in even folds from rings or a rod."), _CLOTH_SKIPS,
    ),
    "vase": KindFacts(
        ("Home & Kitchen", "Decor", "Vases"), ("ceramic", "glass", "porcelain"), (16, 89),
        ("Tall", "Curved", "Handmade", "Elegant"),
        ("Holds a full bunch of flowers or stands proudly empty.",
         "Glazed inside, so that it keeps water without a mark.",
         "Heavy at the foot and steady with long stems."),
    ),
    "bowl": KindFacts(
        ("Home & Kitchen", "Tableware", "Bowls"), ("porcelain", "stoneware", "bamboo"), (9, 45),
        ("Deep", "Serving", "Breakfast", "Footed"),
        ("Just right for ramen, salad or a mountain of fruit.",
         "It stacks neatly and comes clean without scrubbing.",
         "Deep enough that nothing spills on the way to the sofa."),
    ),
    "notebook": KindFacts(
        ("Office & School", "Paper", "Notebooks"), ("cardboard", "leather", "linen"), (7, 32),
        ("Lined", "Dotted-Page", "Pocketable", "A5"),
        ("Its 160 cream pages lie flat and do not let ink through.",
         "An elastic band and a ribbon keep the place.",
         "For lists, sketches and plans that should not be lost."),
    ),
    "water bottle": KindFacts(
        ("Sports & Outdoors", "Hydration", "Water Bottles"),
        ("stainless steel", "aluminum", "plastic"), (12, 45),
        ("Insulated", "Leakproof", "Sport", "Trail"),
        ("Keeps water cold through a day's hike.",
         "The screw cap has a loop for a finger or a carabiner.",
         "Fits the cup holder of a car and the pocket of a backpack."),
    ),
    "hat": KindFacts(
        ("Clothing", "Accessories", "Hats"), ("straw", "wool", "cotton"), (15, 69),
        ("Wide-Brim", "Packable", "Sun", "Fedora-Style"),
        ("The brim shades face and neck on bright days.",
         "A ribbon runs around the crown and is tied at the side.",
         "An inner band keeps it in place when the wind picks up."), _CLOTH_SKIPS,
    ),
    "socks": KindFacts(
        ("Clothing", "Hosiery", "Socks"), ("cotton", "wool", "polyester"), (6, 24),
        ("Crew", "Cushioned", "Cozy", "Ribbed"),
        ("Reinforced at heel and toe, where socks give up first.",
         "The ribbed cuffs stay up without leaving a mark.",
         "A small joy that shows whenever you sit down."), _CLOTH_SKIPS,
    ),
    "wallet": KindFacts(
        ("Accessories", "Small Leather Goods", "Wallets"),
        ("leather", "canvas", "suede"), (15, 89),
        ("Bifold", "Compact", "Snap", "Slim"),
        ("Eight slots for cards, one for notes and a pocket for coins.",
         "Slim enough for a front pocket and closed by a snap.",
         "The stitching is double where wallets usually tear."),
    ),
    "watch": KindFacts(
        ("Accessories", "Jewelry & Watches", "Watches"),
        ("leather", "silicone", "nylon"), (35, 249),
        ("Minimalist", "Everyday", "Quartz", "Analog"),
        ("A clear dial that is read at a glance.",
         "The strap is soft from the first day and can be changed without tools.",
         "Withstands rain and the washing of hands."),
    ),
    "blanket": KindFacts(
        ("Home & Kitchen", "Home Textiles", "Blankets"), ("wool", "fleece", "cotton"), (22, 129),
        ("Chunky", "Fringed", "Sofa", "Warm"),
        ("Made for sofas, cold feet and long films.",
         "Big enough for two and soft on both sides.",
         "Washes well and gets softer over the years."), _CLOTH_SKIPS,
    ),
    "headphones": KindFacts(
        ("Electronics", "Audio", "Headphones"), ("plastic", "aluminum"), (39, 249),
        ("Wireless", "Over-Ear", "Noise-Canceling", "Foldable"),
        ("Plays for thirty hours on one charge.",
         "The cushions close out the street and sit lightly.",
         "A microphone in the left cup takes your calls."),
    ),
    "chair": KindFacts(
        ("Home & Kitchen", "Furniture", "Armchairs"), ("velvet", "linen", "leather"), (149, 599),
        ("Deep", "Reading", "Upholstered", "Compact"),
        ("The seat is deep enough to curl up in with a book.",
         "Stands on legs of solid wood and is put together in ten minutes.",
         "Its arms are just wide enough for a cup."), _CLOTH_SKIPS,
    ),
    "suitcase": KindFacts(
        ("Bags & Luggage", "Luggage", "Suitcases"),
        ("polycarbonate", "aluminum", "nylon"), (69, 299),
        ("Carry-On", "Hard-Shell", "Four-Wheel", "Lightweight"),
        ("Fits the overhead bin and rolls in every direction.",
         "Two straps inside keep shirts where they were packed.",
         "You will know it at once on the baggage belt."),
    ),
    "tie": KindFacts(
        ("Clothing", "Accessories", "Ties"), ("silk", "wool", "polyester"), (14, 69),
        ("Classic", "Slim", "Hand-Finished", "Formal"),
        ("Knots cleanly and hangs straight all day.",
         "For weddings, interviews and people who like a tie.",
         "Lined with wool, so that creases fall out overnight."), _CLOTH_SKIPS,
    ),
    "teapot": KindFacts(
        ("Home & Kitchen", "Tableware", "Teapots"), ("porcelain", "ceramic", "stoneware"), (22, 79),
        ("Round", "Family", "Traditional", "Drip-Free"),
        ("Pours four cups without a drop on the cloth.",
         "A strainer of steel sits under the lid.",
         "Keeps tea warm to the last cup of the afternoon."),
    ),
    "plate": KindFacts(
        ("Home & Kitchen", "Tableware", "Plates"),
        ("porcelain", "stoneware", "bone china"), (8, 36),
        ("Dinner", "Rimmed", "Glazed", "Everyday"),
        ("Ten inches across and happy in the dishwasher.",
         "Dresses up a plain dinner and mixes with what you own.",
         "The glaze resists forks and knives for years."),
    ),
}  # fmt: skip

BRANDS: tuple[str, ...] = (
    "Alderwick", "Bramblehay", "Cobalt Heron", "Dunmarrow", "Elmsprite", "Fennelworth",
    "Goldpebble", "Hollowbrook Lane", "Inkwillow", "Juniper Quay", "Kestrelby", "Larkmere",
    "Mossgate", "Nettle & Vine", "Osprey Hollow", "Pinwheel Yard", "Quillfern", "Rookthorn",
    "Saltmarrow", "Tumblewick", "Umberlyn",
)  # fmt: skip
"""Invented names."""
