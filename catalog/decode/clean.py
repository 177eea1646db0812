"""From a stranger's bytes to an upright sRGB JPEG that holds nothing but the picture. Runs in the decode child."""

import io
import warnings
from dataclasses import dataclass

import pillow_heif
from PIL import AvifImagePlugin, Image, ImageChops, ImageCms, ImageFile, JpegImagePlugin

from catalog.decode import headers, jpeg, png
from catalog.decode.kinds import JPEG, PHOTO_KINDS, PNG, kind_of
from catalog.decode.unfit import Unfit

MAX_OUTPUT_SIDE = 2048
# Full colour resolution keeps coloured edges (stones, glazes, spines of books) as they are, for a seventh more bytes.
WRITTEN = {"quality": 90, "subsampling": "4:4:4"}
# A JPEG decodes straight to 1/2, 1/4 or 1/8: a camera's 4,032 px become 2,016, twice as quick as 2,048 and as good.
_NEAR_ENOUGH = 0.9
_BAND_ROWS = 256
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Clean:
    """A picture that is safe to keep."""

    jpeg: bytes
    width: int
    height: int
    phash: str  # 16 hexadecimal digits


def prepare_decoders() -> None:
    """Set Pillow up once in the child: one thread, no thumbnails or depth maps, no bombs, no MPO frames."""
    Image.MAX_IMAGE_PIXELS = headers.MAX_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
    Image.preinit()
    # Pillow's own opener reads the further frames of a multi-picture file; the first one is a plain JPEG.
    Image.register_open(JPEG, JpegImagePlugin.JpegImageFile, lambda prefix: prefix.startswith(b"\xff\xd8\xff"))


def make_clean(data: bytes) -> Clean:
    """Decode, turn, flatten, convert to sRGB, shrink, write anew. Raises Unfit for each file that isn't kept."""
    kind = kind_of(data)
    if kind not in PHOTO_KINDS:
        raise Unfit("not_a_photo", decoded=False)
    try:
        headers.check(kind, data)
    except Unfit as unfit:
        unfit.decoded = False
        raise
    try:
        return _write(_decode(kind, data))
    except Unfit:
        raise
    except MemoryError:
        raise Unfit("too_complex") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unfit("too_many_pixels") from None
    except Exception as error:  # decoders raise anything: OSError, ValueError, SyntaxError, EOFError, TypeError …
        raise Unfit("incomplete" if _says_cut_short(kind, data, error) else "damaged") from error


def _says_cut_short(kind: str, data: bytes, error: Exception) -> bool:
    if "truncated" in str(error).lower():
        return True
    return kind == JPEG and not jpeg.read_structure(data).complete


def _decode(kind: str, data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data), formats=(kind,)) as opened:
        headers.check_size(kind, *opened.size)
        wide, high = opened.size
        shrink = min(1.0, MAX_OUTPUT_SIDE / max(wide, high))
        if kind == JPEG:
            near = shrink * _NEAR_ENOUGH
            opened.draft(None, (max(1, int(wide * near)), max(1, int(high * near))))
        opened.load()
        if _rows_missing(kind, data, opened):
            raise Unfit("incomplete")
        flat = _flat(opened)
        turn = _TURNS.get(_orientation(opened))
        profile = opened.info.get("icc_profile")
    if max(flat.size) > MAX_OUTPUT_SIDE:
        size = max(1, round(wide * shrink)), max(1, round(high * shrink))
        flat = flat.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    picture = _to_srgb(flat, profile)
    return picture.transpose(turn) if turn is not None else picture


def _rows_missing(kind: str, data: bytes, decoded: Image.Image) -> bool:
    """Look for the blank rows that a decoder leaves where the data ended early, and make sure of it where they are."""
    width, height = decoded.size
    if kind == PNG:
        last = decoded.crop((0, height - 2, width, height)).tobytes()
        return not any(last) and not png.is_whole(data)
    if kind == JPEG:
        corner = decoded.crop((max(0, width - 2), max(0, height - 2), width, height)).tobytes()
        if set(corner) <= {127, 128}:
            other = jpeg.with_other_filler(data, jpeg.read_structure(data))
            return ImageChops.difference(_small(data), _small(other)).getbbox() is not None
    return False


def _small(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data), formats=(JPEG,)) as opened:
        opened.draft(None, (opened.width // 8, opened.height // 8))
        return opened.convert("RGB")


def _orientation(opened: ImageFile.ImageFile) -> int:
    try:
        value = opened.getexif().get(_ORIENTATION)
    except Exception:
        return 1  # metadata that can't be read is no reason to refuse the picture
    return value if isinstance(value, int) else 1


def _flat(opened: Image.Image) -> Image.Image:
    """8 bits a channel, nothing transparent, not much larger than needed; in bands, so that memory stays that of the
    decoded picture and a little."""
    width, height = opened.size
    factor = max(
        1, 2 * max(width, height) // (3 * MAX_OUTPUT_SIDE)
    )  # half as large again is enough to shrink well from
    if factor == 1 and opened.mode in ("RGB", "L", "CMYK") and not opened.has_transparency_data:
        return opened
    out: Image.Image | None = None
    for top in range(0, height, _BAND_ROWS * factor):
        band = _plain(opened.crop((0, top, width, min(height, top + _BAND_ROWS * factor)))).reduce(factor)
        out = out or Image.new(band.mode, (band.width, -(-height // factor)))
        out.paste(band, (0, top // factor))
    assert out is not None
    return out


def _plain(band: Image.Image) -> Image.Image:
    """The same pixels as RGB, grey or CMYK."""
    if band.mode.startswith("I;16"):
        return band.point(lambda value: value / 256).convert("L")
    if band.has_transparency_data:
        seen = band.convert("RGBA")
        paper = Image.new("RGB", band.size, "white")
        paper.paste(seen, mask=seen)
        return paper
    return band if band.mode in ("RGB", "L", "CMYK") else band.convert("L" if band.mode == "1" else "RGB")


def _to_srgb(flat: Image.Image, profile: object) -> Image.Image:
    if isinstance(profile, bytes) and profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(flat, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            if converted is not None:
                return converted
        except Exception:
            return flat.convert("RGB")  # a broken profile, or one for another kind of picture
    return flat.convert("RGB")


def difference_hash(picture: Image.Image) -> str:
    """64 bits: is each of 8 × 8 places brighter than its right neighbour?

    The method is dHash (N. Krawetz, "Kind of Like That", 2013), as 16 hexadecimal digits, top left first.

    Copies that were resized, recompressed or slightly recoloured differ in a few bits; one-coloured pictures are all 0.
    """
    grey = picture.convert("L").resize((9, 8), Image.Resampling.BOX)
    pixels = grey.tobytes()
    bits = [pixels[9 * row + column] > pixels[9 * row + column + 1] for row in range(8) for column in range(8)]
    return f"{sum(bit << place for place, bit in enumerate(reversed(bits))):016x}"


def _write(picture: Image.Image) -> Clean:
    clean = Image.new("RGB", picture.size)  # a new picture: nothing of the old one's metadata comes along
    clean.paste(picture)
    out = io.BytesIO()
    clean.save(out, "JPEG", **WRITTEN)
    return Clean(out.getvalue(), clean.width, clean.height, difference_hash(clean))


def samples() -> dict[str, bytes]:
    """A tiny photo of each kind that this machine's decoders can write, to try the sandbox with."""
    painted = {}
    for kind in PHOTO_KINDS:
        file = io.BytesIO()
        try:
            Image.new("RGB", (64, 64), "red").save(file, kind)
        except (OSError, KeyError, RuntimeError):
            continue
        painted[kind] = file.getvalue()
    return painted
