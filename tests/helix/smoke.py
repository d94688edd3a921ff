"""Tries the set-up of docs/editors/helix.md in a real Helix, drawn on a terminal of ours.

Usage: smoke.py REPOSITORY FOLDER. `hx` and `metascript` are on the path. Prints `ok` or `FAILED` lines.
"""

import os
import pathlib
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from fcntl import ioctl

import pyte

COLUMNS, ROWS = 110, 40
PATIENCE = float(os.environ.get("METASCRIPT_TEST_PATIENCE_S", "60"))
SCRIPT = 'VARIABLE lines {\n    valu: 1\n}\n\nPYTHON {\n    print("forty-two", 40 + 2)\n}\n\n'


def check(what, holds):
    """Prints whether `what` holds."""
    print(f"{'ok     ' if holds else 'FAILED '} {what}", flush=True)
    return holds


class Screen(pyte.Screen):
    """A screen that leaves questions unanswered which pyte does not know."""

    def report_device_status(self, mode=0, **_):
        super().report_device_status(mode)


class Terminal:
    """A Helix on a terminal whose screen can be read."""

    def __init__(self, argv, env, folder):
        self.screen = Screen(COLUMNS, ROWS)
        self.stream = pyte.ByteStream(self.screen)
        self.pid, self.file = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(argv[0], argv, env)
        ioctl(self.file, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))

    def draw(self, seconds):
        """Takes in what Helix draws, for so long."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            ready, _, _ = select.select([self.file], [], [], left)
            if not ready:
                return
            try:
                self.stream.feed(os.read(self.file, 65536))
            except OSError:
                return

    def press(self, keys):
        os.write(self.file, keys.encode())
        self.draw(0.3)

    def text(self):
        return "\n".join(self.screen.display)

    def sees(self, predicate):
        """Whether `predicate` of the screen comes true in time."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self.draw(0.2)
            if predicate():
                return True
        print(self.text(), file=sys.stderr)
        return False

    def colour(self, word):
        """The colour of the last letter of a word on the screen: the cursor may stand on its first."""
        for row, line in enumerate(self.screen.display):
            column = line.find(word)
            if column >= 0:
                return self.screen.buffer[row][column + len(word) - 1].fg
        return None

    def close(self):
        self.press("\x1b:quit!\r")
        end = time.monotonic() + 10
        while time.monotonic() < end:
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                return
            self.draw(0.1)
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


def main():
    repository, scratch = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    page = (repository / "docs/editors/helix.md").read_text(encoding="utf-8")
    # The page's places, here.
    for written, here in [
        ("/home/me/src/metascript", str(repository)),
        ("~/src/metascript", str(repository)),
        ("~/.config", str(scratch / "config")),
    ]:
        page = page.replace(written, here)
    # Helix takes a folder that Cargo names for its own source tree.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CARGO_")}
    env = {
        **inherited,
        "XDG_CONFIG_HOME": str(scratch / "config"),
        "XDG_STATE_HOME": str(scratch / "state"),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
    }
    config = scratch / "config" / "helix"
    config.mkdir(parents=True)
    languages, keys = blocks(page, "toml")
    (config / "languages.toml").write_text(languages, encoding="utf-8")
    (config / "config.toml").write_text(keys, encoding="utf-8")
    # Grammars of other languages that were not fetched are reported as the page says.
    subprocess.run(["sh", "-c", "\n".join(blocks(page, "sh"))], env=env, cwd=scratch, capture_output=True, check=False)
    health = subprocess.run(["hx", "--health", "metascript"], env=env, capture_output=True, text=True, check=False).stdout
    health = re.sub(r"\x1b\[[0-9;]*m", "", health)
    check("the health check finds the server", re.search(r"✓ metascript: \S+/metascript\b", health) is not None)
    check("the health check finds the highlight queries", re.search(r"Highlight queries: .*✓", health) is not None)
    check("the health check finds the grammar", re.search(r"Tree-sitter parser: .*✓", health) is not None)

    work = scratch / "work"
    work.mkdir()
    script = work / "smoke.tars"
    script.write_text(SCRIPT, encoding="utf-8")
    terminal = Terminal(["hx", str(script)], env, work)
    try:
        check("the script is shown", terminal.sees(lambda: "VARIABLE lines" in terminal.text()))
        coloured = terminal.sees(lambda: terminal.colour("VARIABLE") not in (None, terminal.colour("forty-two")))
        check("keywords have a colour of their own", coloured)
        terminal.press("2G")
        check("what is wrong is told", terminal.sees(lambda: "valu" in terminal.text().replace("    valu: 1", "")))
        terminal.press("geoACT")
        check("block keywords are completed", terminal.sees(lambda: "ACTION" in terminal.text()))
        terminal.press("\x1b")
        terminal.press("u")
        terminal.press(" ma")
        check("a run of all cells shows their output", terminal.sees(lambda: "forty-two 42" in terminal.text()))
    finally:
        terminal.close()


main()
