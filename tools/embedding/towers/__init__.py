"""The towers embedder: EfficientNet-Lite0 sees, MiniLM reads, a small network joins the two."""
