"""The chat models: the built-in rules, Phi-3 Vision, and any that LangChain can name."""
