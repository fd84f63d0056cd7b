"""Laws of the start page and of `/schema`: they work without the internet, and the schema tells the truth."""

import fnmatch
import re
from importlib.resources import files
from pathlib import Path
from urllib.parse import urljoin

import httpx
from jsonschema import Draft202012Validator

from hydroalert.domain.reports import Category, Depth

FOREIGN = re.compile(r"""(?:src|href|url|from|import|fetch)\s*[=(:]?\s*["'(]*\s*(?:https?:)?//""", re.IGNORECASE)
STATIC = Path(str(files("hydroalert.api.pages") / "static"))


async def test_the_pages_take_everything_from_here_and_run_nothing_inline(client: httpx.AsyncClient) -> None:
    for path in ("/", "/live", "/report", "/triage", "/account", "/schema"):
        page = await client.get(path)
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert not FOREIGN.search(page.text)
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=", page.text)
        assets = set(re.findall(r'(?:src|href)="(/assets/[^"]+)"', page.text))
        assert assets
        await _follow(client, assets)


async def _follow(client: httpx.AsyncClient, assets: set[str]) -> None:
    """Every asset is there, and so is every module that a module imports; none of ours names another server."""
    seen: set[str] = set()
    while assets - seen:
        for asset in assets - seen:
            answer = await client.get(asset)
            assert answer.status_code == 200, asset
            seen.add(asset)
            if not asset.startswith("/assets/swagger/"):
                assert not FOREIGN.search(answer.text), asset
                assets = assets | {urljoin(asset, name) for name in re.findall(r'from "(\.[^"]+)"', answer.text)}


async def test_every_word_of_the_citizens_page_is_in_each_of_its_languages() -> None:
    words = (STATIC / "report/words.js").read_text()
    english, spanish = re.split(r"^  es: \{", words, flags=re.MULTILINE)
    known = [set(re.findall(r'(?:^|[{,])\s*"?([\w-]+)"?: "', part, re.MULTILINE)) for part in (english, spanish)]
    assert known[0] == known[1]
    spoken = "".join(path.read_text() for path in [STATIC / "report.html", *(STATIC / "report").glob("*.js")])
    asked = re.findall(r'data-(?:word|label)="([\w-]+)"|say\("([\w-]+)"|complain\("([\w-]+)"', spoken)
    assert {word for words in asked for word in words if word} | set(Category) | set(Depth) <= known[0]


async def test_the_pages_ask_only_what_there_is(client: httpx.AsyncClient) -> None:
    known = {re.sub(r"\{\w+\}", "*", path) for path in (await client.get("/schema/openapi.json")).json()["paths"]}
    asked = set(re.findall(r'["`](/api/v1/[^"`?]*)', _text_of(STATIC, "*.js")))
    patterns = {re.sub(r"\$\{[^}]*\}", "*", path).rstrip("/") for path in asked}
    assert len(patterns) > 20
    assert not [one for one in patterns if not fnmatch.filter(known, one) and not fnmatch.filter(known, f"{one}/*")]


def _text_of(directory: Path, pattern: str) -> str:
    return "".join(path.read_text() for path in directory.rglob(pattern))


async def test_the_schema_names_every_path_of_the_contract(client: httpx.AsyncClient) -> None:
    schema = (await client.get("/schema/openapi.json")).json()
    assert schema["openapi"].startswith("3.1")
    assert set(schema["paths"]) >= {
        "/api/v1/stations",
        "/api/v1/stations/{station}",
        "/api/v1/stations/{station}/datastreams/{datastream}/observations",
        "/api/v1/devices",
        "/api/v1/frames/{device}",
        "/api/v1/alerts",
        "/api/v1/areas",
        "/api/v1/stream",
        "/api/v1/cap",
        "/api/v1/reports",
        "/health",
        "/health/ready",
        "/health/detailed",
        "/metrics",
    }
    series = schema["paths"]["/api/v1/stations/{station}/datastreams/{datastream}/observations"]["get"]
    assert {one["name"] for one in series["parameters"] if one["in"] == "query"} == {
        "from", "to", "known_at", "received_after", "resolution", "limit", "cursor", "format",
    }  # fmt: skip
    for component in schema["components"]["schemas"].values():
        Draft202012Validator.check_schema(component)


async def test_every_operation_says_who_may_call_it(client: httpx.AsyncClient) -> None:
    schema = (await client.get("/schema/openapi.json")).json()
    assert schema["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    for path, operations in schema["paths"].items():
        for one in operations.values():
            (who,) = re.findall(r"^For: (.+)\.$", one["description"], re.MULTILINE)
            public, machine = who.startswith("anyone"), "this machine" in who
            expected = [{}, {"bearer": []}] if machine else [{"bearer": []}]
            assert one.get("security") == (None if public else expected), path
            assert "401" in one["responses"]
            assert public or "403" in one["responses"], path


async def test_the_page_about_http_names_every_path_and_every_problem(client: httpx.AsyncClient) -> None:
    root = Path(__file__).parents[2]
    page = (root / "docs/http.md").read_text()
    schema = (await client.get("/schema/openapi.json")).json()
    assert set(re.findall(r"^\| `(/[^`]+)` \|", page, re.MULTILINE)) == set(schema["paths"])
    sources = _text_of(root / "hydroalert", "*.py")
    raised = re.findall(r'HTTPStatus\.[A-Z_]+,\s*"([a-z-]+)"|(?:Refused|problem)\(status, "([a-z-]+)"', sources)
    listed = page[page.index("Types (each") : page.index("`X-Request-Id`")]
    named = set(re.findall(r"`([a-z-]+)`", listed))
    assert {one or other for one, other in raised} <= named
    assert not [name for name in named if f'"{name}"' not in sources]
