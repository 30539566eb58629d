"""Searching a shop, and the tools of a conversation as far as they need no LangChain."""
