"""Phi-3 Vision as the chat model: LangChain's interface over the native one, answers in a shape."""
