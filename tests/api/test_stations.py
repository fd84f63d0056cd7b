"""Laws of `/api/v1/stations`."""


async def test_smoke(world, client):
    d = await world.add_series("avon")
    from tests.api.world import at

    await world.observe(d, [(at(i), i * 0.5) for i in range(3000)])
    for u in [
        "/",
        "/health",
        "/health/ready",
        "/health/detailed",
        "/metrics",
        "/schema",
        "/schema/openapi.json",
        "/schema/xyz",
        "/api/v1/stations",
        "/api/v1/stations?near=80,7&radius_m=100&format=geojson",
        "/api/v1/stations?bbox=1,2,3",
        "/api/v1/stations/avon",
        "/api/v1/stations/avon/datastreams",
        "/api/v1/stations/avon/datastreams/level/observations?limit=2&from=2025-11-02T00:00:00Z",
        "/api/v1/stations/avon/datastreams/level/observations?limit=4&resolution=3600",
        "/api/v1/stations/avon/datastreams/level/observations?limit=4&format=csv&known_at=2025-11-02T00:00:00%2B01:00",
        "/api/v1/devices",
        "/api/v1/stations?limit=x",
        "/api/v1/stations?limit=0",
        "/nope",
        "/assets/swagger/swagger-ui.css",
        "/api/v1/frames/x",
    ]:
        r = await client.get(u)
        print(
            u,
            r.status_code,
            r.headers.get("content-type"),
            r.text[:700] if r.status_code < 500 or True else "",
            {k: v for k, v in r.headers.items() if k in ("link", "allow")},
        )
    r = await client.post("/api/v1/frames/x", content=b"abc")
    print(r.status_code, r.text)
    r = await client.post("/api/v1/frames/x", content=b"\1" + b"a" * 60)
    print(r.status_code, r.text)
    r = await client.post("/api/v1/frames/x", content=b"a" * 4125)
    print(r.status_code, r.text, r.headers)
