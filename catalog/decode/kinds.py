"""What a file is by its first bytes, whatever its name says; plain Python, safe on any bytes."""

import re

JPEG, PNG, WEBP, GIF, AVIF, HEIF = PHOTO_KINDS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "HEIF")

_HEAD = 1024
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
_OTHER_BRANDS = {b"crx ": "a camera's raw file", b"qt  ": "a video"}
_STARTS = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    ((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), "a TIFF picture or a camera's raw file"),
    (b"BM", "a BMP picture"),
    (b"8BPS", "a Photoshop document"),
    ((b"\0\0\1\0", b"\0\0\2\0"), "an icon"),
    ((b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51"), "a JPEG 2000 picture"),
    ((b"\0\0\0\x0cJXL ", b"\xff\x0a"), "a JPEG XL picture"),
    (b"qoif", "a QOI picture"),
    ((b"%!PS", b"\xc5\xd0\xd3\xc6"), "a PostScript drawing"),
    (b"PK\3\4", "a ZIP archive or an Office document"),
    ((b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ"), "an archive"),
    ((b"\x7fELF", b"MZ", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe"), "a program"),
    ((b"#!", b"<?php"), "a script"),
    ((b"ID3", b"OggS", b"fLaC", b"\x1aE\xdf\xa3", b"FLV"), "a sound or video file"),
)


def kind_of(data: bytes) -> str:
    """One of PHOTO_KINDS, or a phrase for people that says what else the bytes look like ("a PDF")."""
    head = data[:_HEAD]
    if head[4:8] == b"ftyp":
        return _brand(head)
    if head[:4] == b"RIFF":
        return WEBP if head[8:12] == b"WEBP" else "a sound or video file"
    for starts, kind in _STARTS:
        if head.startswith(starts):
            return kind
    return _text_kind(head)


def _brand(head: bytes) -> str:
    """AVIF and HEIF share a container: the major brand decides, and where it is a general one, the compatible ones."""
    major, compatible = head[8:12], [head[at : at + 4] for at in range(16, min(int.from_bytes(head[:4]), _HEAD), 4)]
    if major in (b"avif", b"avis") or (major in (b"mif1", b"msf1") and {b"avif", b"avis"} & set(compatible)):
        return AVIF
    return HEIF if major in _HEIF_BRANDS else _OTHER_BRANDS.get(major, "a video")


def _text_kind(head: bytes) -> str:
    if b"%PDF-" in head:
        return "a PDF"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith(b"<"):
        return "an SVG drawing" if b"<svg" in text else "a web page" if b"html" in text else "an XML or script file"
    if text and re.fullmatch(rb"[\t\n\r\x20-\x7e\x80-\xff]+", text):
        return "a text file"
    return "an unknown kind of file"
