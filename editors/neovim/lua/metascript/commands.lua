--- `:Metascript <verb>`.

local cells = require("metascript.cells")
local client = require("metascript.client")
local output = require("metascript.output")
local runner = require("metascript.runner")

local M = {}

---@class metascript.Verb
---@field run fun(args: { bang: boolean, rest: string[] })
---@field desc string
---@field complete? fun(): string[]

--- The run whose output belongs to the cursor's line.
---@return metascript.Run?
local function run_here()
  local bufnr = vim.api.nvim_get_current_buf()
  local run = output.at(bufnr, vim.api.nvim_win_get_cursor(0)[1] - 1)
  if not run then
    client.notify(
      "no output here: put the cursor in a cell that ran, or use ! for all",
      vim.log.levels.WARN
    )
  end
  return run
end

--- The runs that a verb means: the one under the cursor, or with a bang all of the buffer.
---@param bang boolean
---@return metascript.Run[]?
local function chosen(bang)
  if not bang then
    local run = run_here()
    return run and { run }
  end
  local runs = output.all(vim.api.nvim_get_current_buf())
  if #runs == 0 then
    client.notify("no cell of this buffer has run", vim.log.levels.WARN)
    return nil
  end
  return runs
end

local function show_log()
  vim.cmd("botright new")
  local bufnr = vim.api.nvim_get_current_buf()
  local lines = { "Language client log: " .. vim.lsp.log.get_filename(), "" }
  for _, entry in ipairs(client.log) do
    vim.list_extend(lines, vim.split(entry, "\n", { plain = true }))
  end
  vim.api.nvim_buf_set_lines(bufnr, 0, -1, false, lines)
  vim.bo[bufnr].buftype = "nofile"
  vim.bo[bufnr].bufhidden = "wipe"
  vim.bo[bufnr].modifiable = false
  vim.bo[bufnr].filetype = "metascript-log"
  vim.cmd("normal! G")
end

---@type table<string, metascript.Verb>
M.verbs = {
  run = { desc = "run the cell under the cursor", run = runner.run },
  run_and_next = { desc = "run the cell and move to the next one", run = runner.run_and_next },
  run_above = { desc = "run the cells above this one", run = runner.run_above },
  run_all = { desc = "run all cells", run = runner.run_all },
  rerun_lost = { desc = "run the cells of variables that were lost again", run = runner.rerun_lost },
  run_stale = { desc = "run the cells whose results do not hold", run = runner.run_stale },
  restart = { desc = "end the session; its variables are gone", run = runner.restart },
  interrupt = { desc = "stop the cell that runs", run = runner.interrupt },
  next = {
    desc = "go to the next cell",
    run = function()
      cells.jump(vim.v.count1)
    end,
  },
  previous = {
    desc = "go to the previous cell",
    run = function()
      cells.jump(-vim.v.count1)
    end,
  },
  outputs = {
    desc = "show the whole output in a window; with ! of all cells",
    run = function(args)
      local runs = chosen(args.bang)
      if runs then
        require("metascript.output.float").open(runs)
      end
    end,
  },
  clear = {
    desc = "remove the output; with ! of all cells",
    run = function(args)
      local bufnr = vim.api.nvim_get_current_buf()
      if args.bang then
        output.clear(bufnr)
        local client = vim.lsp.get_clients({ bufnr = bufnr, name = "metascript" })[1]
        if client then
          client:notify("metascript/forgetOutputs", {
            textDocument = { uri = vim.uri_from_bufnr(bufnr) },
          })
        end
        return
      end
      local run = run_here()
      if run then
        output.clear(bufnr, run)
      end
    end,
  },
  fold = {
    desc = "fold or unfold the output; with ! of all cells",
    run = function(args)
      local bufnr = vim.api.nvim_get_current_buf()
      if args.bang then
        output.fold(bufnr)
        return
      end
      local run = run_here()
      if run then
        output.fold(bufnr, run)
      end
    end,
  },
  yank = {
    desc = "yank the output into a register; with ! of all cells",
    run = function(args)
      local runs = chosen(args.bang)
      if not runs then
        return
      end
      local lines = {}
      for _, run in ipairs(runs) do
        vim.list_extend(lines, require("metascript.output.parts").text(run.parts))
      end
      local register = args.rest[1] or vim.v.register
      vim.fn.setreg(register, lines, "V")
      client.notify(("%d %s yanked"):format(#lines, #lines == 1 and "line" or "lines"))
    end,
  },
  ai = {
    desc = "explain, fix, review, write … with a model",
    run = function(args)
      require("metascript.ai").dispatch(args)
    end,
    complete = function()
      return require("metascript.ai").complete()
    end,
  },
  scan = {
    desc = "list the security findings; with ! of all buffers",
    run = function(args)
      require("metascript.views").findings(args.bang)
    end,
  },
  policy = { desc = "show what the cells may do", run = runner.show_policy },
  variables = {
    desc = "show what the session holds",
    run = function()
      require("metascript.views").variables()
    end,
  },
  graph = {
    desc = "show the parts of the script and what passes between them",
    run = function()
      require("metascript.views").graph()
    end,
  },
  start = {
    desc = "start the server again",
    run = function()
      if not client.executable() then
        client.notify(client.missing_message(), vim.log.levels.ERROR)
        return
      end
      client.enable()
    end,
  },
  log = { desc = "show what the server said", run = show_log },
  install = {
    desc = "compile the tree-sitter parser and install its queries",
    run = function()
      require("metascript.install").run()
    end,
  },
}

---@return string[]
local function names()
  local list = vim.tbl_keys(M.verbs)
  table.sort(list)
  return list
end

---@param args vim.api.keyset.create_user_command.command_args
function M.dispatch(args)
  local name = args.fargs[1]
  if not name then
    local lines = { "Usage: :Metascript {verb}" }
    for _, each in ipairs(names()) do
      lines[#lines + 1] = ("  %-13s %s"):format(each, M.verbs[each].desc)
    end
    vim.api.nvim_echo({ { table.concat(lines, "\n") } }, false, {})
    return
  end
  local verb = M.verbs[name]
  if not verb then
    local near = vim.fn.matchfuzzy(names(), name)[1]
    client.notify(
      ("there is no verb `%s`%s"):format(name, near and ("; is `" .. near .. "` meant?") or ""),
      vim.log.levels.ERROR
    )
    return
  end
  verb.run({ bang = args.bang, rest = vim.list_slice(args.fargs, 2) })
end

---@param lead string
---@param line string
---@return string[]
function M.complete(lead, line)
  local before = vim.split(line:sub(1, #line - #lead), "%s+", { trimempty = true })
  local verb = M.verbs[before[2]]
  local offered = {}
  if #before == 1 then
    offered = names()
  elseif #before == 2 and verb and verb.complete then
    offered = verb.complete()
  end
  return vim.tbl_filter(function(name)
    return vim.startswith(name, lead)
  end, offered)
end

return M
