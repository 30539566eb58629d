"""Phi-3 Vision on transformers' own Phi-3 and CLIP blocks, from the published files alone."""
