"""Phi-3 Vision as the chat model: LangChain's interface, answers constrained to a shape."""
