"""Who may enter the chat, and as whom."""
