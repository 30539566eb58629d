"""The browser chat: our FastAPI application with Chainlit mounted in it."""
