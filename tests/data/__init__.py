"""Conversations as data: `journeys/` holds whole ones, `turns/` holds single messages."""
