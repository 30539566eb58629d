"""The conversation: settings, agent, chat models, what a thread remembers."""
