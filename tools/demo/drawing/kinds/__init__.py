"""The kinds of product by name: how each is drawn and placed."""

from __future__ import annotations

from tools.demo.drawing.kinds import bags, clothes, gadgets, home, kitchen, outfit
from tools.demo.drawing.part import Kind

KIND_SHAPES: dict[str, Kind] = {
    "phone case": Kind(gadgets.phone_case, sway=9.0, grain=0.7),
    "mug": Kind(kitchen.mug, ground=0.85, mirrors=True, sway=0.0, grain=0.8),
    "t-shirt": Kind(clothes.t_shirt, sway=3.0, grain=0.8),
    "backpack": Kind(bags.backpack, ground=0.90, sway=0.0, grain=0.8),
    "sneaker": Kind(outfit.sneaker, ground=0.765, mirrors=True, sway=0.0, grain=0.6),
    "lamp": Kind(home.lamp, ground=0.895, sway=0.0, grain=0.8),
    "cushion": Kind(home.cushion, sway=7.0),
    "dress": Kind(clothes.dress, sway=2.0, mirrors=True, grain=0.7),
    "scarf": Kind(clothes.scarf, sway=4.0, mirrors=True, grain=0.7),
    "handbag": Kind(bags.handbag, ground=0.865, sway=0.0, grain=0.8),
    "umbrella": Kind(outfit.umbrella, sway=9.0, mirrors=True, grain=0.8),
    "rug": Kind(home.rug, ground=0.775, sway=0.0, grain=0.8),
    "curtain": Kind(home.curtain, ground=0.94, sway=0.0, grain=0.7),
    "vase": Kind(kitchen.vase, ground=0.885, sway=0.0, grain=0.7),
    "bowl": Kind(kitchen.bowl, ground=0.81, sway=0.0, grain=0.8),
    "notebook": Kind(gadgets.notebook, sway=8.0, grain=0.8),
    "water bottle": Kind(kitchen.water_bottle, ground=0.92, sway=0.0, grain=0.7),
    "hat": Kind(outfit.hat, ground=0.74, sway=0.0, grain=0.7),
    "socks": Kind(outfit.socks, sway=6.0, mirrors=True, grain=0.6),
    "wallet": Kind(bags.wallet, sway=6.0, grain=0.7),
    "watch": Kind(outfit.watch, sway=10.0, grain=0.5),
    "blanket": Kind(home.blanket, ground=0.85, sway=0.0, mirrors=True, grain=0.8),
    "headphones": Kind(gadgets.headphones, sway=3.0, grain=0.5),
    "chair": Kind(home.chair, ground=0.90, sway=0.0, grain=0.8),
    "suitcase": Kind(bags.suitcase, ground=0.935, sway=0.0, grain=0.8),
    "tie": Kind(clothes.tie, sway=6.0, mirrors=True, grain=0.5),
    "teapot": Kind(kitchen.teapot, ground=0.82, mirrors=True, sway=0.0, grain=0.7),
    "plate": Kind(kitchen.plate, sway=14.0, grain=0.7),
}
KINDS: tuple[str, ...] = tuple(KIND_SHAPES)
