"""The built-in chat model: it reads messages by rules, without weights or a network."""
