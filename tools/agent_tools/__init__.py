"""The tools that the agent calls, one file each, and what they need of the conversation."""
