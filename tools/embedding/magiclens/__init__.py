"""MagicLens on transformers' CLIP towers, from the published weights."""
