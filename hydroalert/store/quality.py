"""Quality: how each datastream is tested."""

import msgspec

from hydroalert.domain.quality import QualitySettings
from hydroalert.store.pool import Connection

_SETTINGS = "SELECT quality_settings FROM datastream WHERE id = $1"


async def load_settings(connection: Connection, datastream_id: int) -> QualitySettings:
    """What was set for the datastream, which is there; nothing of the defaults."""
    return msgspec.json.decode(await connection.fetchval(_SETTINGS, datastream_id), type=QualitySettings)
