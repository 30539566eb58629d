"""The Universal Commerce Protocol's catalogue over a shop, without any transport."""
