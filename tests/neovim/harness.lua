--- What the specs share: checks that are counted, waiting, and looking at the screen as the user does.

local M = {}

local passed, failed = 0, 0

--- A first run compiles a runtime, which takes its time on a slow machine.
M.PATIENCE = tonumber(vim.env.METASCRIPT_TEST_PATIENCE_MS) or 300000

local function write(line)
  io.stdout:write(line, "\n")
  io.stdout:flush()
end

--- Counts a check.
---@param ok any
---@param name string
---@param detail? any shown when the check fails
function M.check(ok, name, detail)
  if ok then
    passed = passed + 1
    write("ok      " .. name)
  else
    failed = failed + 1
    write("FAILED  " .. name)
    if detail ~= nil then
      local text = type(detail) == "string" and detail or vim.inspect(detail)
      write("        " .. text:gsub("\n", "\n        "))
    end
  end
end

---@param actual any
---@param expected any
---@param name string
function M.equal(actual, expected, name)
  M.check(vim.deep_equal(actual, expected), name, { actual = actual, expected = expected })
end

--- Checks that a text holds another, plain.
---@param text string
---@param part string
---@param name string
function M.contains(text, part, name)
  M.check(text:find(part, 1, true) ~= nil, name, ("`%s` is not in:\n%s"):format(part, text))
end

---@param text string
---@param part string
---@param name string
function M.lacks(text, part, name)
  M.check(text:find(part, 1, true) == nil, name, ("`%s` is in:\n%s"):format(part, text))
end

--- Waits until a condition holds and counts it.
---@param condition fun(): any
---@param name string
---@param detail? fun(): any
function M.eventually(condition, name, detail)
  local ok = vim.wait(M.PATIENCE, function()
    return condition() and true or false
  end, 20)
  M.check(ok, name, not ok and detail and detail() or nil)
  return ok
end

---@type { text: string, level: integer }[]
M.notifications = {}

vim.notify = function(text, level)
  M.notifications[#M.notifications + 1] = { text = text, level = level or vim.log.levels.INFO }
end

--- All notifications so far, as one text.
---@return string
function M.notified()
  return table.concat(
    vim.tbl_map(function(each)
      return each.text
    end, M.notifications),
    "\n"
  )
end

--- Writes a metascript into a fresh folder and opens it.
---@param text string
---@param name? string
---@return integer bufnr
function M.open(text, name)
  local folder = vim.fn.tempname()
  vim.fn.mkdir(folder, "p")
  local path = folder .. "/" .. (name or "script.tars")
  vim.fn.writefile(vim.split((text:gsub("\n$", "")), "\n", { plain = true }), path)
  vim.cmd.edit(vim.fn.fnameescape(path))
  return vim.api.nvim_get_current_buf()
end

---@param bufnr? integer
---@return vim.lsp.Client?
function M.client(bufnr)
  return vim.lsp.get_clients({ bufnr = bufnr or 0, name = "metascript" })[1]
end

--- Opens a metascript and waits for the server.
---@param text string
---@param name? string
---@return integer bufnr
function M.open_attached(text, name)
  local bufnr = M.open(text, name)
  local ok = vim.wait(M.PATIENCE, function()
    local client = M.client(bufnr)
    return client ~= nil and client.initialized == true
  end, 20)
  assert(ok, "the server did not attach: " .. M.notified())
  return bufnr
end

--- A request to the server, answered or failed.
---@param method string
---@param params table
---@return any result
function M.request(method, params)
  -- Neovim sends pending edits first only when the buffer is named by its number.
  local bufnr = vim.api.nvim_get_current_buf()
  local answer, problem = M.client():request_sync(method, params, M.PATIENCE, bufnr)
  assert(answer, method .. ": " .. tostring(problem))
  assert(not answer.err, answer.err and (method .. ": " .. answer.err.message))
  return answer.result
end

--- The parameters of a request about the first place where a text occurs.
---@param needle string
---@param offset? integer columns after its start
function M.params_at(needle, offset)
  for row, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    local column = line:find(needle, 1, true)
    if column then
      vim.api.nvim_win_set_cursor(0, { row, column - 1 + (offset or 0) })
      return vim.lsp.util.make_position_params(0, M.client().offset_encoding)
    end
  end
  error("not in the buffer: " .. needle)
end

--- Puts the cursor on the first line that holds a text.
---@param needle string
function M.cursor_on(needle)
  for row, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    local column = line:find(needle, 1, true)
    if column then
      vim.api.nvim_win_set_cursor(0, { row, column - 1 })
      return
    end
  end
  error("not in the buffer: " .. needle)
end

--- What stands on the screen, line by line, with virtual lines and signs: what the user sees.
---@return string[]
function M.screen()
  vim.cmd("redraw!")
  local lines = {}
  for row = 1, vim.o.lines do
    local cells = {}
    for column = 1, vim.o.columns do
      cells[column] = vim.fn.screenstring(row, column)
    end
    lines[row] = (table.concat(cells):gsub("%s+$", ""))
  end
  return lines
end

---@return string
function M.screen_text()
  return table.concat(M.screen(), "\n")
end

--- The row of the screen that holds a text.
---@param needle string
---@return integer?
function M.screen_row(needle)
  for row, line in ipairs(M.screen()) do
    if line:find(needle, 1, true) then
      return row
    end
  end
end

--- Waits until a text is on the screen.
---@param needle string
---@param name string
---@return boolean
function M.sees(needle, name)
  return M.eventually(function()
    return M.screen_row(needle) ~= nil
  end, name, M.screen_text)
end

--- Waits until no cell of the buffer is queued or running.
function M.settled()
  local output = require("metascript.output")
  return vim.wait(M.PATIENCE, function()
    local runs = output.all(vim.api.nvim_get_current_buf())
    return #runs > 0
      and vim.iter(runs):all(function(run)
        return run.status ~= "queued" and run.status ~= "running"
      end)
  end, 20)
end

--- Runs a spec and ends Neovim with its outcome.
---@param spec fun()
function M.run(spec)
  local ok, problem = xpcall(spec, debug.traceback)
  if not ok then
    M.check(false, "the spec ran to its end", problem)
    write("        screen:\n        " .. M.screen_text():gsub("\n", "\n        "))
  end
  for _, client in ipairs(vim.lsp.get_clients()) do
    client:stop()
  end
  vim.wait(5000, function()
    return #vim.lsp.get_clients() == 0
  end, 20)
  write(("%d passed, %d failed"):format(passed, failed))
  vim.cmd(failed > 0 and "cquit 1" or "qall!")
end

return M
