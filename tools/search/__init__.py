"""Searching a shop: ranked lists fused, products compared, empty searches relaxed."""
