"""Text from elsewhere made fit to be shown and to stand in XML."""

import re

# What XML 1.0 (section 2.2) cannot carry, control characters, and the signs that reverse what stands around them.
_UNFIT = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]")


def without_unfit(text: str) -> str:
    """`text` without the signs that cannot be shown."""
    return _UNFIT.sub("", text)


def one_line(text: str) -> str:
    """`text` without signs that cannot be shown, every run of white space one space, ends trimmed."""
    return " ".join(without_unfit(text).split())


def cut_at_word(text: str, most: int) -> str:
    """`text`, or as many whole words of it as `most` characters hold with `…` behind them; a word longer than that is
    cut. Empty where `most` is below 1.
    """
    if len(text) <= most:
        return text
    if most < 1:
        return ""
    kept, _, _ = text[:most].rpartition(" ")
    return (kept or text[: most - 1]).rstrip(" ,.;:-\u200d") + "…"
