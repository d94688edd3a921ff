--- The last line edits of a buffer, so that a row which the server named for an older version of the
--- text is found in the text as it is now.

local M = {}

--- Edits remembered for each buffer. The server is rarely more than a few behind.
local LIMIT = 512

---@class metascript.Edit
---@field tick integer version of the text after the edit
---@field first integer zero-based first row that changed
---@field last integer row after the last one that changed, before the edit
---@field new_last integer the same row after the edit

---@class metascript.EditLog
---@field edits metascript.Edit[]

---@type table<integer, metascript.EditLog>
local logs = {}

---@class metascript.EditListener
---@field on_edit fun(bufnr: integer, edit: metascript.Edit)
---@field on_gone fun(bufnr: integer) the buffer was unloaded or read anew from disk

---@type metascript.EditListener[]
local listeners = {}

---@param listener metascript.EditListener
function M.listen(listener)
  listeners[#listeners + 1] = listener
end

local function gone(bufnr)
  logs[bufnr] = nil
  for _, listener in ipairs(listeners) do
    listener.on_gone(bufnr)
  end
end

--- Starts to watch a buffer; does nothing when it is watched already.
---@param bufnr integer
function M.watch(bufnr)
  if logs[bufnr] then
    return
  end
  logs[bufnr] = { edits = {} }
  vim.api.nvim_buf_attach(bufnr, false, {
    on_lines = function(_, buf, tick, first, last, new_last)
      local log = logs[buf]
      if not log then
        return true
      end
      local edit = { tick = tick, first = first, last = last, new_last = new_last }
      log.edits[#log.edits + 1] = edit
      if #log.edits >= 2 * LIMIT then
        log.edits = vim.list_slice(log.edits, #log.edits - LIMIT + 1)
      end
      for _, listener in ipairs(listeners) do
        listener.on_edit(buf, edit)
      end
    end,
    on_reload = function(_, buf)
      gone(buf)
      vim.schedule(function()
        if vim.api.nvim_buf_is_loaded(buf) then
          logs[buf] = { edits = {} }
        end
      end)
    end,
    on_detach = function(_, buf)
      gone(buf)
    end,
  })
end

---@param edits metascript.Edit[]
---@param version integer
---@return integer index of the first edit made after `version`
local function first_after(edits, version)
  local low, high = 1, #edits + 1
  while low < high do
    local middle = math.floor((low + high) / 2)
    if edits[middle].tick > version then
      high = middle
    else
      low = middle + 1
    end
  end
  return low
end

--- Where a row of an older version is now.
---@param bufnr integer
---@param version? integer version that the row refers to; nil means the current one
---@param row integer zero-based
---@return integer row
---@return boolean touched whether a later edit changed that very row
function M.translate(bufnr, version, row)
  local log = logs[bufnr]
  if not log or not version then
    return row, false
  end
  local touched = false
  for index = first_after(log.edits, version), #log.edits do
    local edit = log.edits[index]
    if row >= edit.last then
      row = row + edit.new_last - edit.last
    elseif row >= edit.first then
      touched = true
      row = math.max(edit.first, math.min(row, edit.new_last - 1))
    end
  end
  return row, touched
end

return M
