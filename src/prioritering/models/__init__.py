"""What a user declares: cohort Markov and partitioned-survival models, and their time."""

from prioritering.models.markov import MarkovModel
from prioritering.models.partitioned import PartitionedModel
from prioritering.models.resources import priced
from prioritering.models.rewards import at_start, entry, leaving
from prioritering.models.time import (
    AgeAdjustment,
    Background,
    Duration,
    Time,
    days,
    months,
    weeks,
    years,
)

__all__ = [
    "AgeAdjustment",
    "Background",
    "Duration",
    "MarkovModel",
    "PartitionedModel",
    "Time",
    "at_start",
    "days",
    "entry",
    "leaving",
    "months",
    "priced",
    "weeks",
    "years",
]
