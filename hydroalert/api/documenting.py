"""What Litestar cannot see of a route, said in its OpenAPI operation."""

from dataclasses import dataclass

from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType

from hydroalert.api.formats import CSV, GEOJSON, JSON, NDJSON, SVG
from hydroalert.evidence.picture import MAX_SENT_BYTES, Kind
from hydroalert.wire.frame import MAX_FRAME_BYTES

_OCTETS = "application/octet-stream"
_BINARY = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY, max_length=MAX_FRAME_BYTES)


def _also_answers(operation: Operation, media_type: str, schema: Schema) -> None:
    answer = (operation.responses or {}).get("200")
    if isinstance(answer, OpenAPIResponse) and answer.content is not None:
        answer.content[media_type] = OpenAPIMediaType(schema=schema)


@dataclass
class GeoJsonToo(Operation):
    """Answers in GeoJSON where asked to."""

    def __post_init__(self) -> None:
        _also_answers(self, GEOJSON, Schema(type=OpenAPIType.OBJECT, description="RFC 7946"))


@dataclass
class CsvToo(Operation):
    """Answers in CSV where asked to."""

    def __post_init__(self) -> None:
        _also_answers(self, CSV, Schema(type=OpenAPIType.STRING, description="RFC 4180, with a head"))


@dataclass
class AuditToo(CsvToo):
    """Answers in CSV or NDJSON where asked to."""

    def __post_init__(self) -> None:
        super().__post_init__()
        _also_answers(self, NDJSON, Schema(type=OpenAPIType.STRING, description="One JSON object a line"))


@dataclass
class SvgToo(Operation):
    """Answers with a picture where asked to."""

    def __post_init__(self) -> None:
        _also_answers(self, SVG, Schema(type=OpenAPIType.STRING, description="SVG 1.1, without scripts"))


@dataclass
class EventStreamOut(Operation):
    """Answers with server-sent events, for as long as the client listens."""

    def __post_init__(self) -> None:
        answer = (self.responses or {}).get("200")
        if isinstance(answer, OpenAPIResponse):
            answer.content = {"text/event-stream": OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))}


@dataclass
class TableIn(Operation):
    """Takes a table in any of the forms in which people keep one."""

    def __post_init__(self) -> None:
        rows = Schema(type=OpenAPIType.ARRAY, items=Schema(type=OpenAPIType.OBJECT))
        forms = {
            JSON: rows,
            GEOJSON: Schema(type=OpenAPIType.OBJECT, description="A FeatureCollection of points (RFC 7946)"),
            CSV: Schema(type=OpenAPIType.STRING, description="RFC 4180, with a head"),
        }
        content = {media_type: OpenAPIMediaType(schema=schema) for media_type, schema in forms.items()}
        self.request_body = RequestBody(content=content, required=True)


@dataclass
class FrameInReceiptOut(Operation):
    """Takes a frame as it is and answers with one."""

    def __post_init__(self) -> None:
        self.request_body = RequestBody(
            content={_OCTETS: OpenAPIMediaType(schema=_BINARY)},
            description="One frame (SPEC 2): header, body and tag, at most 4124 bytes.",
            required=True,
        )


@dataclass
class PictureIn(Operation):
    """Takes a picture as it is."""

    def __post_init__(self) -> None:
        picture = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY, max_length=MAX_SENT_BYTES)
        self.request_body = RequestBody(
            content={kind.media_type: OpenAPIMediaType(schema=picture) for kind in Kind},
            description="The file's bytes: what they are is told by themselves, not by Content-Type.",
            required=True,
        )


@dataclass
class PictureOut(Operation):
    """Answers with a picture, or says where it is."""

    def __post_init__(self) -> None:
        picture = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)
        answer = (self.responses or {}).get("200")
        if isinstance(answer, OpenAPIResponse):
            answer.content = {Kind.JPEG.media_type: OpenAPIMediaType(schema=picture)}
        if self.responses is not None:
            self.responses["307"] = OpenAPIResponse(description="It is kept in a cloud: Location is its own link to it")
