"""`/`, `/live`, `/report`, `/triage`, `/account` and `/assets`: static files of this package and of Swagger UI's.

The pages themselves hold nothing that is not public; what they show of people's work they ask of the api, logged in.
"""

from importlib.resources import files
from pathlib import Path

import swagger_ui_bundle
from litestar import MediaType, Response, Router, get
from litestar.handlers import HTTPRouteHandler
from litestar.static_files import create_static_files_router

from hydroalert.api.callers.may import anyone

_STATIC = Path(str(files("hydroalert.api.pages") / "static"))


def _page(path: str, name: str) -> HTTPRouteHandler:
    def read_page() -> Response[bytes]:
        return Response((_STATIC / f"{name}.html").read_bytes(), media_type=MediaType.HTML)

    return get(
        path,
        name=name,
        guards=[anyone(rate=None)],
        include_in_schema=False,
        media_type=MediaType.HTML,
        sync_to_thread=False,
    )(read_page)


PAGES = [
    _page("/", "index"),
    _page("/live", "live"),
    _page("/report", "report"),
    _page("/triage", "triage"),
    _page("/account", "account"),
]
"""Stations and levels; what is warned of now; what a citizen saw; what operators decide; one's own account."""


def asset_routers() -> list[Router]:
    """Styles, scripts and pictures; nothing above these directories can be reached."""
    return [
        create_static_files_router(
            "/assets", [_STATIC], name="assets", guards=[anyone(rate=None)], include_in_schema=False
        ),
        create_static_files_router(
            "/assets/swagger",
            [swagger_ui_bundle.swagger_ui_path],
            name="swagger",
            guards=[anyone(rate=None)],
            include_in_schema=False,
        ),
    ]
