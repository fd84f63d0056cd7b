"""What is replayed of one datastream."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from hydroalert.domain.quality import QualitySettings
from hydroalert.judging.context import Point, Stream


class History(msgspec.Struct, frozen=True):
    """All that is stored of one datastream for the time of the replay and what its windows look back on.

    `stream`: without points. `points` in order of time, as admission left them; `received_at`, one for each point,
    where the replay follows the order of arrival.
    """

    stream: Stream
    settings: QualitySettings
    points: Sequence[Point]
    received_at: Sequence[datetime] | None = None

    @property
    def arrives_at(self) -> Sequence[datetime]:
        """When each point arrives."""
        return self.received_at if self.received_at is not None else [point.time for point in self.points]
