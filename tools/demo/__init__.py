"""The built-in shop: its drawn pictures and its catalogue."""
