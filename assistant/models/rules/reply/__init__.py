"""Sentences about what the tools returned."""
