"""A synthetic river: rain that moves, slopes that answer late, reaches that carry the crest down."""

from device_sim.catchment.river import Gauge, River, RiverState

__all__ = ["Gauge", "River", "RiverState"]
