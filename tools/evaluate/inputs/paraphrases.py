"""What shoppers say for a kind of thing without its name. Written by hand, no shop in view."""

from __future__ import annotations

_LINES = """
kettle: teapot for brewing a hot cuppa; something to boil water
air fryer: gadget that makes crispy french fries
blender: smoothie mixer for shakes
toaster: makes bread crunchy at breakfast
coffee machine: appliance for caffeine lovers
food processor: chopper for vegetables
air purifier: cleans dust and pollen out of what I breathe
humidifier: my bedroom feels too dry
fan: cooling ventilator for a hot day
iron: flattens rumpled shirts
hair dryer: blower for wet locks
hair straightener: flattens curly tresses
shaver: razor for men's face
trimmer: neaten my moustache
sneaker: canvas gym trainers; joggers' shoes
backpack: rucksack for school books
handbag: holdall for my purse and keys
wallet: somewhere for my cash and cards
suitcase: luggage for a long trip
umbrella: keeps me dry in a downpour
raincoat: waterproof layer for bad weather
jacket: thick coat for freezing days
sweatshirt: hooded pullover
beanie: woolly cap for cold ears
hat: something against the sun on my head
scarf: wrap for a cold neck
socks: keep my feet warm in bed
tie: for the collar at a wedding
dress: gown for an evening out
t-shirt: tee for a hot day
watch: timepiece for the wrist
sunglasses: shades for the beach
headphones: listen to music on the train
phone case: cover that protects my mobile
notebook: somewhere to write my diary
mug: something to drink cocoa from
water bottle: flask for hikes
teapot: brews a pot for four
bowl: dish for soup
plate: crockery to serve dinner on
vase: holder for cut flowers
lamp: something to read by at night
cushion: soft thing to lean on when I sit
rug: floor covering for the living room
curtain: keeps the morning light out of my bedroom
blanket: cosy throw for the sofa
chair: somewhere to sit at the table
gift card: voucher as a present
"""
PARAPHRASES: dict[str, tuple[str, ...]] = {
    kind: tuple(said.split("; "))
    for kind, _, said in (line.partition(": ") for line in _LINES.strip().splitlines())
}
"""By the name of the kind in the singular."""
