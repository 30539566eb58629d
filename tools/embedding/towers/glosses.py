"""Everyday names of goods in plainer words, for a model that reads sentences better than names."""

from __future__ import annotations

_GROUPS = """
running shoes, sneakers: runners, trainers, joggers, kicks, tennis shoes, gym shoes
running shoes, canvas shoes: plimsolls, pumps
boots: wellies, wellingtons, galoshes, gumboots
slippers, house shoes: loafers, mules, moccasins
sandals: flip flops, thongs, sliders
high heels, shoes: stilettos, heels
shoes: footwear, footgear
backpack: rucksack, knapsack, daypack, haversack, school bag, satchel
handbag, purse: clutch, pocketbook, tote
duffel bag, travel bag: holdall, gym bag, weekender
wallet: billfold, card holder, purse
suitcase, luggage: trunk, trolley case, carry on, valise
sofa: couch, settee, loveseat, divan
chair: armchair, stool, recliner, seat
cushion, pillow: throw pillow, bolster, scatter cushion
blanket: throw, duvet, comforter, quilt, afghan
rug, carpet: floor covering, mat, runner rug
curtain: drapes, window covering, blinds
lamp, light: lantern, lighting, night light, luminaire
lamp, flashlight: torch, headlight
vase: flower holder, flower pot
plate, dish: dinnerware, crockery, tableware, dishes
bowl: dish, basin, salad dish
mug, cup: coffee cup, beaker, tankard, tea cup
water bottle: flask, canteen, drinking bottle, thermos, hydro flask
hat, cap: headgear, bonnet, headwear, sun hat
hat, woolly hat: beanie, tuque, bobble hat, toque
jacket, coat: parka, anorak, windbreaker, overcoat, outerwear, blouson, blazer
rain jacket: raincoat, mac, mackintosh, cagoule, slicker
sweatshirt, hooded sweatshirt: hoodie, hoody, jumper, pullover, sweater
t-shirt, shirt: tee, top, tank top, jersey, singlet
trousers, pants: jeans, slacks, chinos, leggings, joggers
dress: gown, frock, sundress
scarf: shawl, wrap, muffler, pashmina, stole
tie: necktie, cravat
socks: stockings, hosiery, tights
gloves: mittens, mitts
underwear: briefs, boxers, knickers, lingerie, undies
swimsuit: bathing suit, swimwear, swimming costume, trunks, bikini
watch: wristwatch, timepiece, chronograph
sunglasses: shades, sunnies, eyewear, eyeglasses
goggles: eyewear, ski glasses
necklace: pendant, choker, locket
earrings: ear studs
perfume: fragrance, cologne, scent, eau de toilette, aftershave
umbrella: parasol, brolly, sunshade
headphones: earphones, headset, earbuds, cans
phone case, mobile phone cover: smartphone cover, iphone cover, cell phone cover, phone cover
mobile phone: smartphone, cell phone, handset, iphone
notebook: journal, diary, notepad, jotter
vacuum cleaner: hoover, dust sucker
robot vacuum cleaner: roomba, robotic hoover
hair dryer: blow dryer, hairdryer, blower
hair straightener: flat iron, hair iron
shaver, electric razor: razor, shaving machine
beard trimmer, hair clipper: hair clippers, groomer
kettle: water boiler, water cooker, tea kettle
coffee machine, coffee maker: coffee brewer, percolator, barista machine, espresso maker
blender, mixer: liquidizer, smoothie maker, juicer
food processor: chopper, vegetable chopper
air fryer: deep fryer, chip fryer
fan: ventilator, cooler
clothes iron: flatiron, steam press
air purifier: air cleaner, air filter
mirror: looking glass
bicycle: bike, push bike, cycle, road bike
helmet: hard hat, bike hat
tent: camping shelter, bivouac, canopy
trekking poles: walking sticks, hiking sticks, walking poles
climbing harness: climbing belt, safety harness
headlamp: head torch
bag: sack, pouch, carrier
gift card: voucher, gift voucher, gift certificate
juice: soft drink, smoothie
"""


def _read() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for line in _GROUPS.strip().splitlines():
        plain, _, names = line.partition(": ")
        for name in names.split(", "):
            found[name] = tuple(dict.fromkeys((*found.get(name, ()), *plain.split(", "))))
    return found


GLOSSES = _read()
"""Name to plainer words."""
