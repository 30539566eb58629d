"""Shoppers' conversations on disk: listed in the sidebar, resumed, exported, deleted."""
