--- A window with lines that lead to places of a script: <CR> goes there, R draws anew, q closes.

local M = {}

local namespace = vim.api.nvim_create_namespace("metascript.pane")

---@class metascript.PaneLine
---@field [1] string the text
---@field place? lsp.Position where <CR> leads
---@field group? string the highlight group of the line

---@class metascript.Pane
---@field name string the buffer's name, after `metascript://`
---@field source integer the script's buffer
---@field encoding string how the server counts characters
---@field load fun(show: fun(lines: metascript.PaneLine[])) asks for the lines

---@param bufnr integer
---@param lines metascript.PaneLine[]
local function write(bufnr, lines)
  vim.bo[bufnr].modifiable = true
  vim.api.nvim_buf_clear_namespace(bufnr, namespace, 0, -1)
  local text = vim.tbl_map(function(line)
    return (line[1]:gsub("[\r\n]", " "))
  end, lines)
  vim.api.nvim_buf_set_lines(bufnr, 0, -1, false, text)
  vim.bo[bufnr].modifiable = false
  for row, line in ipairs(lines) do
    if line.group then
      vim.api.nvim_buf_set_extmark(bufnr, namespace, row - 1, 0, {
        end_col = #text[row],
        hl_group = line.group,
      })
    end
  end
end

--- Goes to a place of the script, in the window that shows it.
---@param pane metascript.Pane
---@param place lsp.Position
local function go(pane, place)
  if not vim.api.nvim_buf_is_valid(pane.source) then
    return
  end
  local window = vim.fn.bufwinid(pane.source)
  if window == -1 then
    vim.cmd("wincmd p")
    vim.api.nvim_win_set_buf(0, pane.source)
  else
    vim.api.nvim_set_current_win(window)
  end
  vim.cmd("normal! m'")
  vim.lsp.util.show_document(
    { uri = vim.uri_from_bufnr(pane.source), range = { start = place, ["end"] = place } },
    pane.encoding,
    { focus = true, reuse_win = true }
  )
end

--- Opens the window, or fills the one that is open.
---@param pane metascript.Pane
function M.open(pane)
  local name = "metascript://" .. pane.name
  local bufnr = vim.fn.bufnr("^" .. vim.fn.escape(name, "*?[]{},\\") .. "$")
  if bufnr == -1 then
    bufnr = vim.api.nvim_create_buf(false, true)
    vim.api.nvim_buf_set_name(bufnr, name)
    vim.bo[bufnr].bufhidden = "wipe"
    vim.bo[bufnr].filetype = "metascript-" .. pane.name
  end
  local held = {} ---@type metascript.PaneLine[]
  local function show(lines)
    if vim.api.nvim_buf_is_valid(bufnr) then
      held = lines
      write(bufnr, lines)
    end
  end
  if vim.fn.bufwinid(bufnr) == -1 then
    vim.cmd("botright vertical new")
    vim.api.nvim_win_set_buf(0, bufnr)
    vim.wo.wrap = false
    vim.wo.number = false
    vim.wo.relativenumber = false
    vim.wo.signcolumn = "no"
    vim.wo.cursorline = true
  else
    vim.api.nvim_set_current_win(vim.fn.bufwinid(bufnr))
  end
  local function map(key, action, desc)
    vim.keymap.set("n", key, action, { buffer = bufnr, nowait = true, desc = desc })
  end
  map("q", "<Cmd>close<CR>", "close")
  map("R", function()
    pane.load(show)
  end, "draw anew")
  map("<CR>", function()
    local line = held[vim.api.nvim_win_get_cursor(0)[1]]
    if line and line.place then
      go(pane, line.place)
    end
  end, "go to the place in the script")
  pane.load(show)
end

return M
