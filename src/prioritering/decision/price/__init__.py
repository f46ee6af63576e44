"""Prices at which an option is cost-effective, and the scenarios on the way there."""
