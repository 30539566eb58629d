"""The record of a turn: what was asked, seen, said and done, kept on disk for who runs the shop."""
