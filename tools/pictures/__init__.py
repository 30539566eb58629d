"""A catalogue's pictures that do not lie beside it: fetched by address, or out of an archive."""
