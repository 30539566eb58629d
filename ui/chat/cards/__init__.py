"""What the page shows of products: props of cards, filter chips, buttons, thumbnails."""
