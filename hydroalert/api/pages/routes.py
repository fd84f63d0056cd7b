"""`/`, `/live` and `/assets`: static files of this package and of Swagger UI's."""

from importlib.resources import files
from pathlib import Path

import swagger_ui_bundle
from litestar import MediaType, Response, Router, get
from litestar.static_files import create_static_files_router

_STATIC = Path(str(files("hydroalert.api.pages") / "static"))


@get("/", include_in_schema=False, media_type=MediaType.HTML, sync_to_thread=False)
def read_start_page() -> Response[bytes]:
    """The start page: stations, levels, and where everything is."""
    return Response((_STATIC / "index.html").read_bytes(), media_type=MediaType.HTML)


@get("/live", include_in_schema=False, media_type=MediaType.HTML, sync_to_thread=False)
def read_live_page() -> Response[bytes]:
    """What is warned of now, as it changes."""
    return Response((_STATIC / "live.html").read_bytes(), media_type=MediaType.HTML)


def asset_routers() -> list[Router]:
    """Styles, scripts and pictures; nothing above these directories can be reached."""
    return [
        create_static_files_router("/assets", [_STATIC], name="assets", include_in_schema=False),
        create_static_files_router(
            "/assets/swagger", [swagger_ui_bundle.swagger_ui_path], name="swagger", include_in_schema=False
        ),
    ]
