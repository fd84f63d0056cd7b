"""How the api was told to treat those who call it."""

from datetime import timedelta

import msgspec


class HttpSettings(msgspec.Struct, frozen=True):
    """`trusted_proxies`: addresses or networks (`10.0.0.0/8`) whose word on a client's address is believed.
    `cors_origins`: pages of other sites that may read here. `evidence_url`: where pictures are kept (`file://`,
    `s3://`, `gs://`, `az://`); None: below the data directory. `contact_kept`: how long a reporter's contact is, after
    the report was decided or withdrawn. `require_second_factor`: operators and administrators do nothing without one.
    """

    trusted_proxies: tuple[str, ...] = ()
    cors_origins: tuple[str, ...] = ()
    evidence_url: str | None = None
    contact_kept: timedelta = timedelta(days=30)
    require_second_factor: bool = False
    public_url: str | None = None
