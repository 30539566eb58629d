"""Training the built-in embedder: what it sees, what is said about it, how pictures vary."""
