"""The LangChain agent: its state, its prompt, its middleware, one turn of a conversation."""
