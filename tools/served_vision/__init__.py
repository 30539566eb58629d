"""Phi-3 Vision behind an OpenAI-compatible server: asking it, reading it, leaving it alone."""
