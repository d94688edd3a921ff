--- Puts runs on the screen: virtual lines under the cell, a sign beside its header, a mark on the line
--- that failed. All are extmarks, so they follow edits.

local config = require("metascript.config")
local edits = require("metascript.edits")
local render = require("metascript.output.render")

local M = {}

local namespaces = {
  --- One mark over each cell that has output. The others are placed by it.
  body = vim.api.nvim_create_namespace("metascript.output.body"),
  lines = vim.api.nvim_create_namespace("metascript.output"),
  sign = vim.api.nvim_create_namespace("metascript.output.sign"),
  error = vim.api.nvim_create_namespace("metascript.output.error"),
}
M.namespaces = namespaces

---@param bufnr integer
---@param row integer
---@return integer row within the buffer
local function clamp(bufnr, row)
  return math.max(0, math.min(row, vim.api.nvim_buf_line_count(bufnr) - 1))
end

local function line_at(bufnr, row)
  return vim.api.nvim_buf_get_lines(bufnr, row, row + 1, false)[1] or ""
end

--- Marks the cell that a run belongs to.
---@param bufnr integer
---@param first integer first row of the cell, now
---@param last integer last row of the cell, now
---@return integer mark
function M.anchor(bufnr, first, last)
  first, last = clamp(bufnr, first), clamp(bufnr, last)
  return vim.api.nvim_buf_set_extmark(bufnr, namespaces.body, first, 0, {
    end_row = last,
    end_col = #line_at(bufnr, last),
    right_gravity = true,
    end_right_gravity = false,
  })
end

--- The rows that a run's cell has now; nil once the whole cell was deleted.
---@param bufnr integer
---@param run metascript.Run
---@return integer? first
---@return integer? last
function M.rows(bufnr, run)
  local mark =
    vim.api.nvim_buf_get_extmark_by_id(bufnr, namespaces.body, run.mark, { details = true })
  local first, column, details = mark[1], mark[2], mark[3]
  if not first or not details then
    return nil
  end
  local last, last_column = details.end_row, details.end_col
  if not last or last < first or (last == first and last_column <= column) then
    return nil
  end
  return first, last
end

---@param bufnr integer
---@param run metascript.Run
---@return string?
function M.cell_text(bufnr, run)
  local first, last = M.rows(bufnr, run)
  if not first then
    return nil
  end
  return table.concat(vim.api.nvim_buf_get_lines(bufnr, first, last + 1, false), "\n")
end

---@param bufnr integer
---@param run metascript.Run
local function hide(bufnr, run)
  for _, name in ipairs({ "lines", "sign", "error" }) do
    vim.api.nvim_buf_del_extmark(bufnr, namespaces[name], run.mark)
  end
end

---@param bufnr integer
---@param run metascript.Run
---@param first integer
local function draw_sign(bufnr, run, first)
  local signs = config.options.signs
  if not signs.enabled then
    return
  end
  local status = render.STATUS[run.status]
  vim.api.nvim_buf_set_extmark(bufnr, namespaces.sign, first, 0, {
    id = run.mark,
    sign_text = run.stale and signs.stale or signs[status.sign],
    sign_hl_group = run.stale and "MetascriptStale" or status.group,
    priority = 20,
  })
end

--- Marks the line of the script that failed. Called once: the mark then follows edits by itself.
---@param bufnr integer
---@param run metascript.Run
---@param version? integer version of the text that `event.line` refers to
---@param event table
function M.mark_error(bufnr, run, version, event)
  if not config.options.output.mark_error_line or type(event.line) ~= "number" then
    return
  end
  local row = clamp(bufnr, (edits.translate(bufnr, version, event.line)))
  local message = ("%s: %s"):format(event.name or "Error", event.message or "")
  message = vim.split(message, "\n", { plain = true })[1]
  local line = line_at(bufnr, row)
  vim.api.nvim_buf_set_extmark(bufnr, namespaces.error, row, #line:match("^%s*"), {
    id = run.mark,
    number_hl_group = "MetascriptErrorLine",
    virt_text = { { "  ◀ " .. message, "MetascriptErrorText" } },
    hl_mode = "combine",
    invalidate = true,
  })
end

--- Draws a run, or hides it when its cell is gone. Undoing the deletion brings it back.
---@param bufnr integer
---@param run metascript.Run
function M.draw(bufnr, run)
  local first, last = M.rows(bufnr, run)
  if not first then
    hide(bufnr, run)
    return
  end
  if run.stale then
    vim.api.nvim_buf_del_extmark(bufnr, namespaces.error, run.mark)
  end
  draw_sign(bufnr, run, first)
  if not config.options.output.enabled then
    return
  end
  local indent = vim.fn.strdisplaywidth(line_at(bufnr, last):match("^%s*"))
  -- Under the closing brace: a line opened above the brace moves the mark, a line below does not.
  vim.api.nvim_buf_set_extmark(bufnr, namespaces.lines, last, 0, {
    id = run.mark,
    virt_lines = render.virtual_lines(run, indent),
    virt_lines_overflow = "scroll",
  })
end

--- Scrolls so that the output of the cell under the cursor is seen, as far as the cursor's line stays
--- where it can be seen too.
---@param bufnr integer
---@param run metascript.Run
function M.reveal(bufnr, run)
  local window = vim.api.nvim_get_current_win()
  if vim.api.nvim_win_get_buf(window) ~= bufnr or vim.api.nvim_get_mode().mode ~= "n" then
    return
  end
  local first, last = M.rows(bufnr, run)
  local cursor = vim.api.nvim_win_get_cursor(window)[1]
  if not first or cursor < first + 1 or cursor > last + 1 then
    return
  end
  local mark =
    vim.api.nvim_buf_get_extmark_by_id(bufnr, namespaces.lines, run.mark, { details = true })
  local lines = mark[3] and mark[3].virt_lines or {}
  -- The height from the cursor's line to the end of the output: what must fit below it.
  local height =
    vim.api.nvim_win_text_height(window, { start_row = cursor - 1, end_row = last }).all
  local above = vim.fn.winline() - 1
  local overflow = above + height + #lines - vim.api.nvim_win_get_height(window)
  local scroll = math.min(overflow, above - vim.wo[window].scrolloff)
  if scroll > 0 then
    vim.cmd.normal({ vim.keycode(scroll .. "<C-e>"), bang = true })
  end
end

--- Takes a run off the screen for good.
---@param bufnr integer
---@param run metascript.Run
function M.remove(bufnr, run)
  hide(bufnr, run)
  vim.api.nvim_buf_del_extmark(bufnr, namespaces.body, run.mark)
end

--- The marks of the runs whose cells overlap some rows.
---@param bufnr integer
---@param first integer
---@param last integer
---@return integer[]
function M.overlapping(bufnr, first, last)
  local marks = vim.api.nvim_buf_get_extmarks(
    bufnr,
    namespaces.body,
    { clamp(bufnr, first), 0 },
    { clamp(bufnr, last), -1 },
    { overlap = true }
  )
  return vim.tbl_map(function(mark)
    return mark[1]
  end, marks)
end

return M
