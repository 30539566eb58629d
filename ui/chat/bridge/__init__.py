"""Everything that imports Chainlit: handlers, socket events, login, history, side panel."""
