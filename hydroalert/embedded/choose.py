"""Which ports the platform takes. A default that is busy gives way; one that was asked for does not."""

from collections.abc import Mapping

from hydroalert.embedded.errors import RequestRefused
from hydroalert.embedded.ports import any_free, holder_of, is_free, next_free
from hydroalert.embedded.request import DEFAULT_PORTS


def choose_ports(
    asked: Mapping[str, int | None], defaults: Mapping[str, int] = DEFAULT_PORTS
) -> tuple[dict[str, int], list[str]]:
    """The port of each listener, and a sentence about each that is not its default.

    Raises RequestRefused when a port that was asked for is taken, naming who holds it.
    """
    chosen: dict[str, int] = {}
    remarks: list[str] = []
    for name, default in defaults.items():
        taken = frozenset(chosen.values())
        wish = asked[name]
        chosen[name] = _next(name, default, taken, remarks) if wish is None else _asked(name, wish, taken)
    return chosen, remarks


def _next(name: str, default: int, taken: frozenset[int], remarks: list[str]) -> int:
    port = next_free(default, taken=taken)
    if port != default:
        holder = "this platform" if default in taken else holder_of(default)
        remarks.append(f"Port {default} is held by {holder}: {name} takes {port}.")
    return port


def _asked(name: str, port: int, taken: frozenset[int]) -> int:
    if port == 0:
        return any_free()
    if port in taken:
        raise RequestRefused(f"--{name}-port {port} is asked for twice. Give each its own.")
    if not is_free(port):
        raise RequestRefused(
            f"--{name}-port {port} is held by {holder_of(port)}. Stop that, or ask for another port "
            f"(without --{name}-port the next free one is taken)."
        )
    return port
