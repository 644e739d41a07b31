"""The route of the map's outlines: fetched by the browser once, from here and nowhere else."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from pages.ui.figures import MAP_ADDRESS

FOLDER = Path(__file__).with_name("assets") / "map"
KINDS = {".geojson": "application/geo+json", ".json": "application/json"}
KEPT = "private, max-age=86400"


def outline(request: Request) -> Response:
    """A file of the folder by its name; 404 for any other."""
    known = {path.name: path for path in FOLDER.iterdir()}
    path = known.get(request.path_params["name"])
    if path is None:
        return Response(status_code=404)
    return FileResponse(path, media_type=KINDS[path.suffix], headers={"cache-control": KEPT})


def routes() -> list[Route]:
    """What the server adds to its own routes."""
    return [Route(f"{MAP_ADDRESS}{{name}}", outline)]
