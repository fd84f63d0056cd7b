"""The process that reads pictures: it is given open files and answers with what they are, until nobody asks any more.

It has no name of any file, no secret, little memory and little time: what a picture does to its decoder, it does here.
`python -m hydroalert.evidence.worker FD`, where FD is one end of a pair of Unix sockets.
"""

import contextlib
import os
import resource
import signal
import socket
import sys
import warnings

import msgspec
from PIL import Image, ImageCms, ImageFile, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from hydroalert.evidence.picture import Picture, Refusal
from hydroalert.evidence.reading import read_picture

FILES = 3
"""What is asked with: the file that was sent, and the two to write into."""
MAX_ANSWER_BYTES = 4_096

_MEMORY_BYTES = 1_200_000_000  # 40 megapixels of a WebP with transparency, decoded, take 0.7 GB
_WRITTEN_BYTES = 40_000_000
_CPU_S = 20
_NICENESS = 10
_PLUGINS = (JpegImagePlugin, PngImagePlugin, WebPImagePlugin, ImageCms)  # none may be imported once confined


def serve(asked: socket.socket) -> None:
    """Answer until the other end is closed."""
    while True:
        message, descriptors, _, _ = socket.recv_fds(asked, 1, FILES)
        if not message:
            return
        _allow_cpu()
        asked.sendall(msgspec.json.encode(_answer(descriptors)) + b"\n")


def _answer(descriptors: list[int]) -> Picture | Refusal:
    sent, picture, thumbnail = descriptors
    with open(sent, "rb") as source, open(picture, "wb") as kept, open(thumbnail, "wb") as small:  # noqa: PTH123 - fds
        return read_picture(source, kept, small)


def confine() -> None:
    """Take from this process what reading pictures does not need."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asks ends it
    os.nice(_NICENESS)
    for limit, most in (
        (resource.RLIMIT_AS, _MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, _WRITTEN_BYTES),
        (resource.RLIMIT_NOFILE, 16),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))


def _allow_cpu() -> None:
    """So much for this picture; then the kernel ends the process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + _CPU_S
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))


def main() -> None:
    """Serve the socket whose descriptor is the first argument."""
    warnings.simplefilter("ignore")  # of pictures: their faults are answers
    Image.MAX_IMAGE_PIXELS = None  # they were counted before
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    with socket.socket(fileno=int(sys.argv[1])) as asked, contextlib.suppress(BrokenPipeError):  # nobody waits any more
        confine()
        serve(asked)


if __name__ == "__main__":
    main()
