"""A shop's own products: reading its files, its vocabulary, which catalogue is active."""
