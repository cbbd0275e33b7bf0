"""Fetch the fonts of letters at pinned versions, make TrueType files of them and write them into ``templates/letters/fonts``.

Run it only to change a version; the results are committed. Needs ``npm`` (download only) and two packages that are not
part of the product:

    python -m venv .vendor && .vendor/bin/pip install fonttools==4.68.0 brotli==1.2.1
    .vendor/bin/python -m scripts.vendor_letter_fonts

Each archive is refused unless its SHA-256 is the one written here.
"""

import tempfile
from pathlib import Path

from fontTools.ttLib import TTFont

from scripts.vendor_assets import fetch

TARGET = Path(__file__).resolve().parent.parent / "templates" / "letters" / "fonts"

LATIN = ("@fontsource/noto-sans@5.3.0", "f62f8ed40e378f15134e32bed2fd5718d81e9ec7a5603d1022d7b385e2297abc")
ARABIC = ("@fontsource/noto-sans-arabic@5.3.0", "e0a81ade67ce507c9b91546ca3d91332d184a8277fc683440b00896b430856bb")
WEIGHTS = (400, 700)


def write(package: Path, family: str, script: str, name: str) -> None:
    """Write each weight of one script as a family of its own, so that the typesetter falls back from one to the next."""
    for weight in WEIGHTS:
        font = TTFont(package / "files" / f"{family}-{script}-{weight}-normal.woff2")
        for record in font["name"].names:
            if record.nameID in (1, 16):
                record.string = name
        font.flavor = None
        font.save(TARGET / f"{name.lower().replace(' ', '-')}-{weight}.ttf")


def main() -> None:
    """Vendor the fonts and their licences."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        latin = fetch(*LATIN, Path(folder))
        write(latin, "noto-sans", "latin", "Letter Latin")
        write(latin, "noto-sans", "latin-ext", "Letter Latin Extended")
        (TARGET / "LICENSE-noto-sans.txt").write_bytes((latin / "LICENSE").read_bytes())
        arabic = fetch(*ARABIC, Path(folder))
        write(arabic, "noto-sans-arabic", "arabic", "Letter Arabic")
        (TARGET / "LICENSE-noto-sans-arabic.txt").write_bytes((arabic / "LICENSE").read_bytes())


if __name__ == "__main__":
    main()
