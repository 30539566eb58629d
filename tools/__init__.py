"""What the shop can do: catalogue, embedding, index, search. Works without any chat."""
