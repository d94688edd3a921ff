--- A window with the whole output of a cell: to read, search, yank, and to open rich forms from.

local parts = require("metascript.output.parts")
local render = require("metascript.output.render")

local M = {}

local namespace = vim.api.nvim_create_namespace("metascript.output.float")

--- HTML of a cell is seen in a browser, outside the sandbox: it may look as it likes and do nothing.
local HTML_GUARD = "<!doctype html><meta charset=utf-8>"
  .. '<meta http-equiv="Content-Security-Policy" '
  .. "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:\">\n"

---@param lines string[]
---@param marks { row: integer, column: integer, stop: integer, group: string }[]
---@param chunks metascript.Chunk[]
local function add_line(lines, marks, chunks)
  local column, text = 0, {}
  for _, chunk in ipairs(chunks) do
    text[#text + 1] = chunk[1]
    local stop = column + #chunk[1]
    marks[#marks + 1] = { row = #lines, column = column, stop = stop, group = chunk[2] }
    column = stop
  end
  lines[#lines + 1] = table.concat(text)
end

---@param runs metascript.Run[]
---@return string[] lines
---@return table[] marks
---@return table<integer, metascript.Part> rich the part with a rich form that each row belongs to
local function content(runs)
  local lines, marks, rich = {}, {}, {}
  for index, run in ipairs(runs) do
    if index > 1 then
      lines[#lines + 1] = ""
    end
    if #runs > 1 then
      add_line(lines, marks, render.title(run))
    end
    for _, part in ipairs(run.parts) do
      local is_rich = part.data and #parts.rich_forms(part.data) > 0
      for number = 1, part.screen:count() do
        add_line(lines, marks, part.screen:line(number))
        if is_rich then
          rich[#lines] = part
        end
      end
      if part.screen.dropped > 0 then
        local dropped = ("… %d lines left out"):format(part.screen.dropped)
        add_line(lines, marks, { { dropped, "MetascriptMore" } })
      end
    end
  end
  if #lines == 0 then
    lines[1] = "(no output)"
  end
  return lines, marks, rich
end

--- Writes the richest form of a part to a file and opens it with the program that the system has for it.
---@param part metascript.Part
local function open_rich(part)
  for _, form in ipairs(parts.RICH) do
    local value = part.data[form.mime]
    if type(value) == "string" then
      local bytes = form.base64 and vim.base64.decode((value:gsub("%s", ""))) or value
      if form.mime == "text/html" then
        bytes = HTML_GUARD .. bytes
      elseif form.mime == "image/svg+xml" then
        -- As an image inside a page, an SVG cannot run scripts.
        local image = '<img src="data:image/svg+xml;base64,' .. vim.base64.encode(value) .. '">'
        bytes = HTML_GUARD .. image
      end
      local extension = form.mime == "image/svg+xml" and "html" or form.extension
      local path = vim.fn.tempname() .. "." .. extension
      local file = assert(io.open(path, "wb"))
      file:write(bytes)
      file:close()
      vim.ui.open(path)
      return path
    end
  end
end

---@param lines string[]
---@param title metascript.Chunk[]
---@return vim.api.keyset.win_config
local function geometry(lines, title)
  local width = 40
  for _, chunk in ipairs(title) do
    width = math.max(width, vim.fn.strdisplaywidth(chunk[1]) + 4)
  end
  local most = math.max(20, math.floor(vim.o.columns * 0.8))
  for _, line in ipairs(lines) do
    width = math.max(width, vim.fn.strdisplaywidth(line))
    if width >= most then
      break
    end
  end
  width = math.min(width, most)
  local height = math.min(math.max(#lines, 1), math.max(3, math.floor(vim.o.lines * 0.7)))
  return {
    relative = "editor",
    width = width,
    height = height,
    row = math.max(0, math.floor((vim.o.lines - height) / 2) - 1),
    col = math.max(0, math.floor((vim.o.columns - width) / 2)),
    style = "minimal",
    border = "rounded",
    title = vim.list_extend(
      vim.list_extend({ { " ", "FloatTitle" } }, title),
      { { " ", "FloatTitle" } }
    ),
    title_pos = "left",
    footer = " q close · o open rich output ",
    footer_pos = "right",
  }
end

--- Opens the window.
---@param runs metascript.Run[]
---@return integer window
function M.open(runs)
  local lines, marks, rich = content(runs)
  local bufnr = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(bufnr, 0, -1, false, lines)
  for _, mark in ipairs(marks) do
    vim.api.nvim_buf_set_extmark(bufnr, namespace, mark.row, mark.column, {
      end_col = mark.stop,
      hl_group = mark.group,
    })
  end
  vim.bo[bufnr].modifiable = false
  vim.bo[bufnr].bufhidden = "wipe"
  vim.bo[bufnr].filetype = "metascript-output"

  local title = #runs == 1 and render.title(runs[1])
    or { { ("%d outputs"):format(#runs), "MetascriptTitle" } }
  local window = vim.api.nvim_open_win(bufnr, true, geometry(lines, title))
  vim.wo[window].wrap = true
  vim.wo[window].foldmethod = "indent"
  vim.wo[window].foldlevel = 99

  local function map(lhs, desc, action)
    vim.keymap.set("n", lhs, action, { buffer = bufnr, nowait = true, desc = desc })
  end
  map("q", "Close", "<Cmd>close<CR>")
  map("<Esc>", "Close", "<Cmd>close<CR>")
  map("o", "Open rich output in another program", function()
    local _, any = next(rich)
    local part = rich[vim.api.nvim_win_get_cursor(0)[1]] or any
    if part then
      open_rich(part)
    else
      require("metascript.client").notify("this output has no rich form")
    end
  end)
  return window
end

return M
