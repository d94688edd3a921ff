--- The AI commands: `:Metascript ai {task}`. Words stream into a window; a change is shown as a diff, and is made when it
--- is accepted.

local client = require("metascript.client")

local M = {}

---@class metascript.AiTask
---@field command string of the server
---@field desc string
---@field text? string what the words after the task are
---@field whole? boolean about the whole script, not about the cursor's place

---@type table<string, metascript.AiTask>
M.tasks = {
  generate = { command = "aiGenerate", desc = "write a script", text = "what it shall do" },
  explain = { command = "aiExplain", desc = "say what the block does" },
  fix = { command = "aiFix", desc = "repair what is wrong on the line" },
  review = { command = "aiReview", desc = "say what could be better", whole = true },
  tests = { command = "aiTests", desc = "write tests for the function" },
  document = { command = "aiDocument", desc = "write comments and descriptions" },
  optimise = { command = "aiOptimise", desc = "make it faster or simpler" },
  translate = { command = "aiTranslate", desc = "write the cell in another language" },
  agent = { command = "aiAgent", desc = "work until it checks clean", text = "goal", whole = true },
}

--- What else `:Metascript ai` takes.
local STEERING = { "accept", "reject", "cancel", "search" }

---@class metascript.AiWork
---@field name string of its stream
---@field task string
---@field bufnr integer the script
---@field tick integer its version when the command was given
---@field log integer the buffer that the words go to
---@field cancel fun()
---@field running boolean
---@field proposal? { edit?: table, version?: integer, newText: string }
---@field preview? integer the buffer that shows the proposal
---@field tab? integer
---@field encoding string

---@type metascript.AiWork?
local work

local count = 0

--- Writes at the end of a buffer that nobody edits.
---@param bufnr integer
---@param text string
local function append(bufnr, text)
  if not vim.api.nvim_buf_is_valid(bufnr) then
    return
  end
  local last = vim.api.nvim_buf_line_count(bufnr)
  local line = vim.api.nvim_buf_get_lines(bufnr, last - 1, last, false)[1] or ""
  vim.bo[bufnr].modifiable = true
  local lines = vim.split(line .. text, "\n", { plain = true })
  vim.api.nvim_buf_set_lines(bufnr, last - 1, last, false, lines)
  vim.bo[bufnr].modifiable = false
  for _, window in ipairs(vim.fn.win_findbuf(bufnr)) do
    vim.api.nvim_win_set_cursor(window, { vim.api.nvim_buf_line_count(bufnr), 0 })
  end
end

---@param name string
---@param filetype string
---@return integer bufnr
local function scratch(name, filetype)
  local bufnr = vim.api.nvim_create_buf(false, true)
  vim.bo[bufnr].bufhidden = "wipe"
  vim.bo[bufnr].modifiable = false
  -- Not with `filetype`: a preview must not be taken for a script that is open.
  if filetype == "metascript" then
    vim.bo[bufnr].syntax = filetype
  else
    vim.bo[bufnr].filetype = filetype
  end
  pcall(vim.api.nvim_buf_set_name, bufnr, ("metascript-ai://%d/%s"):format(count, name))
  return bufnr
end

---@param bufnr integer
---@param lhs string
---@param desc string
---@param action fun()
local function map(bufnr, lhs, desc, action)
  vim.keymap.set("n", lhs, action, { buffer = bufnr, nowait = true, desc = desc })
end

--- Opens the window that a command's words go to.
---@param task string
---@return integer bufnr
local function open_log(task)
  local bufnr = scratch(task, "markdown")
  local window = vim.api.nvim_open_win(bufnr, false, { split = "below", height = 10 })
  vim.wo[window].wrap = true
  vim.wo[window].linebreak = true
  vim.wo[window].number = false
  vim.wo[window].winfixheight = true
  map(bufnr, "q", "Close, and cancel what still runs", function()
    M.cancel()
    vim.cmd("silent! close")
  end)
  return bufnr
end

---@param bufnr? integer
local function close_buffer(bufnr)
  if bufnr and vim.api.nvim_buf_is_valid(bufnr) then
    vim.api.nvim_buf_delete(bufnr, { force = true })
  end
end

--- Whether a command runs, for a status line.
---@return boolean
function M.running()
  return work ~= nil and work.running
end

--- Stops the command that runs; its connection is closed.
function M.cancel()
  if work and work.running then
    work.running = false
    work.cancel()
    append(work.log, "\n\n(cancelled)")
  end
end

--- Ends the preview.
local function close_preview()
  if not work then
    return
  end
  local tab = work.tab
  close_buffer(work.preview)
  if tab and vim.api.nvim_tabpage_is_valid(tab) and #vim.api.nvim_list_tabpages() > 1 then
    vim.cmd.tabclose(vim.api.nvim_tabpage_get_number(tab))
  end
  if vim.api.nvim_buf_is_valid(work.bufnr) then
    for _, window in ipairs(vim.fn.win_findbuf(work.bufnr)) do
      vim.api.nvim_win_call(window, function()
        vim.cmd.diffoff()
      end)
    end
  end
  work = nil
end

--- Makes the change that is shown.
function M.accept()
  if not work or not work.proposal then
    client.notify("there is no proposal to accept", vim.log.levels.WARN)
    return
  end
  local done = work
  if done.proposal.edit then
    if vim.api.nvim_buf_get_changedtick(done.bufnr) ~= done.tick then
      client.notify(
        "the script has changed since the proposal was made: reject it and ask again",
        vim.log.levels.WARN
      )
      return
    end
    close_preview()
    vim.lsp.util.apply_workspace_edit(done.proposal.edit, done.encoding)
    return
  end
  close_preview()
  vim.cmd.enew()
  local lines = vim.split((done.proposal.newText:gsub("\n$", "")), "\n", { plain = true })
  vim.api.nvim_buf_set_lines(0, 0, -1, false, lines)
  vim.bo.filetype = "metascript"
end

--- Forgets the change that is shown.
function M.reject()
  if not work or not work.proposal then
    client.notify("there is no proposal to reject", vim.log.levels.WARN)
    return
  end
  close_preview()
end

--- Shows a proposal beside the script.
local function show_preview()
  assert(work)
  local bufnr = scratch("proposal", "metascript")
  work.preview = bufnr
  vim.bo[bufnr].modifiable = true
  local lines = vim.split((work.proposal.newText:gsub("\n$", "")), "\n", { plain = true })
  vim.api.nvim_buf_set_lines(bufnr, 0, -1, false, lines)
  vim.bo[bufnr].modifiable = false
  if work.proposal.edit then
    vim.cmd("tab sbuffer " .. work.bufnr)
    vim.cmd.diffthis()
    vim.cmd("rightbelow vertical sbuffer " .. bufnr)
    vim.cmd.diffthis()
  else
    vim.cmd("tab sbuffer " .. bufnr)
  end
  work.tab = vim.api.nvim_get_current_tabpage()
  vim.wo.winbar = "Proposal of a model: a accepts, q rejects"
  map(bufnr, "a", "Accept the proposal", M.accept)
  map(bufnr, "q", "Reject the proposal", M.reject)
end

---@param result table the server's answer
local function finished(result)
  assert(work)
  work.running = false
  if result.status == "proposed" then
    close_buffer(work.log)
    work.proposal = result.proposal
    show_preview()
  elseif result.status == "refused" then
    append(
      work.log,
      "\n\nThe proposal does not hold, and nothing was changed:\n- "
        .. table.concat(result.faults, "\n- ")
    )
  elseif result.status == "unchanged" then
    append(work.log, "\n\nThe script stays as it is.")
  end
end

--- An event of a command (`metascript/aiOutput`).
---@param params { stream: string, event: table }
function M.on_output(params)
  if not work or work.name ~= params.stream then
    return
  end
  local event = params.event
  if event.kind == "text" then
    append(work.log, event.text)
  elseif event.kind == "step" then
    append(work.log, ("\n\n*%s*\n\n"):format(event.message))
  end
end

--- Sends a command of the server.
---@param task string
---@param command string
---@param bufnr integer
---@param argument table
local function start(task, command, bufnr, argument)
  local lsp = client.need(bufnr)
  if not lsp then
    return
  end
  if work and work.running then
    client.notify("a command still runs; `:Metascript ai cancel` stops it", vim.log.levels.WARN)
    return
  end
  if work and work.proposal then
    close_preview()
  end
  count = count + 1
  work = {
    name = "nvim-" .. count,
    task = task,
    bufnr = bufnr,
    tick = vim.api.nvim_buf_get_changedtick(bufnr),
    log = open_log(task),
    cancel = function() end,
    running = true,
    encoding = lsp.offset_encoding,
  }
  local mine = work
  argument.propose = true
  argument.stream = work.name
  local params = { command = command, arguments = { argument } }
  local ok, id = lsp:request("workspace/executeCommand", params, function(err, result)
    if work ~= mine or not mine.running then
      return
    end
    if err then
      mine.running = false
      close_buffer(mine.log)
      client.notify(err.message, vim.log.levels.ERROR)
    else
      finished(result)
    end
  end, bufnr)
  if ok and id then
    work.cancel = function()
      lsp:cancel_request(id)
    end
  end
end

--- Runs the command of a code action.
---@param command lsp.Command
---@param ctx { bufnr: integer }
function M.from_action(command, ctx)
  local name = command.command:gsub("^metascript%.", "")
  for task, each in pairs(M.tasks) do
    if each.command == name then
      local argument = vim.deepcopy((command.arguments or {})[1] or {})
      M.ask(task, argument, ctx.bufnr)
      return
    end
  end
end

--- Asks for what a task needs besides its place, and starts it.
---@param task string
---@param argument table
---@param bufnr integer
function M.ask(task, argument, bufnr)
  local each = M.tasks[task]
  local function go()
    start(task, "metascript." .. each.command, bufnr, argument)
  end
  if each.text and not argument.text then
    vim.ui.input({ prompt = ("Metascript, %s: "):format(each.text) }, function(answer)
      if answer and answer ~= "" then
        argument.text = answer
        go()
      end
    end)
  elseif task == "translate" and not argument.language then
    local lsp = client.need(bufnr)
    local offered = lsp
      and vim.tbl_get(lsp.server_capabilities, "experimental", "metascript", "languages")
    vim.ui.select(offered or {}, { prompt = "Translate the cell to" }, function(choice)
      if choice then
        argument.language = choice
        go()
      end
    end)
  else
    go()
  end
end

--- Finds blocks of the workspace by what they say, into the quickfix list.
---@param question string
function M.search(question)
  local bufnr = vim.api.nvim_get_current_buf()
  local lsp = client.need(bufnr)
  if not lsp then
    return
  end
  if question == "" then
    client.notify("say what to look for: :Metascript ai search {words}", vim.log.levels.WARN)
    return
  end
  client.execute(lsp, bufnr, "metascript.aiSearch", { text = question }, function(result)
    local items = vim.tbl_map(function(hit)
      local first = vim.split(hit.text, "\n", { plain = true })
      return {
        filename = vim.uri_to_fname(hit.uri),
        lnum = hit.position.line + 1,
        text = vim.trim(table.concat(vim.list_slice(first, 1, 3), " ")),
      }
    end, result.hits)
    vim.fn.setqflist({}, " ", { title = "Metascript: " .. question, items = items })
    if #items == 0 then
      client.notify("nothing was found")
    else
      vim.cmd("copen")
    end
  end)
end

--- The argument of a task at the cursor.
---@param task string
---@param text string
---@param bufnr integer
---@return table
local function argument_here(task, text, bufnr)
  local each = M.tasks[task]
  local argument = { uri = vim.uri_from_bufnr(bufnr) }
  local lsp = client.get(bufnr)
  if not each.whole and task ~= "generate" and lsp then
    argument.position = vim.lsp.util.make_position_params(0, lsp.offset_encoding).position
  end
  if task == "generate" then
    local blank = vim.api.nvim_buf_line_count(bufnr) == 1
      and vim.api.nvim_buf_get_lines(bufnr, 0, 1, false)[1] == ""
    -- A script that is there is not written over: the new one gets a buffer of its own.
    argument.uri = blank and argument.uri or nil
  end
  if text ~= "" then
    argument[task == "translate" and "language" or "text"] = text
  end
  return argument
end

--- `:Metascript ai …`
---@param args { rest: string[] }
function M.dispatch(args)
  local task = args.rest[1] or ""
  local text = table.concat(vim.list_slice(args.rest, 2), " ")
  if task == "accept" then
    M.accept()
  elseif task == "reject" then
    M.reject()
  elseif task == "cancel" then
    M.cancel()
  elseif task == "search" then
    M.search(text)
  elseif M.tasks[task] then
    local bufnr = vim.api.nvim_get_current_buf()
    M.ask(task, argument_here(task, text, bufnr), bufnr)
  else
    client.notify(
      ("say what to do: :Metascript ai %s"):format(table.concat(M.complete(), "|")),
      vim.log.levels.ERROR
    )
  end
end

---@return string[]
function M.complete()
  local names = vim.list_extend(vim.tbl_keys(M.tasks), STEERING)
  table.sort(names)
  return names
end

--- Names of the server's commands that this module runs for code actions.
---@return string[]
function M.commands()
  return vim.tbl_map(function(task)
    return "metascript." .. task.command
  end, vim.tbl_values(M.tasks))
end

return M
