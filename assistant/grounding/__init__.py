"""Checks a chat model's prose against what the shop has said, one sentence at a time.

Caught, in digits and in English words: a number, price or rating that the model was never told; one
that belongs to another product than the sentence names; a number that no card has; a brand of the
shop that none of the products has; a name in capitals, bold or quotes that no product has; an
address; what a catalogue does not know (delivery, stock, discounts, warranty); a tool call written
out as prose. A sentence that is caught is replaced by one made from the catalogue. Not covered:
praise and other claims without a fact in them, colors and materials, and names in small letters.
"""
