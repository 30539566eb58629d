"""Placing pictures and words in one space: the seam, Visualized BGE, the built-in model."""
