"""Where the pages of the built-in shop are: the chat serves them."""

OWN_ADDRESS = "http://localhost:8000/shop/"
"""Beginning of their addresses in the catalogue. On its own page the chat puts the path under which
browsers have it in its place."""
