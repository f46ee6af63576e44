"""Timings of the package beside NumPy twins and a peer; nothing here asserts a speed."""
