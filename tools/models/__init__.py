"""What all models share: where weights come from, and whether a file holds the right ones."""
