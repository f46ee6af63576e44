"""Everything a decision rests on, on one page."""
