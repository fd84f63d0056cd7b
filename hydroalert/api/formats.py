"""Which form an answer takes: `?format=` decides, else the Accept header (RFC 9110, section 12.5.1)."""

from collections.abc import Mapping

from hydroalert.domain.errors import InvalidInput

JSON = "application/json"
GEOJSON = "application/geo+json"
CSV = "text/csv"
NDJSON = "application/x-ndjson"
SVG = "image/svg+xml"


def choose_format(wanted: str | None, accept: str | None, offered: Mapping[str, str]) -> str:
    """The media type to answer with. `offered` maps the words of `?format=` to media types, the default first.

    A client that accepts nothing of what there is gets the default rather than nothing.
    """
    if wanted is not None:
        if wanted not in offered:
            raise InvalidInput(f"there is no format {wanted!r}: {' or '.join(offered)}", "format")
        return offered[wanted]
    default = next(iter(offered.values()))
    weights = _weights(accept or "*/*")
    return max(offered.values(), key=lambda media_type: (_weight(media_type, weights), media_type == default))


def _weights(accept: str) -> dict[str, float]:
    weights: dict[str, float] = {}
    for entry in accept.split(",")[:32]:
        media_type, *parameters = (part.strip().lower() for part in entry.split(";"))
        weights[media_type] = next((_quality(one[2:]) for one in parameters if one.startswith("q=")), 1.0)
    return weights


def _quality(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0


def _weight(media_type: str, weights: dict[str, float]) -> float:
    """What the most specific range says."""
    family = media_type.partition("/")[0] + "/*"
    return next((weights[one] for one in (media_type, family, "*/*") if one in weights), 0.0)
