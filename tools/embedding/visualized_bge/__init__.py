"""Visualized BGE on plain torch and transformers, from the published weights."""
