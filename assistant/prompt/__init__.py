"""What every chat model is told: the system message, the situation in it, the history."""
