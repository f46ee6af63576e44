"""Compiled kernels and the arrays they take; only ``prioritering.models`` imports them."""
