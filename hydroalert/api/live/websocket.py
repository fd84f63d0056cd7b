"""`/api/v1/ws`: the same events over WebSocket, and a filter that can be changed on the way."""

import asyncio
import time
from typing import Any

from litestar import WebSocket, websocket
from litestar.di import NamedDependency
from litestar.exceptions import WebSocketDisconnect

from hydroalert.api.callers.may import anyone
from hydroalert.api.live.clients import Client, Ending
from hydroalert.api.live.entering import token_of
from hydroalert.api.live.events import word
from hydroalert.api.live.filters import Filter, parse_filter
from hydroalert.api.live.messages import POLICY, Allowance, Authorization, Fault, Ping, Subscription, read_message
from hydroalert.api.live.service import Live
from hydroalert.api.services import Services

Socket = WebSocket[Any, Any, Any]

_TRUE = frozenset({"true", "1"})
_MAX_HELD_BACK = 10
_TOO_OFTEN = Fault(POLICY, "you say too much: twenty messages at once, then two a second")


@websocket("/api/v1/ws", guards=[anyone(rate=None)])
async def follow(socket: Socket, services: NamedDependency[Services]) -> None:
    """The filter is the query's until a message changes it; see docs/http.md."""
    wanted = _wanted(socket)
    with services.live.seats.seat(_address(socket)):
        services.live.pace.check(_address(socket))
        await socket.accept()
        await _serve(Client(wanted, token_of(socket), renews=True), socket, services.live)


async def _serve(client: Client, socket: Socket, live: Live) -> None:
    """One task writes, this one listens; whichever ends, the other does."""
    writing = asyncio.create_task(_write(client, socket), name="write")
    try:
        await live.join(client, socket.query_params.get("last_event_id"))
        await _listen(client, socket, live)
    finally:
        live.clients.remove(client)
        client.end()
        await writing


async def _listen(client: Client, socket: Socket, live: Live) -> None:
    allowance, held_back = Allowance(time.monotonic()), 0
    while client.ending is None:
        event = await socket.receive()
        if event["type"] != "websocket.receive":
            return
        meant = read_message(event.get("text")) if allowance.spend(time.monotonic()) else _TOO_OFTEN
        match meant:
            case Fault(code=code, reason=reason):
                client.end(Ending(word("error", {"reason": reason}), code))
            case Ping(word=said):
                client.push([word("pong", said)])
            case Subscription() | Authorization() if wait_s := live.pace.wait_s(_address(socket)):
                held_back += 1
                _hold_back(client, wait_s, is_last=held_back == _MAX_HELD_BACK)
            case Subscription(wanted=wanted, last_id=last_id):
                await live.change(client, wanted, last_id)
            case Authorization(token=token):
                await live.authorize(client, token)


def _hold_back(client: Client, wait_s: int, *, is_last: bool) -> None:
    """What it wanted before still holds. Whoever asks on all the same is closed."""
    reason = f"your address wants something else too often: try again in {wait_s} s; what you had goes on"
    said = word("error", {"reason": reason, "retry_ms": 1000 * wait_s})
    if is_last:
        client.end(Ending(said, POLICY))
    else:
        client.push([said])


async def _write(client: Client, socket: Socket) -> None:
    """Says the last word too. A client that is gone hears nothing: that is no fault."""
    try:
        while client.ending is None:
            for event in await client.take():
                await socket.send({"type": "websocket.send", "text": event.text, "bytes": None})
                if client.ending is not None:
                    break
        if client.ending.event is not None:
            await socket.send({"type": "websocket.send", "text": client.ending.event.text, "bytes": None})
        await socket.send({"type": "websocket.close", "code": client.ending.code, "reason": ""})
    except (OSError, WebSocketDisconnect):
        return
    finally:
        client.end()


def _address(socket: Socket) -> str:
    return socket.client.host if socket.client else ""


def _wanted(socket: Socket) -> Filter:
    query = socket.query_params
    return parse_filter(
        query.getall("area", []),
        query.get("bbox"),
        query.get("severity"),
        query.getall("kind", []),
        query.get("drill", "") in _TRUE,
    )
