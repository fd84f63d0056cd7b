"""What a file is, by its first bytes; never by its name or by what its sender calls it. Pure."""

from hydroalert.evidence.picture import Kind, Refusal, Word

HEAD_BYTES = 512

_READ = ((b"\xff\xd8\xff", Kind.JPEG), (b"\x89PNG\r\n\x1a\n", Kind.PNG))
_KNOWN = (
    (b"GIF8", "a GIF"),
    (b"%PDF-", "a PDF"),
    (b"II*\x00", "a TIFF or raw picture"),
    (b"MM\x00*", "a TIFF or raw picture"),
    (b"BM", "a BMP"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"\x00\x00\x00\x0cJXL ", "a JPEG XL"),
    (b"\xff\x0a", "a JPEG XL"),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000"),
    (b"8BPS", "a Photoshop file"),
    (b"qoif", "a QOI"),
    (b"\x1aE\xdf\xa3", "a film (WebM)"),
    (b"PK\x03\x04", "a ZIP"),
)
_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"), "a HEIC"),
    **dict.fromkeys((b"avif", b"avis"), "an AVIF"),
}
_SVG_MARKS = (b"<svg", b"<!doctype svg")


def kind_of(head: bytes) -> Kind | Refusal:
    """What the file that begins with these (up to) HEAD_BYTES is."""
    for magic, kind in _READ:
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Kind.WEBP
    seen = _name_of(head)
    return Refusal(Word.UNSUPPORTED_TYPE, seen) if seen else Refusal(Word.NOT_A_PICTURE)


def _name_of(head: bytes) -> str | None:
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "a film (MP4)")
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<?xml", b"<!--", *_SVG_MARKS)) and any(mark in text for mark in _SVG_MARKS):
        return "an SVG"
    return next((name for magic, name in _KNOWN if head.startswith(magic)), None)
