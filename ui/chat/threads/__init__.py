"""Shoppers' conversations on disk: what the sidebar lists, resumes, deletes and hands out."""
