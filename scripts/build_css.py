"""Join and shrink the style sheets of ``assets/css`` into ``static/css``; copy scripts, fonts and marks. No Node.

``python scripts/build_css.py`` writes; ``--check`` only says whether the committed results are up to date.
``dark.css`` is written twice: for devices in dark mode, and for people who chose dark.
"""

import gzip
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ASSETS, STATIC = ROOT / "assets", ROOT / "static"

SHEETS = {
    "citizen": ("tokens", "dark", "core", "forms", "portal", "page", "modes"),
    "staff": ("tokens", "dark", "core", "forms", "portal", "page", "staff", "case", "modes"),
    "letter": ("letter",),
}
COPIED = {"js": "*.js", "fonts": "*", "marks": "*.svg"}
COPY_TARGETS = {"js": "js", "fonts": "fonts", "marks": "icons"}


def shrink(css: str) -> str:
    """Remove comments and white space that has no meaning."""
    css = re.sub(r"/\*(?!!).*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    css = re.sub(r" ?([{};,]) ?", r"\1", css)
    css = re.sub(r"(?<=[{;])([\w-]+) ?: ?", r"\1:", css)
    return css.replace(";}", "}").strip() + "\n"


def expand_dark(css: str) -> str:
    """Write the one dark block for both ways of asking for it; paper stays light."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL).strip()
    by_device = css.replace(":root", ":root:not([data-mode=light])")
    by_choice = css.replace(":root", ":root[data-mode=dark]")
    return f"@media screen and (prefers-color-scheme:dark){{{by_device}}}\n@media screen{{{by_choice}}}\n"


def sheet(parts: tuple[str, ...]) -> str:
    """One finished style sheet made of its parts."""
    texts = []
    for part in parts:
        css = (ASSETS / "css" / f"{part}.css").read_text(encoding="utf-8")
        texts.append(expand_dark(css) if part == "dark" else css)
    return shrink("\n".join(texts))


def results() -> dict[Path, bytes]:
    """Every file to be written under ``static``, with its content."""
    files = {STATIC / "css" / f"{name}.css": sheet(parts).encode() for name, parts in SHEETS.items()}
    for source, pattern in COPIED.items():
        for path in sorted((ASSETS / source).glob(pattern)):
            files[STATIC / COPY_TARGETS[source] / path.name] = path.read_bytes()
    return files


def main() -> None:
    """Write the files, or with ``--check`` exit 1 when one differs."""
    stale = []
    for path, content in results().items():
        if path.exists() and path.read_bytes() == content:
            continue
        stale.append(path)
        if "--check" not in sys.argv:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    if "--check" in sys.argv and stale:
        sys.exit("run scripts/build_css.py; out of date: " + ", ".join(str(path.relative_to(ROOT)) for path in stale))
    for path in sorted((STATIC / "css").glob("*.css")):
        size = len(gzip.compress(path.read_bytes(), 9))
        sys.stdout.write(f"{path.relative_to(ROOT)}: {size / 1000:.1f} kB gzip\n")


if __name__ == "__main__":
    main()
