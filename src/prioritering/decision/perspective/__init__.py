"""Which consequences a view counts, and the inventory of what was counted."""
