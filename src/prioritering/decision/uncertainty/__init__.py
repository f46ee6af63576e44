"""How uncertain a decision is, in which way, and what could change the reading."""
