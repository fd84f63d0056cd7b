"""Laws of where pictures are kept: the same in a folder and in a cloud, and clear about what cannot be."""

import io
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from hydroalert.domain.errors import InvalidInput, NotFound, Unavailable
from hydroalert.evidence.storage import Storage, open_storage
from tests.evidence.clouds import BUCKET, point_at, running_s3

KEY, OTHER_KEY = bytes(range(32)), bytes(32)
LARGE = bytes(range(256)) * 24_000  # more than one part of a multipart upload


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """Where a server speaks S3."""
    with running_s3() as endpoint:
        yield endpoint


@pytest.fixture(params=["folder", "s3"])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Of a folder, and of a bucket whose endpoint and credentials are in the environment, as obstore reads them."""
    if request.param == "folder":
        return (tmp_path / "with space").as_uri()
    point_at(request.getfixturevalue("s3"), monkeypatch)
    return f"s3://{BUCKET}/{tmp_path.name}"


async def everything(storage: Storage) -> list[str]:
    """All keys."""
    soon = datetime.now(UTC) + timedelta(minutes=1)
    return sorted([key async for keys in storage.older_than(soon) for key in keys])


async def content(chunks: AsyncIterator[bytes]) -> bytes:
    """All of it."""
    return b"".join([chunk async for chunk in chunks])


async def test_what_is_put_is_read_listed_and_deleted_in_a_folder_as_in_a_cloud(url: str, tmp_path: Path) -> None:
    storage, neighbour = open_storage(url, tmp_path, KEY), open_storage(url, tmp_path, OTHER_KEY)
    key, small, theirs = storage.new_key(), storage.new_key(), neighbour.new_key()
    for name, data in ((key, LARGE), (small, b"small"), (theirs, b"theirs")):
        await storage.put(name, io.BytesIO(data))
    found = await storage.get(key)
    assert found.size_bytes == len(LARGE)
    assert await content(found.chunks) == LARGE
    assert await everything(storage) == sorted([key, small])
    assert await everything(neighbour) == [theirs]
    assert [keys async for keys in storage.older_than(datetime.now(UTC) - timedelta(days=1)) if keys] == []
    for _ in range(2):
        await storage.delete(key)
    assert await everything(storage) == [small]
    with pytest.raises(NotFound):
        await storage.get(key)


async def test_a_cloud_signs_links_of_its_own_and_says_what_they_open(
    url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    storage = open_storage(url, tmp_path, KEY)
    key = storage.new_key()
    await storage.put(key, io.BytesIO(LARGE))
    link = await storage.link(key, timedelta(minutes=5))
    if url.startswith("file:"):
        assert link is None
        return
    assert link is not None
    assert link.startswith(request.getfixturevalue("s3"))
    async with httpx.AsyncClient() as client:
        shown = await client.get(link)
    assert shown.content == LARGE
    assert shown.headers["content-type"] == "image/jpeg"
    assert shown.headers["content-disposition"].startswith("inline")
    assert "Expires=300" in link


@pytest.mark.parametrize(
    "wrong", ["nonsense", "ftp://there/x", "s3://", "https://bucket", "memory:///", "file://host/x", "az://container/x"]
)
def test_a_place_that_cannot_be_is_told_at_the_start(
    wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME", raising=False)
    with pytest.raises(InvalidInput, match=r"HYDROALERT_EVIDENCE_URL|pictures cannot be kept"):
        open_storage(wrong, tmp_path, KEY)


async def test_a_folder_that_is_a_file_or_gone_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InvalidInput, match="pictures cannot be kept"):
        open_storage((tmp_path / "file").as_uri(), tmp_path, KEY)
    storage = open_storage(None, tmp_path, KEY)
    (tmp_path / "evidence" / storage.new_key()).symlink_to(tmp_path / "nowhere")
    assert len(await everything(storage)) == 1
    shutil.rmtree(tmp_path / "evidence")
    (tmp_path / "evidence").write_bytes(b"")
    with pytest.raises(Unavailable) as told:
        await storage.put(storage.new_key(), io.BytesIO(b"x"))
    assert str(tmp_path) not in str(told.value)


async def test_a_bucket_that_is_gone_is_a_store_that_does_not_answer(
    s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_at(s3, monkeypatch)
    storage = open_storage("s3://gone", tmp_path, KEY)
    with pytest.raises(Unavailable):
        await storage.put(storage.new_key(), io.BytesIO(b"x"))
