"""Draws the screen of a real Neovim as SVG and as text, so that a person can look at it.

Usage: picture.py NVIM FOLDER. Neovim draws into a grid over its UI protocol; the grid becomes the
picture. `METASCRIPT_BIN` and `METASCRIPT_REPOSITORY` are set by the caller.
"""

import os
import pathlib
import sys
from html import escape

import pynvim

COLUMNS, ROWS = 88, 43
CELL_WIDTH, CELL_HEIGHT, FONT_SIZE = 8.4, 18, 14

# Opens the script, runs its cells one after the other and waits until all is drawn.
DRIVE = """
local path, steps = ...
vim.o.number = true
vim.o.signcolumn = "yes"
vim.o.laststatus = 2
vim.o.ruler = false
vim.o.showcmd = false
vim.o.cmdheight = 0
vim.o.statusline = " %t %=%{v:lua.require'metascript'.statusline()} "
vim.cmd.edit(path)
local output = require("metascript.output")
local function wait(condition, what)
  assert(vim.wait(120000, condition, 20), what .. ": " .. vim.inspect(vim.fn.execute("messages")))
end
wait(function()
  local client = vim.lsp.get_clients({ bufnr = 0, name = "metascript" })[1]
  return client and client.initialized
end, "the server did not attach")
local cells = require("metascript").cells()
for _ = 1, steps do
  local cell = table.remove(cells, 1)
  vim.api.nvim_win_set_cursor(0, { cell.first + 2, 4 })
  vim.cmd("Metascript run")
  wait(function()
    local run = output.at(0, cell.first)
    return run and run.duration_us
  end, "a cell did not finish")
end
vim.wait(400)
vim.api.nvim_win_set_cursor(0, { 1, 0 })
vim.cmd("redraw!")
"""


class Grid:
    """What Neovim has drawn: characters and the number of their highlight, by row and column."""

    def __init__(self):
        self.cells = [[(" ", 0)] * COLUMNS for _ in range(ROWS)]
        self.highlights = {0: {}}
        self.foreground, self.background = 0xE0E2EA, 0x14161B

    def apply(self, name, arguments):
        """Takes in one event of the `redraw` notification."""
        if name == "default_colors_set":
            self.foreground, self.background = arguments[0], arguments[1]
        elif name == "hl_attr_define":
            self.highlights[arguments[0]] = arguments[1]
        elif name == "grid_clear":
            self.cells = [[(" ", 0)] * COLUMNS for _ in range(ROWS)]
        elif name == "grid_line":
            self.line(*arguments[1:4])
        elif name == "grid_scroll":
            self.scroll(*arguments[1:6])

    def line(self, row, column, cells):
        highlight = 0
        for cell in cells:
            if len(cell) > 1:
                highlight = cell[1]
            for _ in range(cell[2] if len(cell) > 2 else 1):
                self.cells[row][column] = (cell[0], highlight)
                column += 1

    def scroll(self, top, bottom, left, right, rows):
        order = range(top, bottom - rows) if rows > 0 else range(bottom - 1, top - rows - 1, -1)
        for row in order:
            self.cells[row][left:right] = self.cells[row + rows][left:right]

    def colors(self, highlight):
        attributes = self.highlights.get(highlight, {})
        foreground = attributes.get("foreground", self.foreground)
        background = attributes.get("background", self.background)
        if attributes.get("reverse"):
            foreground, background = background, foreground
        return foreground, background, attributes

    def text(self):
        return "\n".join("".join(c for c, _ in row).rstrip() for row in self.cells) + "\n"

    def runs(self, row):
        """Neighbouring cells of one highlight: (column, width, text, highlight)."""
        column = 0
        while column < COLUMNS:
            start, highlight = column, self.cells[row][column][1]
            text = ""
            while column < COLUMNS and self.cells[row][column][1] == highlight:
                text += self.cells[row][column][0]
                column += 1
            yield start, column - start, text, highlight

    def svg(self):
        width, height = COLUMNS * CELL_WIDTH + 24, ROWS * CELL_HEIGHT + 24
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.1f} {height}"'
            f' width="{width:.1f}" height="{height}" font-size="{FONT_SIZE}"'
            ' font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono, monospace">',
            f'<rect width="100%" height="100%" rx="8" fill="#{self.background:06x}"/>',
            '<g transform="translate(12 12)">',
        ]
        for row in range(ROWS):
            top = row * CELL_HEIGHT
            for column, span, text, highlight in self.runs(row):
                foreground, background, attributes = self.colors(highlight)
                left = column * CELL_WIDTH
                if background != self.background:
                    parts.append(
                        f'<rect x="{left:.1f}" y="{top}" width="{span * CELL_WIDTH:.1f}"'
                        f' height="{CELL_HEIGHT}" fill="#{background:06x}"/>'
                    )
                parts.extend(self.words(text, left, top, foreground, attributes))
        parts.append("</g></svg>")
        return "\n".join(parts) + "\n"

    @staticmethod
    def words(text, left, top, foreground, attributes):
        """One element a word, each at its own column, so that every font lines up."""
        style = f'fill="#{foreground:06x}"'
        if attributes.get("bold"):
            style += ' font-weight="bold"'
        if attributes.get("italic"):
            style += ' font-style="italic"'
        if attributes.get("underline") or attributes.get("undercurl"):
            style += ' text-decoration="underline"'
        column = 0
        while column < len(text):
            if text[column] == " ":
                column += 1
                continue
            end = column
            while end < len(text) and text[end] != " ":
                end += 1
            word = text[column:end]
            x = left + column * CELL_WIDTH
            yield (
                f'<text x="{x:.1f}" y="{top + 13.5}" textLength="{len(word) * CELL_WIDTH:.1f}"'
                f' lengthAdjust="spacingAndGlyphs" {style}>{escape(word)}</text>'
            )
            column = end


def draw(nvim_path, init, script, steps):
    """Runs cells of a script in a Neovim of its own and returns its screen."""
    nvim = pynvim.attach(
        "child", argv=[nvim_path, "--embed", "-i", "NONE", "-u", str(init), "--cmd", "set noswapfile"]
    )
    grid = Grid()
    try:
        nvim.ui_attach(COLUMNS, ROWS, rgb=True, ext_linegrid=True)
        nvim.exec_lua(DRIVE, str(script), steps)
        nvim.exec_lua("vim.rpcnotify(...)", nvim.channel_id, "drawn")
        while True:
            message = nvim.next_message()
            if message[1] == "drawn":
                return grid
            if message[1] == "redraw":
                for event in message[2]:
                    for arguments in event[1:]:
                        grid.apply(event[0], arguments)
    finally:
        try:
            nvim.command("qall!")
        except (OSError, EOFError, pynvim.NvimError):
            # Neovim closes the connection while it goes.
            pass


def main():
    nvim_path, target = sys.argv[1], pathlib.Path(sys.argv[2])
    repository = pathlib.Path(os.environ["METASCRIPT_REPOSITORY"])
    here = repository / "tests" / "neovim"
    grid = draw(nvim_path, here / "init.lua", here / "picture.tars", 4)
    (target / "inline-output.svg").write_text(grid.svg(), encoding="utf-8")
    (target / "inline-output.txt").write_text(grid.text(), encoding="utf-8")
    print(grid.text(), end="")


main()
