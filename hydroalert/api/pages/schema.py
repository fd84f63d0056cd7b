"""`/schema`: the OpenAPI document and Swagger UI, without an inline script and without a CDN."""

from http import HTTPStatus
from typing import Any

from litestar import Request, Response, Router
from litestar.exceptions import NotFoundException
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin
from litestar.openapi.spec import Components, License, Tag

from hydroalert import __doc__ as package_doc
from hydroalert.api.callers.declared import BEARER, bearer_scheme
from hydroalert.api.callers.may import anyone

_PAGE = b"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>HydroAlert API</title>
<link rel="icon" href="/assets/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/swagger/swagger-ui.css">
<script src="/assets/swagger/swagger-ui-bundle.js" defer></script>
<script src="/assets/schema.js" defer></script>
</head>
<body><div id="schema"></div></body>
</html>
"""

_TAGS = [
    Tag(name="stations", description="Where water is watched, and what was last heard from there."),
    Tag(name="observations", description="What was measured: as it stands, or as it was known at any time."),
    Tag(name="frames", description="Signed readings from devices that have no MQTT."),
    Tag(name="devices", description="What each device sent."),
    Tag(name="areas", description="What is warned, and which stations inform it."),
    Tag(name="rules", description="What raises an alert, each change as a version."),
    Tag(name="alerts", description="What stands, why, and what operators do about it."),
    Tag(name="live", description="What changes, as it changes."),
    Tag(name="cap", description="What the public was sent, as CAP 1.2."),
    Tag(name="notifications", description="Who is told of alerts, and what came of it."),
    Tag(name="reports", description="What citizens see: submitted without an account, shown to all once verified."),
    Tag(name="triage", description="What operators decide about reports."),
    Tag(name="shelters", description="Where people find room; what nobody knows is told as that."),
    Tag(name="accounts", description="Logging in, one's own account, everybody's, API keys."),
    Tag(name="audit", description="Who did what to what."),
    Tag(name="health", description="Whether the platform is well."),
]


class SwaggerPage(OpenAPIRenderPlugin):
    """Swagger UI, from the package `swagger-ui-bundle-v2`, reading `/schema/openapi.json`."""

    def __init__(self) -> None:
        super().__init__(path="/")

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """The page is the same for every schema: its script fetches it."""
        return _PAGE


async def _refuse_foreign_page(response: Response[Any]) -> Response[Any]:
    """Litestar's own HTML for an unknown path below /schema becomes a problem like everywhere else."""
    if response.status_code == HTTPStatus.NOT_FOUND:
        raise NotFoundException
    return response


def schema_config(version: str) -> OpenAPIConfig:
    """What Litestar is told of the document."""
    return OpenAPIConfig(
        title="HydroAlert",
        version=version,
        description=package_doc,
        license=License(name="Apache-2.0", identifier="Apache-2.0"),
        tags=_TAGS,
        components=Components(security_schemes={BEARER: bearer_scheme()}),
        use_handler_docstrings=True,
        render_plugins=[SwaggerPage(), JsonRenderPlugin()],
        openapi_router=Router(
            "/schema",
            route_handlers=[],
            guards=[anyone(rate=None)],
            include_in_schema=False,
            after_request=_refuse_foreign_page,
        ),
    )
