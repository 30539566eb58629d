"""Putting candidates in order by looking at them: the seam, the grid, the answer, the fusion."""
