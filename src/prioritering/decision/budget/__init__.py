"""What adoption means over the years: money, people, and health displaced elsewhere."""
