"""The hooks around the agent's model calls and tool calls, one file each.

`assistant.agent.graph` says in which order they stand, and why.
"""
