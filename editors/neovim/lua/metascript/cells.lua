--- The cells of a buffer, as the server sees them; the one under the cursor, motions, text objects.

local client = require("metascript.client")

local M = {}

---@class metascript.Cell
---@field index integer from 0, in the order of the text
---@field language string
---@field first integer zero-based first row, of the header
---@field last integer zero-based last row, of the closing brace or fence
---@field code { start_row: integer, start_column: integer, end_row: integer, end_column: integer } byte columns; the end is exclusive
---@field runnable boolean
---@field reason? string why the cell cannot run

--- How long a motion waits for the server, in milliseconds.
local TIMEOUT = 2000

---@type table<integer, { tick: integer, cells: metascript.Cell[] }>
local cache = {}

---@param bufnr integer
---@param position lsp.Position
---@param encoding string
---@return integer row
---@return integer column in bytes
local function to_bytes(bufnr, position, encoding)
  local line = vim.api.nvim_buf_get_lines(bufnr, position.line, position.line + 1, false)[1] or ""
  return position.line, vim.str_byteindex(line, encoding, position.character, false)
end

---@param bufnr integer
---@param item table an element of the answer to `metascript/cells`
---@param encoding string
---@return metascript.Cell
local function from_lsp(bufnr, item, encoding)
  local start_row, start_column = to_bytes(bufnr, item.codeRange.start, encoding)
  local end_row, end_column = to_bytes(bufnr, item.codeRange["end"], encoding)
  return {
    index = item.index,
    language = item.language,
    first = item.range.start.line,
    last = item.range["end"].line,
    code = {
      start_row = start_row,
      start_column = start_column,
      end_row = end_row,
      end_column = end_column,
    },
    runnable = item.runnable,
    reason = item.reason ~= vim.NIL and item.reason or nil,
  }
end

--- All cells of a buffer, in the order of the text. Empty, with a message, when the server is not there.
---@param bufnr? integer
---@return metascript.Cell[]
function M.all(bufnr)
  bufnr = bufnr and bufnr ~= 0 and bufnr or vim.api.nvim_get_current_buf()
  local tick = vim.api.nvim_buf_get_changedtick(bufnr)
  if cache[bufnr] and cache[bufnr].tick == tick then
    return cache[bufnr].cells
  end
  local lsp = client.need(bufnr)
  if not lsp then
    return {}
  end
  local params = { textDocument = vim.lsp.util.make_text_document_params(bufnr) }
  local answer, problem = lsp:request_sync("metascript/cells", params, TIMEOUT, bufnr)
  if not answer or answer.err then
    local why = problem or (answer and answer.err.message)
    client.notify("the server did not list the cells: " .. why, vim.log.levels.ERROR)
    return {}
  end
  local cells = vim.tbl_map(function(item)
    return from_lsp(bufnr, item, lsp.offset_encoding)
  end, answer.result or {})
  cache[bufnr] = { tick = tick, cells = cells }
  return cells
end

---@param bufnr integer
function M.forget(bufnr)
  cache[bufnr] = nil
end

--- The cell that holds a row.
---@param bufnr integer
---@param row integer zero-based
---@return metascript.Cell?
function M.at(bufnr, row)
  for _, cell in ipairs(M.all(bufnr)) do
    if row >= cell.first and row <= cell.last then
      return cell
    end
  end
end

--- The cell under the cursor of the current window.
---@return metascript.Cell?
function M.under_cursor()
  return M.at(vim.api.nvim_get_current_buf(), vim.api.nvim_win_get_cursor(0)[1] - 1)
end

--- The first row of a cell's code: where the cursor lands when it goes to the cell.
---@param bufnr integer
---@param cell metascript.Cell
---@return integer row
---@return integer column
local function landing(bufnr, cell)
  local row = cell.code.start_row
  local line = vim.api.nvim_buf_get_lines(bufnr, row, row + 1, false)[1] or ""
  -- Code begins after the header's brace: its first line is the next one.
  if row == cell.first and cell.last > row + 1 then
    row = row + 1
    line = vim.api.nvim_buf_get_lines(bufnr, row, row + 1, false)[1] or ""
  end
  return row, #line:match("^%s*")
end

--- Moves the cursor to a cell.
---@param cell metascript.Cell
function M.go_to(cell)
  local row, column = landing(vim.api.nvim_get_current_buf(), cell)
  vim.api.nvim_win_set_cursor(0, { row + 1, column })
end

--- Moves over cells: forward with a positive count, backward with a negative one.
---@param count integer
---@return boolean moved
function M.jump(count)
  local bufnr = vim.api.nvim_get_current_buf()
  local row = vim.api.nvim_win_get_cursor(0)[1] - 1
  local ahead = {}
  for _, cell in ipairs(M.all(bufnr)) do
    if count > 0 and cell.first > row then
      ahead[#ahead + 1] = cell
    elseif count < 0 and cell.last < row then
      table.insert(ahead, 1, cell)
    end
  end
  local target = ahead[math.min(math.abs(count), #ahead)]
  if not target then
    return false
  end
  vim.cmd("normal! m'")
  M.go_to(target)
  return true
end

--- Selects the cell under the cursor, or the next one when the cursor is in none.
---@param around boolean with the header and the closing brace
function M.select(around)
  local bufnr = vim.api.nvim_get_current_buf()
  local row = vim.api.nvim_win_get_cursor(0)[1] - 1
  local cell = M.at(bufnr, row)
    or vim.iter(M.all(bufnr)):find(function(each)
      return each.first > row
    end)
  if not cell then
    return
  end
  local first, last = cell.first, cell.last
  if not around then
    first, last = M.code_rows(bufnr, cell)
    if first > last then
      return
    end
  end
  if vim.fn.mode():match("^[vV\22]") then
    vim.cmd("normal! \27")
  end
  vim.api.nvim_win_set_cursor(0, { first + 1, 0 })
  vim.cmd("normal! V")
  vim.api.nvim_win_set_cursor(0, { last + 1, 0 })
end

--- The rows that hold nothing but code. `first > last` when there are none.
---@param bufnr integer
---@param cell metascript.Cell
---@return integer first
---@return integer last
function M.code_rows(bufnr, cell)
  local code = cell.code
  local first, last = code.start_row, code.end_row
  if first == cell.first then
    first = first + 1
  end
  if code.end_column == 0 or last == cell.last then
    last = last - 1
  end
  -- Code that shares a line with its braces, as in `PYTHON { 1 + 1 }`.
  if cell.first == cell.last then
    return cell.first, cell.first
  end
  return first, math.min(last, vim.api.nvim_buf_line_count(bufnr) - 1)
end

return M
