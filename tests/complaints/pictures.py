"""Pictures as cameras and mischief make them."""

import io
import struct
import zlib

from PIL import Image

RED, BLUE = (220, 30, 30), (30, 30, 220)
ORIENTATION, MAKE, DATE_TIME, GPS = 0x0112, 0x010F, 0x0132, 0x8825


def picture(
    width: int = 60, height: int = 40, kind: str = "JPEG", orientation: int | None = None
) -> bytes:
    """Red on the left, blue on the right, with all that a telephone writes into it."""
    image = Image.new("RGB", (width, height), BLUE)
    image.paste(RED, (0, 0, width // 2, height))
    exif = Image.Exif()
    exif[MAKE] = "SecretCam"
    exif[DATE_TIME] = "2026:08:03 09:00:00"
    if orientation is not None:
        exif[ORIENTATION] = orientation
    gps = exif.get_ifd(GPS)
    gps[1], gps[2] = "N", (28.0, 12.0, 0.0)
    buffer = io.BytesIO()
    image.save(buffer, kind, exif=exif.tobytes(), quality=95)
    return buffer.getvalue()


def png_claiming(width: int, height: int) -> bytes:
    """A few bytes that say they are a picture of this size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content))
        + name
        + content
        + struct.pack(">I", zlib.crc32(name + content))
        for name, content in chunks
    )
