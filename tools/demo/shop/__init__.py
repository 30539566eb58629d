"""The built-in shop: its products, their facts and texts, and the files they are written to."""
