"""How good a search is: labelled queries, figures, lift by rerank and its trust, one report.

Not covered: whether the labels are right, and whether a shopper would have been as pleased with
a product that nobody labelled (it counts as wrong).
"""
