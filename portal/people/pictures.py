"""From a picture file that a user chose to a square JPEG that holds the picture and nothing else."""

import io
import struct
import threading
from typing import IO, TYPE_CHECKING

from portal.languages import gettext as _
from portal.problems import Problem

# Pillow is loaded where a picture is looked at, which is seldom.
if TYPE_CHECKING:
    from PIL import Image

# The largest size that every application keeps.
SIDE, SMALL_SIDE = 648, 96
MOST_BYTES = 100_000
MOST_READ = 10 * 1024 * 1024
SMALLEST_SIDE = 96
# A file of few bytes may hold a picture that fills the memory. Pillow makes a JPEG smaller while it reads it.
MOST_PIXELS, MOST_PIXELS_OF_JPEG = 25_000_000, 60_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
# How often a JPEG may go over its pixels: few bytes can ask for it ten thousand times. Programs use about ten.
SCAN, MOST_SCANS = b"\xff\xda", 100
# Each picture that is looked at takes some hundred megabytes of memory, and one core.
_rooms = threading.BoundedSemaphore(2)
QUALITIES = (88, 78, 68, 58, 48, 38, 28, 18, 10)
# Where a face is not in the middle, the chin is cut rather than the hair.
CENTRE = (0.5, 0.4)
# Of 255: what another size and another quality make of the colours of a whole picture, and a little more.
ALIKE, ALIKE_SIDE = 6.0, 32
BROKEN = (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, struct.error, ZeroDivisionError)


class NoPhoto(Problem):
    """The file cannot be an employee's photo."""

    status = 422


def prepared(file: IO[bytes]) -> tuple[bytes, bytes]:
    """The picture in the file as a JPEG of 648 × 648 pixels under 100 KB, and as a small one of 96 × 96.

    Turned upright, cut to a square, and without what cameras write into files: place, time, device. Raises NoPhoto.
    """
    from PIL import Image

    content = file.read(MOST_READ + 1)
    if len(content) > MOST_READ:
        raise NoPhoto(_("The file is larger than 10 MB."), _("Choose a smaller picture, or make this one smaller."))
    if not content:
        raise NoPhoto(_("The file is empty."), _("Choose a picture."))
    with _rooms:
        picture = _square(content)
    return _jpeg(picture), _jpeg(picture.resize((SMALL_SIDE, SMALL_SIDE), Image.Resampling.LANCZOS))


def alike(one: bytes, other: bytes) -> bool:
    """Whether both files show the same picture, whatever their sizes and qualities. False for what is no picture."""
    from PIL import ImageChops, ImageStat

    try:
        first, second = (_square(content).resize((ALIKE_SIDE, ALIKE_SIDE)) for content in (one, other))
    except NoPhoto:
        return False
    return max(ImageStat.Stat(ImageChops.difference(first, second)).mean) < ALIKE


def _square(content: bytes) -> "Image.Image":
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            _check_size(picture)
            _check_scans(picture, content)
            picture.draft("RGB", (2 * SIDE, 2 * SIDE))
            upright = ImageOps.exif_transpose(_in_eight_bits(picture))
            fitted = ImageOps.fit(upright.convert("RGBA"), (SIDE, SIDE), Image.Resampling.LANCZOS, centering=CENTRE)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except Image.UnidentifiedImageError as error:
        raise NoPhoto(
            _("This is not a picture that the portal can read."), _("Save it as JPEG or PNG, and choose that file.")
        ) from error
    except BROKEN as error:
        raise NoPhoto(_("The picture is damaged."), _("Open it in a picture editor and save it again.")) from error
    # A new picture: what else was in the file stays behind.
    clean = Image.new("RGB", (SIDE, SIDE), "white")
    clean.paste(fitted, mask=fitted.getchannel("A"))
    return clean


def _check_size(picture: "Image.Image") -> None:
    width, height = picture.size
    if width * height > (MOST_PIXELS_OF_JPEG if picture.format == "JPEG" else MOST_PIXELS):
        raise _too_many_pixels()
    if min(width, height) < SMALLEST_SIDE:
        raise NoPhoto(
            _("The picture has only %(width)s × %(height)s pixels.", width=width, height=height),
            _("Choose one with at least %(least)s on each side.", least=SMALLEST_SIDE),
        )


def _check_scans(picture: "Image.Image", content: bytes) -> None:
    if picture.format == "JPEG" and content.count(SCAN) > MOST_SCANS:
        raise NoPhoto(
            _("The picture is more complicated than a photo."),
            _("Open it in a picture editor and save it again."),
        )


def _in_eight_bits(picture: "Image.Image") -> "Image.Image":
    """Scanners write grey in sixteen bits, and Pillow would keep only the white of it."""
    return picture.point(lambda grey: grey / 256).convert("L") if picture.mode.startswith("I") else picture


def _too_many_pixels() -> NoPhoto:
    return NoPhoto(_("The picture has too many pixels."), _("Make it smaller: 2,000 pixels on each side are plenty."))


def _jpeg(picture: "Image.Image") -> bytes:
    """The best JPEG of it that is small enough."""
    content = b""
    for quality in QUALITIES:
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=quality, optimize=True)
        content = file.getvalue()
        if len(content) < MOST_BYTES:
            break
    return content
