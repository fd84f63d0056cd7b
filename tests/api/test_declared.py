"""Laws of how a route declares who may call it."""

from typing import Any

import pytest
from litestar import Litestar, Request, WebSocket, get, websocket
from litestar.exceptions import ImproperlyConfiguredException

from hydroalert.api.callers.declared import DeclaredAccess
from hydroalert.api.callers.may import anyone, may
from hydroalert.domain.actors import Role


@pytest.mark.parametrize("guards", [[], [anyone(), may(Role.ADMIN)]])
def test_a_route_that_does_not_say_once_who_may_call_it_is_let_in_nowhere(guards: list[Any]) -> None:
    @get("/", guards=guards, sync_to_thread=False)
    def read(request: Request[Any, Any, Any]) -> None: ...

    @websocket("/ws", guards=guards)
    async def follow(socket: WebSocket[Any, Any, Any]) -> None: ...

    for handler in (read, follow):
        with pytest.raises(ImproperlyConfiguredException, match="guards say who may call it"):
            Litestar([handler], plugins=[DeclaredAccess()], openapi_config=None)
