-- A server that dies takes nothing of the user's with it.
local t = require("harness")

t.run(function()
  local bufnr = t.open_attached(
    'PYTHON {\n    print("started")\n    while True:\n        pass\n}\n\nPYTHON {\n    5\n}'
  )
  t.cursor_on("started")
  vim.cmd("Metascript run")
  t.sees("│ started", "a cell runs")
  local text = vim.api.nvim_buf_get_lines(bufnr, 0, -1, false)

  -- The process of this very server, ended by its number.
  local before = t.client().id
  local pid
  for _, child in ipairs(vim.api.nvim_get_proc_children(vim.fn.getpid())) do
    local process = vim.api.nvim_get_proc(child)
    if process and process.name:find("metascript", 1, true) then
      pid = child
    end
  end
  t.check(pid ~= nil, "the server is a process of its own")
  vim.uv.kill(pid, "sigkill")

  t.eventually(function()
    return t.notified():find("the server ended unexpectedly", 1, true) ~= nil
  end, "the user is told", t.notified)
  t.sees("the server stopped", "the run that was under way says what became of it")
  t.equal(vim.api.nvim_buf_get_lines(bufnr, 0, -1, false), text, "the text is untouched")
  t.notifications = {}
  vim.cmd("Metascript run")
  t.contains(
    t.notified(),
    ":Metascript start starts it",
    "without a server, run says how to start it"
  )

  vim.cmd("Metascript start")
  t.eventually(function()
    local client = t.client(bufnr)
    return client and client.initialized and client.id ~= before
  end, "start brings a new server")
  t.cursor_on("    5")
  vim.cmd("Metascript run")
  t.sees("│ 5", "and cells run on it")
  t.settled()
  vim.cmd("Metascript log")
  local log = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n")
  t.contains(log, "the server ended (code", "the log tells what happened")
end)
