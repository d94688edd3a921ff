-- `:Metascript ai`: words stream, a change is a diff that is accepted or rejected, and nothing changes before.
local t = require("harness")

local SCRIPT = [[
DESCRIBE {
    name: "demo"
}

JAVASCRIPT {
    const double = (x) => x + x;
}
]]

local FENCE = ("`"):rep(3)

--- A model behind OpenAI's wire format, in this process: each request gets the answer that `model.say` holds.
local model = { bodies = {}, say = "", hang = false, left = 0 }

local function event(value)
  local data = type(value) == "string" and value or vim.json.encode(value)
  local text = "data: " .. data .. "\n\n"
  return ("%x\r\n%s\r\n"):format(#text, text)
end

local function chunk(delta, reason)
  return event({
    id = "chatcmpl-1",
    object = "chat.completion.chunk",
    choices = { { index = 0, delta = delta, finish_reason = reason or vim.NIL } },
  })
end

local function answer(socket)
  local out = {
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n",
    chunk({ role = "assistant", content = "" }),
  }
  for at = 1, #model.say, 9 do
    out[#out + 1] = chunk({ content = model.say:sub(at, at + 8) })
  end
  if not model.hang then
    out[#out + 1] = chunk(vim.empty_dict(), "stop")
    out[#out + 1] = event("[DONE]")
    out[#out + 1] = "0\r\n\r\n"
  end
  socket:write(table.concat(out))
end

local function serve(socket)
  local received = ""
  socket:read_start(function(_, data)
    if not data then
      model.left = model.left + 1
      socket:close()
      return
    end
    received = received .. data
    local head, rest = received:match("^(.-\r\n\r\n)(.*)$")
    local length = head and tonumber(head:lower():match("content%-length: (%d+)"))
    if length and #rest >= length then
      model.bodies[#model.bodies + 1] = rest:sub(1, length)
      received = rest:sub(length + 1)
      vim.schedule(function()
        answer(socket)
      end)
    end
  end)
end

local function listen()
  local server = assert(vim.uv.new_tcp())
  server:bind("127.0.0.1", 0)
  server:listen(16, function()
    local socket = assert(vim.uv.new_tcp())
    server:accept(socket)
    serve(socket)
  end)
  return server:getsockname().port
end

local function buffer_text(bufnr)
  return table.concat(vim.api.nvim_buf_get_lines(bufnr, 0, -1, false), "\n") .. "\n"
end

--- The buffer of the window that shows a kind of thing.
local function shown(kind)
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    local bufnr = vim.api.nvim_win_get_buf(window)
    if vim.api.nvim_buf_get_name(bufnr):find("^metascript%-ai://%d+/" .. kind) then
      return bufnr, window
    end
  end
end

local function close(kind)
  vim.wait(t.PATIENCE, function()
    return not require("metascript.ai").running()
  end, 5)
  local _, window = shown(kind)
  vim.api.nvim_win_close(assert(window), true)
end

local function fenced(code)
  return ("Like this:\n%s\n%s\n%s\n"):format(FENCE, code, FENCE)
end

t.run(function()
  require("metascript").setup({
    server = require("real_server"),
    ai = {
      providers = {
        {
          name = "scripted",
          kind = "openai",
          base_url = ("http://127.0.0.1:%d/v1"):format(listen()),
          model = "test-model",
        },
      },
      tasks = { chat = { "scripted" }, inline = { "embedded" } },
    },
  })
  local script = t.open_attached(SCRIPT)

  -- Words.
  model.say = "It doubles a number."
  t.cursor_on("double")
  vim.cmd("Metascript ai explain")
  t.eventually(function()
    local log = shown("explain")
    return log and buffer_text(log):find("It doubles a number.", 1, true)
  end, "what a model explains streams into a window", t.screen_text)
  t.contains(model.bodies[1], "const double", "it was asked about the block under the cursor")
  t.equal(vim.api.nvim_get_current_buf(), script, "one stays where one was")
  t.equal(buffer_text(script), SCRIPT, "and nothing is changed")
  close("explain")

  -- A change: rejected, accepted.
  model.say = fenced('DESCRIBE {\n    name: "better"\n}')
  t.cursor_on("name:")
  vim.cmd("Metascript ai document")
  t.eventually(function()
    return shown("proposal")
  end, "a change is shown first", t.screen_text)
  t.contains(buffer_text(assert(shown("proposal"))), 'name: "better"', "as it would be")
  t.equal(buffer_text(script), SCRIPT, "while the script is as it was")
  local _, window = shown("proposal")
  t.check(vim.wo[window].diff, "as a diff")
  t.contains(t.screen_text(), "a accepts, q rejects", "with what to press")
  vim.api.nvim_set_current_win(window)
  vim.api.nvim_feedkeys("q", "x", false)
  t.check(not shown("proposal"), "rejecting takes the preview away")
  t.equal(#vim.api.nvim_list_tabpages(), 1, "with its tab")
  t.equal(buffer_text(script), SCRIPT, "and changes nothing")
  t.check(not vim.wo.diff, "the script is no diff any more")

  t.cursor_on("name:")
  vim.cmd("Metascript ai document")
  t.eventually(function()
    return shown("proposal")
  end, "asked again, it is shown again")
  _, window = shown("proposal")
  vim.api.nvim_set_current_win(window)
  vim.api.nvim_feedkeys("a", "x", false)
  t.equal(buffer_text(script), (SCRIPT:gsub("demo", "better")), "accepting makes the change")
  vim.cmd("silent undo")
  t.equal(buffer_text(script), SCRIPT, "which one undo takes back")

  -- Edited meanwhile.
  t.cursor_on("name:")
  vim.cmd("Metascript ai document")
  t.eventually(function()
    return shown("proposal")
  end, "a third proposal")
  vim.api.nvim_buf_set_lines(script, 0, 0, false, { "// written meanwhile" })
  t.notifications = {}
  vim.cmd("Metascript ai accept")
  t.contains(t.notified(), "has changed since", "an older proposal is not forced on a newer text")
  vim.cmd("Metascript ai reject")
  vim.api.nvim_buf_set_lines(script, 0, 1, false, {})

  -- A code action.
  model.say = fenced('DESCRIBE {\n    name: "acted"\n}')
  t.cursor_on("name:")
  vim.lsp.buf.code_action({
    apply = true,
    filter = function(action)
      return action.title == "Optimise with AI"
    end,
  })
  t.eventually(function()
    return shown("proposal")
  end, "the code action does the same", t.screen_text)
  vim.cmd("Metascript ai accept")
  t.contains(buffer_text(script), 'name: "acted"', "and is accepted by a command as well")

  -- A proposal that does not hold.
  model.say = fenced("JAVASCRIPT {\n    eval(location.hash);\n}")
  t.cursor_on("double")
  vim.cmd("Metascript ai optimise")
  t.eventually(function()
    local log = shown("optimise")
    return log and buffer_text(log):find("does not hold", 1, true)
  end, "what breaks the policy is refused with the reason", t.screen_text)
  t.check(not shown("proposal"), "and is never shown")
  close("optimise")

  -- Cancelling.
  model.say, model.hang = "It goes on and", true
  local before = model.left
  vim.cmd("Metascript ai review")
  t.eventually(function()
    local log = shown("review")
    return log and buffer_text(log):find("It goes", 1, true)
  end, "a review begins")
  vim.cmd("Metascript ai cancel")
  t.eventually(function()
    return model.left > before
  end, "cancelling closes the connection to the model")
  t.contains(buffer_text(assert(shown("review"))), "(cancelled)", "and says so")
  model.hang = false
  close("review")

  -- A new script.
  model.say = fenced('DESCRIBE {\n    name: "new"\n}')
  vim.cmd("Metascript ai generate greet somebody")
  t.eventually(function()
    return shown("proposal")
  end, "a script from a sentence is shown first", t.screen_text)
  t.contains(model.bodies[#model.bodies], "greet somebody", "the sentence reaches the model")
  vim.cmd("Metascript ai accept")
  t.equal(vim.bo.filetype, "metascript", "accepted, it is a metascript")
  t.equal(buffer_text(0), 'DESCRIBE {\n    name: "new"\n}\n', "in a buffer of its own")
  t.check(vim.api.nvim_get_current_buf() ~= script, "not in the script that was there")

  -- What can be said behind `ai`.
  t.equal(
    vim.fn.getcompletion("Metascript ai e", "cmdline"),
    { "explain" },
    "the tasks are completed"
  )
  t.notifications = {}
  vim.cmd("Metascript ai accept")
  t.contains(t.notified(), "no proposal", "without a proposal there is nothing to accept")
end)
