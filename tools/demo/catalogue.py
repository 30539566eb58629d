"""The demo shop's door: its products, and the folder that they are written to."""

from __future__ import annotations

from tools.demo.shop.files import picture_path, scene_path, write_shop
from tools.demo.shop.products import DemoProduct, demo_products

__all__ = ["DemoProduct", "demo_products", "picture_path", "scene_path", "write_shop"]
