--- Running cells and steering their session.

local cells = require("metascript.cells")
local client = require("metascript.client")

local M = {}

--- The position of the cursor as the server counts it.
---@param lsp vim.lsp.Client
---@return lsp.Position
local function cursor_position(lsp)
  return vim.lsp.util.make_position_params(0, lsp.offset_encoding).position
end

---@param command string without "metascript."
---@param with_position boolean
---@param on_done? fun(result: any)
---@return boolean sent
local function send(command, with_position, on_done)
  local bufnr = vim.api.nvim_get_current_buf()
  local lsp = client.need(bufnr)
  if not lsp then
    return false
  end
  local argument = { uri = vim.uri_from_bufnr(bufnr) }
  if with_position then
    argument.position = cursor_position(lsp)
  end
  client.execute(lsp, bufnr, "metascript." .. command, argument, on_done)
  return true
end

--- Runs the cell under the cursor.
function M.run()
  send("runCell", true)
end

--- Runs the cell under the cursor and moves to the next one.
function M.run_and_next()
  if send("runCell", true) and not cells.jump(1) then
    client.notify("that was the last cell")
  end
end

--- Runs the cells above the one under the cursor.
function M.run_above()
  send("runAbove", true)
end

--- Runs all cells, up to the first that fails.
function M.run_all()
  send("runAll", false)
end

--- Shows limits and grants of the policy under which the script runs.
function M.show_policy()
  send("showRunPolicy", false)
end

--- Runs the cells that make what the session lost with a runtime.
function M.rerun_lost()
  send("rerunLost", false)
end

--- Runs the cells whose results do not hold (never run, failed or stale), up to the first that fails.
function M.run_stale()
  send("runStale", false, function(result)
    if type(result) == "table" and #(result.cells or {}) == 0 then
      client.notify("no cell is stale")
    end
  end)
end

--- Ends the session: variables are gone.
function M.restart()
  send("restart", false, function()
    client.notify("the session was restarted")
  end)
end

--- Stops the cell that runs.
function M.interrupt()
  send("interrupt", false, function(result)
    if type(result) == "table" and result.interrupted == false then
      client.notify("nothing is running")
    end
  end)
end

return M
