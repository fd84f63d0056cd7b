"""The baseline: a gmqtt subscriber whose `on_message` returns 0 and does nothing else but count.

`python -m benchmarks.baseline PLAN.json`. gmqtt acknowledges when the coroutine returns (MQTT 5,
`optimistic_acknowledgement=False`): what any careful consumer of QoS 1 messages pays before it does any work.
"""

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gmqtt  # type: ignore[import-untyped]
import uvloop
from gmqtt.mqtt.constants import MQTTv50  # type: ignore[import-untyped]

from benchmarks.counters import Counters

_TELL_EVERY_S = 0.02


@dataclass(frozen=True)
class Plan:
    """Where to subscribe, as whom, and with which receive maximum."""

    host: str
    port: int
    username: str
    password: str
    client_id: str
    filters: list[str]
    receive_maximum: int
    counters: str


async def main(plan: Plan) -> None:
    """Subscribe and acknowledge until killed."""
    counters = Counters(Path(plan.counters))
    done = 0
    done = 0

    async def on_message(*_: Any) -> int:
        nonlocal done
        done += 1
        return 0

    client = gmqtt.Client(
        plan.client_id,
        clean_session=False,
        optimistic_acknowledgement=False,
        session_expiry_interval=0xFFFFFFFF,
        receive_maximum=plan.receive_maximum,
    )
    client.set_auth_credentials(plan.username, plan.password)
    client.on_message = on_message
    client.on_subscribe = lambda *_: counters.__setitem__("subscriber_ready", 1)
    await client.connect(plan.host, plan.port, version=MQTTv50)
    client.subscribe([gmqtt.Subscription(one, qos=1) for one in plan.filters])
    while True:
        await asyncio.sleep(_TELL_EVERY_S)
        counters["done"] = done


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(Plan(**json.loads(Path(sys.argv[1]).read_text()))))
