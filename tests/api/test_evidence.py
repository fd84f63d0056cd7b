"""Laws of pictures over HTTP: taken once, told apart from what they claim, shown by link, and swept when forgotten."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest

from hydroalert.api.evidence import body
from hydroalert.api.services import Services
from hydroalert.domain.reports import MAX_PICTURES
from hydroalert.evidence.keeping import Stored, store_picture
from hydroalert.evidence.picture import MAX_SENT_BYTES
from hydroalert.evidence.sign import links_to
from hydroalert.evidence.storage import FOLDER, Storage, open_storage
from hydroalert.evidence.sweeping import sweep_abandoned, sweep_unknown
from hydroalert.store import Connection
from hydroalert.store.evidence import Evidence, list_evidence, remove_evidence
from hydroalert.store.writing import writing
from tests.api.conftest import serving
from tests.api.test_reports import LAT, PHONE, submit
from tests.api.world import World
from tests.evidence import corpus
from tests.evidence.clouds import BUCKET, point_at, running_s3

PATH = "/api/v1/reports/tracked/evidence"
THREE_KM_NORTH = LAT + 3_000 / 110_600
Headers = dict[str, str]
Sweep = Callable[[Storage, Connection, datetime], Awaitable[int]]


async def send(client: httpx.AsyncClient, code: Headers, picture: bytes) -> httpx.Response:
    """Add a picture to the report that the code opens."""
    return await client.post(PATH, content=picture, headers=code)


async def announce(client: httpx.AsyncClient, code: Headers, length: int) -> bytes:
    """Say that so many bytes will come, send none, and read until the connection is closed."""
    reader, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port)
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n"
    writer.write(f"{head}X-Tracking-Code: {code['X-Tracking-Code']}\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    return answer


async def kept(world: World, *reports: UUID) -> list[Evidence]:
    """The pictures of these reports."""
    return await list_evidence(world.connection, reports)


def files(tmp_path: Path) -> set[str]:
    """What is stored."""
    return {entry.name for entry in (tmp_path / FOLDER).iterdir()}


async def swept(services: Services, job: Sweep, now: datetime) -> int:
    """How many files it deletes, at that time."""
    async with writing(services.writings) as connection:
        return await job(services.evidence.storage, connection, now)


async def test_a_picture_is_taken_once_measured_against_the_claim_and_shown_by_its_link_alone(
    services: Services, client: httpx.AsyncClient, world: World, tmp_path: Path
) -> None:
    report, code = await submit(client, services)
    distant, other_code = await submit(client, services, lat=THREE_KM_NORTH)
    picture = corpus.saved(corpus.scene(), exif=corpus.exif())
    answer = await send(client, code, picture)
    assert answer.status_code == 201, answer.text
    again = await send(client, code, picture)
    assert (again.status_code, again.json()["id"]) == (200, answer.json()["id"])
    far = await send(client, other_code, corpus.saved(corpus.scene(size=(500, 375)), quality=60, exif=corpus.exif()))
    assert far.status_code == 201
    first, second = (await kept(world, report))[0], (await kept(world, distant))[0]
    assert first.hint_off_m is not None
    assert first.hint_off_m < 1
    assert second.hint_off_m is not None
    assert 2_950 < second.hint_off_m < 3_050
    assert (first.like_evidence, second.like_evidence, second.like_report) == (None, first.id, report)
    assert second.like_bits is not None
    assert second.like_bits <= 6
    for link in answer.json()["links"]["picture"], answer.json()["links"]["thumbnail"]:
        shown = await client.get(link)
        assert shown.status_code == 200
        assert shown.content.startswith(b"\xff\xd8\xff\xe0")
        assert b"SECRET" not in shown.content
        assert shown.headers["content-type"] == "image/jpeg"
        assert shown.headers["content-length"] == str(len(shown.content))
        assert shown.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in shown.headers["content-security-policy"]
        assert shown.headers["cache-control"].startswith("private, max-age=")
    one, other = answer.json(), far.json()
    link = one["links"]["picture"]
    over = links_to(services.evidence.link_key, UUID(one["id"]), services.clock() - timedelta(minutes=20)).picture
    missing = links_to(services.evidence.link_key, UUID(int=9), services.clock()).picture
    for wrong, status, kind in (
        (link.replace(one["id"], other["id"]), 403, "bad-link"),
        (link.replace("/picture", "/thumbnail"), 403, "bad-link"),
        (link[:-2] + "xx", 403, "bad-link"),
        (over, 403, "link-expired"),
        (missing, 404, "not-found"),
        (urlsplit(link).path, 400, "invalid-input"),
        (link.replace("/picture", "/original"), 400, "invalid-input"),
    ):
        answer = await client.get(wrong)
        assert (answer.status_code, answer.json()["type"]) == (status, f"urn:hydroalert:problem:{kind}"), wrong
    assert len(files(tmp_path)) == 4
    assert {stat.S_IMODE((tmp_path / FOLDER / name).stat().st_mode) for name in files(tmp_path)} == {0o600}
    assert stat.S_IMODE((tmp_path / FOLDER).stat().st_mode) == 0o700


async def test_what_is_not_taken_or_too_long_is_answered_with_its_word_and_leaves_nothing(
    services: Services, client: httpx.AsyncClient, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report, code = await submit(client, services)
    jpeg = corpus.saved(corpus.scene())
    for picture, status, word in (
        (corpus.unsupported()["an SVG, read"], 415, "unsupported-type"),
        (corpus.HTML, 415, "not-a-picture"),
        (b"", 415, "not-a-picture"),
        (jpeg[:-9], 422, "truncated"),
        (jpeg + corpus.ZIP, 422, "trailing-data"),
        (corpus.resized_header(jpeg, 9_000, 9_000), 422, "too-many-pixels"),
    ):
        answer = await send(client, code, picture)
        told = answer.json()
        assert (answer.status_code, told["type"], told["reason"]) == (
            status,
            "urn:hydroalert:problem:picture-refused",
            word,
        )
        assert services.meters.pictures.labels(word)._value.get() >= 1
    too_long = await announce(client, code, 10_000_000_000)
    assert too_long.startswith(b"HTTP/1.1 413")
    assert b"12 MB" in too_long
    monkeypatch.setattr(body, "_PATIENCE_S", 0.05)
    assert (await announce(client, code, 70_000)).startswith(b"HTTP/1.1 408")
    monkeypatch.undo()
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 100_000
            yield bytes(100_000)

    try:
        refused = await client.post(PATH, content=endless(), headers=code)
        assert refused.status_code == 413
    except (httpx.WriteError, httpx.ReadError):
        pass  # the answer was lost to the reset of a connection that was still being written to
    assert MAX_SENT_BYTES < sent < 3 * MAX_SENT_BYTES
    assert not services.uploads._taken
    assert await kept(world, report) == []
    assert files(tmp_path) == set()
    assert await world.connection.fetchval("SELECT count(*) FROM evidence_file") == 0


async def test_a_report_has_five_pictures_each_once_however_many_come_at_once_and_none_once_it_is_decided(
    services: Services, client: httpx.AsyncClient, world: World
) -> None:
    report, code = await submit(client, services)
    same = corpus.good()["jpeg"]
    statuses = [one.status_code for one in await asyncio.gather(*(send(client, code, same) for _ in range(3)))]
    assert sorted(set(statuses)) in ([200, 201], [201])
    assert len(await kept(world, report)) == 1
    others = [corpus.saved(corpus.scene(seed, size=(64, 48))) for seed in range(7)]
    answers = await asyncio.gather(*(send(client, code, one) for one in others))
    assert sorted(one.status_code for one in answers) == [201] * 4 + [409] * 3
    assert [one.number for one in await kept(world, report)] == list(range(1, MAX_PICTURES + 1))
    story = await world.connection.fetch("SELECT kind FROM report_event WHERE report_id = $1", report)
    assert [row["kind"] for row in story].count("picture") == MAX_PICTURES
    decided_id, decided_code = await submit(client, services)
    await world.connection.execute("UPDATE report SET state = 'verified' WHERE id = $1", decided_id)
    decided = await send(client, decided_code, same)
    _, taken_back = await submit(client, services)
    await client.post("/api/v1/reports/tracked/withdraw", headers=taken_back)
    withdrawn = await send(client, taken_back, same)
    for answer in decided, withdrawn:
        assert answer.status_code == 409
        assert "send a new one" in answer.json()["detail"]
    await world.connection.execute("UPDATE report SET state = 'verified' WHERE id = $1", report)
    assert [(await send(client, code, one)).status_code for one in (same, corpus.good()["png"])] == [200, 409]
    assert (await send(client, {"X-Tracking-Code": "00000-00000-00000-00000"}, same)).status_code == 404
    assert (await send(client, {}, same)).status_code == 400


async def test_files_that_no_picture_names_are_swept_and_what_was_swept_becomes_no_evidence(
    services: Services, client: httpx.AsyncClient, world: World, tmp_path: Path
) -> None:
    stays, code = await submit(client, services)
    await send(client, code, corpus.good()["jpeg"])
    ours = files(tmp_path)
    goes, gone_code = await submit(client, services, contact=PHONE)
    await send(client, gone_code, corpus.good()["png"])
    async with world.connection.transaction():
        assert await remove_evidence(world.connection, goes) == 1
    with services.evidence.spool() as sent:  # as an api that was killed before it wrote the row
        await sent.add(corpus.good()["webp"])
        await sent.flush()
        assert isinstance(await store_picture(services.evidence, services.writings, sent, services.clock), Stored)
    owner = next(iter(ours)).partition("-")[0]
    for name in (f"{owner}-old.jpg", f"{owner}-half.jpg#1", "of-somebody-else.jpg", f"{owner}-young.jpg"):
        (tmp_path / FOLDER / name).write_bytes(b"x")
        if "young" not in name:
            os.utime(tmp_path / FOLDER / name, (0, 0))
    now = services.clock()
    assert await swept(services, sweep_abandoned, now) == 2  # of the report that was forgotten
    later = now + timedelta(minutes=61)
    both = await asyncio.gather(*(swept(services, sweep_abandoned, later) for _ in range(2)))
    assert sum(both) == 2  # of who was killed
    assert await swept(services, sweep_unknown, now) == 2  # the old one and the half one
    assert [await swept(services, job, later) for job in (sweep_abandoned, sweep_unknown)] == [0, 0]
    assert files(tmp_path) == ours | {"of-somebody-else.jpg", f"{owner}-young.jpg"}
    assert [one.report_id for one in await kept(world, stays, goes)] == [stays]
    assert await world.connection.fetchval("SELECT count(*) FROM evidence_file WHERE evidence_id IS NULL") == 0
    report, code = await submit(client, services)
    await world.connection.execute(
        "CREATE FUNCTION sweep_it() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN DELETE FROM evidence_file; RETURN NEW; END $$;"
        "CREATE TRIGGER swept AFTER INSERT ON evidence FOR EACH ROW EXECUTE FUNCTION sweep_it()"
    )
    answer = await send(client, code, corpus.good()["jpeg"])
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert await kept(world, report) == []


async def test_in_a_cloud_pictures_are_opened_by_its_own_links_thumbnails_come_from_here_and_both_are_swept(
    services: Services, world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with running_s3() as endpoint:
        point_at(endpoint, monkeypatch)
        storage = open_storage(f"s3://{BUCKET}", tmp_path, bytes(32))
        services = replace(services, evidence=replace(services.evidence, storage=storage))
        async with serving(services) as base_url, httpx.AsyncClient(base_url=base_url, timeout=30) as client:
            report, code = await submit(client, services)
            links = (await send(client, code, corpus.good()["jpeg"])).json()["links"]
            elsewhere = await client.get(links["picture"])
            assert (elsewhere.status_code, elsewhere.headers["cache-control"]) == (307, "no-store")
            assert elsewhere.headers["location"].startswith(endpoint)
            picture = await client.get(elsewhere.headers["location"])
            assert (picture.status_code, picture.content[:2]) == (200, b"\xff\xd8")
            thumbnail = await client.get(links["thumbnail"])
            assert (thumbnail.status_code, thumbnail.content[:2]) == (200, b"\xff\xd8")
            await remove_evidence(world.connection, report)
            assert await swept(services, sweep_abandoned, services.clock()) == 2
            assert (await client.get(elsewhere.headers["location"])).status_code == 404
            assert (await client.get(links["picture"])).status_code == 404
