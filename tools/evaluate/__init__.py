"""How good a search is: labelled queries, figures, the lift by a rerank and its trust, a report.

Not covered: whether the labels are right, and whether a shopper would have been as pleased with
a product that nobody labelled (it counts as wrong).
"""
