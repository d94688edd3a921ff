--- Suggestions in the text while one types (`textDocument/inlineCompletion`): shown as ghost text behind the cursor,
--- taken with a key, gone with the next thing that is typed otherwise.

local config = require("metascript.config")

local M = {}

local namespace = vim.api.nvim_create_namespace("metascript.suggest")

--- So long the text must rest before a suggestion is asked for; the server waits as well, by its own measure.
local PAUSE_MS = 40

--- `context.triggerKind` of the protocol.
local INVOKED, AUTOMATIC = 1, 2

---@class metascript.Suggestions
---@field items table[] candidates of the server, the best first
---@field chosen integer
---@field row integer zero-based place that they belong to
---@field column integer in bytes

---@type table<integer, metascript.Suggestions>
local shown = {}

---@type table<integer, fun()>
local cancels = {}

---@type table<integer, uv.uv_timer_t>
local timers = {}

---@param bufnr integer
---@return integer row, integer column zero-based
local function cursor(bufnr)
  local window = vim.fn.bufwinid(bufnr)
  local at = vim.api.nvim_win_get_cursor(window ~= -1 and window or 0)
  return at[1] - 1, at[2]
end

---@param item table
---@return string
local function text_of(item)
  local text = item.insertText
  return type(text) == "table" and text.value or text
end

---@param bufnr integer
local function stop_asking(bufnr)
  if timers[bufnr] then
    timers[bufnr]:stop()
  end
  if cancels[bufnr] then
    cancels[bufnr]()
    cancels[bufnr] = nil
  end
end

--- Takes the ghost text away.
---@param bufnr integer
function M.clear(bufnr)
  stop_asking(bufnr)
  shown[bufnr] = nil
  if vim.api.nvim_buf_is_valid(bufnr) then
    vim.api.nvim_buf_clear_namespace(bufnr, namespace, 0, -1)
  end
end

---@param bufnr integer
local function draw(bufnr)
  vim.api.nvim_buf_clear_namespace(bufnr, namespace, 0, -1)
  local state = shown[bufnr]
  if not state then
    return
  end
  local lines = vim.split(text_of(state.items[state.chosen]), "\n", { plain = true })
  local more = #state.items > 1 and (" %d/%d"):format(state.chosen, #state.items) or nil
  local below = {}
  for at = 2, #lines do
    below[#below + 1] = { { lines[at], "MetascriptSuggestion" } }
  end
  local first = { { lines[1], "MetascriptSuggestion" } }
  if more then
    table.insert(#below > 0 and below[#below] or first, { more, "MetascriptMore" })
  end
  vim.api.nvim_buf_set_extmark(bufnr, namespace, state.row, state.column, {
    virt_text = first,
    virt_text_pos = "inline",
    virt_lines = #below > 0 and below or nil,
    right_gravity = false,
  })
end

--- What was typed since the suggestions came, if it is how all of them go on: they need not be asked for again.
---@param bufnr integer
---@return boolean kept
local function follow(bufnr)
  local state = shown[bufnr]
  local row, column = cursor(bufnr)
  if not state or row ~= state.row or column < state.column then
    return false
  end
  local line = vim.api.nvim_buf_get_lines(bufnr, row, row + 1, false)[1] or ""
  local typed = line:sub(state.column + 1, column)
  local kept = {}
  for at, item in ipairs(state.items) do
    local text = text_of(item)
    if vim.startswith(text, typed) and #text > #typed then
      local rest = vim.deepcopy(item)
      rest.insertText = text:sub(#typed + 1)
      kept[#kept + 1] = rest
    elseif at == state.chosen then
      return false
    end
  end
  shown[bufnr] = { items = kept, chosen = 1, row = row, column = column }
  return true
end

---@param bufnr integer
---@param kind integer
local function ask(bufnr, kind)
  stop_asking(bufnr)
  local client = require("metascript.client").get(bufnr)
  if not client or not vim.tbl_get(client.server_capabilities, "inlineCompletionProvider") then
    return
  end
  local window = vim.fn.bufwinid(bufnr)
  if window == -1 then
    return
  end
  local params = vim.lsp.util.make_position_params(window, client.offset_encoding)
  params.context = { triggerKind = kind }
  local row, column = cursor(bufnr)
  local version = vim.api.nvim_buf_get_changedtick(bufnr)
  local ok, id = client:request("textDocument/inlineCompletion", params, function(err, result)
    cancels[bufnr] = nil
    local items = result and (result.items or result) or {}
    local now_row, now_column = cursor(bufnr)
    -- An answer about another text or place is no answer.
    local stale = vim.api.nvim_buf_get_changedtick(bufnr) ~= version
      or now_row ~= row
      or now_column ~= column
      or not vim.api.nvim_get_mode().mode:match("^i")
    if err or stale then
      return
    end
    items = vim.tbl_filter(function(item)
      return text_of(item) ~= ""
    end, items)
    shown[bufnr] = #items > 0 and { items = items, chosen = 1, row = row, column = column } or nil
    draw(bufnr)
    if kind == INVOKED and #items == 0 then
      require("metascript.client").notify("no suggestion here")
    end
  end, bufnr)
  if ok and id then
    cancels[bufnr] = function()
      client:cancel_request(id)
    end
  end
end

--- Asks now, for whoever does not want to wait or has switched suggestions off.
---@param bufnr? integer
function M.invoke(bufnr)
  ask(bufnr or vim.api.nvim_get_current_buf(), INVOKED)
end

---@param bufnr integer
local function ask_soon(bufnr)
  stop_asking(bufnr)
  timers[bufnr] = timers[bufnr] or assert(vim.uv.new_timer())
  timers[bufnr]:start(
    PAUSE_MS,
    0,
    vim.schedule_wrap(function()
      if vim.api.nvim_buf_is_valid(bufnr) and vim.api.nvim_get_mode().mode:match("^i") then
        ask(bufnr, AUTOMATIC)
      end
    end)
  )
end

--- Whether ghost text is to be seen.
---@param bufnr? integer
---@return boolean
function M.visible(bufnr)
  return shown[bufnr or vim.api.nvim_get_current_buf()] ~= nil
end

--- Writes the suggestion that is shown.
---@param bufnr? integer
---@return boolean taken false if there is none
function M.accept(bufnr)
  bufnr = bufnr or vim.api.nvim_get_current_buf()
  local state = shown[bufnr]
  if not state then
    return false
  end
  M.clear(bufnr)
  local item = state.items[state.chosen]
  local lines = vim.split(text_of(item), "\n", { plain = true })
  vim.api.nvim_buf_set_text(bufnr, state.row, state.column, state.row, state.column, lines)
  local last = lines[#lines]
  vim.api.nvim_win_set_cursor(0, {
    state.row + #lines,
    #lines == 1 and state.column + #last or #last,
  })
  local client = require("metascript.client").get(bufnr)
  if client and item.command then
    client:request("workspace/executeCommand", {
      command = item.command.command,
      arguments = item.command.arguments,
    }, function() end, bufnr)
  end
  return true
end

--- Shows another candidate.
---@param by integer
function M.cycle(by)
  local bufnr = vim.api.nvim_get_current_buf()
  local state = shown[bufnr]
  if state then
    state.chosen = (state.chosen - 1 + by) % #state.items + 1
    draw(bufnr)
  end
end

--- Suggests in a buffer from now on.
---@param bufnr integer
function M.attach(bufnr)
  local group = vim.api.nvim_create_augroup("metascript.suggest." .. bufnr, { clear = true })
  local function on(events, desc, callback)
    vim.api.nvim_create_autocmd(events, {
      group = group,
      buffer = bufnr,
      desc = desc,
      callback = callback,
    })
  end
  on({ "TextChangedI", "CursorMovedI" }, "Suggest how the text goes on", function()
    if follow(bufnr) then
      draw(bufnr)
      return
    end
    M.clear(bufnr)
    if config.options.suggest.enabled and vim.fn.pumvisible() == 0 then
      ask_soon(bufnr)
    end
  end)
  on({ "InsertLeave", "BufLeave" }, "Take the suggestion away", function()
    M.clear(bufnr)
  end)
  on({ "BufUnload" }, "Forget the suggestions of a buffer", function()
    M.clear(bufnr)
    if timers[bufnr] then
      timers[bufnr]:close()
      timers[bufnr] = nil
    end
  end)
end

return M
