"""The shop for other agents, over HTTP: keys, limits, and the endpoints behind them."""
