--- The language client: how the server is started, what it is told, and what it says on its own.

local config = require("metascript.config")
local output = require("metascript.output")

local M = {}

M.name = "metascript"

--- The version of the protocol extensions that this plugin speaks.
M.PROTOCOL = 1

--- Messages of the server kept for `:Metascript log`.
local LOG_LIMIT = 1000

---@type string[]
M.log = {}

--- What the session of each document does, by URI.
---@type table<string, "idle"|"busy"|"restarted"|"ended">
M.sessions = {}

---@param message string
---@param level? integer
function M.notify(message, level)
  vim.notify("Metascript: " .. message, level or vim.log.levels.INFO)
end

---@param line string
local function remember(line)
  if #M.log >= LOG_LIMIT then
    M.log = vim.list_slice(M.log, LOG_LIMIT / 4)
  end
  M.log[#M.log + 1] = os.date("%H:%M:%S ") .. line
end

--- The executable of the server, when there is one.
---@return string?
function M.executable()
  local path = vim.fs.normalize(config.options.server.path)
  local found = vim.fn.exepath(path)
  return found ~= "" and found or nil
end

--- What to say when the server is not there.
---@return string
function M.missing_message()
  return (
    "the server `%s` was not found. Install it and put it on $PATH, "
    .. "or name it: require('metascript').setup({ server = { path = '/path/to/metascript' } }). "
    .. ":checkhealth metascript tells more."
  ):format(config.options.server.path)
end

local said_missing = false

--- Says once that the server is missing. Neovim itself only notes it in its log.
function M.check_executable()
  if not said_missing and vim.lsp.is_enabled(M.name) and not M.executable() then
    said_missing = true
    M.notify(M.missing_message(), vim.log.levels.ERROR)
  end
end

---@param bufnr integer
---@param on_dir fun(root: string?)
local function root_dir(bufnr, on_dir)
  local name = vim.api.nvim_buf_get_name(bufnr)
  if name == "" or name:match("^%a[%w+.-]+://") then
    return
  end
  on_dir(vim.fs.root(bufnr, config.options.server.root_markers))
end

--- `initializationOptions` for a workspace.
---@param root? string
---@return table
function M.initialization_options(root)
  local run = config.options.run
  local enabled = run.enabled
  if type(enabled) == "function" then
    local ok, answer = pcall(enabled, root)
    if not ok then
      M.notify("run.enabled failed, so cells do not run: " .. answer, vim.log.levels.ERROR)
    end
    enabled = ok and answer == true
  end
  return {
    runtimesPath = run.runtimes_path,
    run = {
      enabled = enabled,
      policy = run.policy,
      timeLimitMs = run.time_limit_ms,
      memoryLimitMb = run.memory_limit_mb,
      keepOutputs = config.options.output.keep,
      onSave = run.on_save,
    },
    fsharp = { diagnostics = config.options.fsharp.diagnostics },
    ai = next(config.options.ai) and config.options.ai or nil,
  }
end

---@param client vim.lsp.Client
---@param uri string
---@return integer?
local function buffer_of(client, uri)
  for bufnr in pairs(client.attached_buffers) do
    if vim.uri_from_bufnr(bufnr) == uri then
      return bufnr
    end
  end
end

local MESSAGE_KINDS = { "error", "warning", "info", "log", "debug" }

local handlers = {
  ["metascript/cellOutput"] = function(_, params, ctx)
    local client = vim.lsp.get_client_by_id(ctx.client_id)
    local bufnr = client and buffer_of(client, params.textDocument.uri)
    if bufnr then
      output.on_event(bufnr, params, ctx.client_id)
    end
  end,
  ["metascript/staleCells"] = function(_, params, ctx)
    local client = vim.lsp.get_client_by_id(ctx.client_id)
    local bufnr = client and buffer_of(client, params.textDocument.uri)
    if bufnr then
      output.on_stale_cells(bufnr, params)
    end
  end,
  ["metascript/keptOutputs"] = function(_, params, ctx)
    local client = vim.lsp.get_client_by_id(ctx.client_id)
    local bufnr = client and buffer_of(client, params.textDocument.uri)
    if bufnr then
      output.on_kept_outputs(bufnr, params, ctx.client_id)
    end
  end,
  ["metascript/sessionStatus"] = function(_, params, ctx)
    M.sessions[params.uri] = params.state
    local client = vim.lsp.get_client_by_id(ctx.client_id)
    local bufnr = client and buffer_of(client, params.uri)
    if bufnr and (params.state == "restarted" or params.state == "ended") then
      output.on_session_end(bufnr)
    end
    vim.schedule(function()
      vim.cmd.redrawstatus({ bang = true })
    end)
  end,
  ["metascript/aiOutput"] = function(_, params)
    require("metascript.ai").on_output(params)
  end,
  ["window/logMessage"] = function(err, params, ctx)
    remember(("[%s] %s"):format(MESSAGE_KINDS[params.type] or "log", params.message))
    return vim.lsp.handlers["window/logMessage"](err, params, ctx)
  end,
}

---@param client vim.lsp.Client
local function on_init(client)
  local info = client.server_info or {}
  remember(("[client] started %s %s"):format(info.name or "the server", info.version or ""))
  local extension = vim.tbl_get(client.server_capabilities, "experimental", "metascript")
  local version = extension and extension.version
  if version ~= M.PROTOCOL then
    M.notify(
      ("this plugin speaks version %d of the protocol, the server %s. Update the older one."):format(
        M.PROTOCOL,
        version and ("version " .. version) or "none"
      ),
      vim.log.levels.WARN
    )
  end
end

---@param code integer
---@param signal integer
---@param client_id integer
local function on_exit(code, signal, client_id)
  vim.schedule(function()
    output.on_server_exit(client_id)
    M.sessions = {}
    remember(("[client] the server ended (code %d, signal %d)"):format(code, signal))
    -- Neovim ends a server that does not go by itself with SIGTERM.
    local unexpected = code ~= 0 or (signal ~= 0 and signal ~= 15)
    if unexpected and vim.v.exiting == vim.NIL then
      M.notify(
        (
          "the server ended unexpectedly (code %d, signal %d). "
          .. ":Metascript start brings it back; :Metascript log shows what it said."
        ):format(code, signal),
        vim.log.levels.ERROR
      )
    end
  end)
end

--- Sends a command and reports what goes wrong.
---@param client vim.lsp.Client
---@param bufnr integer
---@param command string
---@param argument table
---@param on_done? fun(result: any)
function M.execute(client, bufnr, command, argument, on_done)
  local params = { command = command, arguments = { argument } }
  client:request("workspace/executeCommand", params, function(err, result)
    if err then
      M.notify(err.message, vim.log.levels.ERROR)
    elseif on_done then
      on_done(result)
    end
  end, bufnr)
end

--- Commands of code lenses, so that their faults are reported like those of `:Metascript`.
local function lens_commands()
  local commands = {}
  for _, name in ipairs({ "runCell", "runAbove", "runAll", "runStale", "restart", "interrupt" }) do
    commands["metascript." .. name] = function(command, ctx)
      local client = vim.lsp.get_client_by_id(ctx.client_id)
      if client then
        M.execute(client, ctx.bufnr, command.command, (command.arguments or {})[1])
        -- Neovim takes the lens of a line away when it is chosen.
        require("metascript.lens").refresh(ctx.bufnr)
      end
    end
  end
  for _, name in ipairs(require("metascript.ai").commands()) do
    commands[name] = function(command, ctx)
      require("metascript.ai").from_action(command, ctx)
    end
  end
  return commands
end

---@return vim.lsp.Config
function M.lsp_config()
  local server = config.options.server
  return {
    cmd = vim.list_extend({ vim.fs.normalize(server.path) }, server.args),
    cmd_env = server.env,
    filetypes = { "metascript" },
    root_dir = root_dir,
    -- Neovim 0.11 does not know these requests; `suggest.lua` makes them.
    capabilities = vim.tbl_deep_extend("force", vim.lsp.protocol.make_client_capabilities(), {
      textDocument = { inlineCompletion = { dynamicRegistration = false } },
    }),
    before_init = function(params, client_config)
      params.initializationOptions = M.initialization_options(client_config.root_dir)
    end,
    on_init = on_init,
    on_exit = on_exit,
    handlers = handlers,
    commands = lens_commands(),
  }
end

--- Registers the client and attaches it to every metascript that is or will be open.
function M.enable()
  said_missing = false
  vim.lsp.config(M.name, M.lsp_config())
  vim.lsp.enable(M.name)
end

--- The client of a buffer.
---@param bufnr integer
---@return vim.lsp.Client?
function M.get(bufnr)
  return vim.lsp.get_clients({ bufnr = bufnr, name = M.name })[1]
end

--- The client of a buffer; says why there is none.
---@param bufnr integer
---@return vim.lsp.Client?
function M.need(bufnr)
  local client = M.get(bufnr)
  if client and client.initialized then
    return client
  end
  if vim.bo[bufnr].filetype ~= "metascript" then
    M.notify("this buffer is not a metascript", vim.log.levels.WARN)
  elseif not M.executable() then
    M.notify(M.missing_message(), vim.log.levels.ERROR)
  elseif client then
    M.notify("the server is still starting", vim.log.levels.WARN)
  elseif vim.api.nvim_buf_get_name(bufnr) == "" then
    M.notify("save the buffer to a file first", vim.log.levels.WARN)
  else
    M.notify("the server is not running. :Metascript start starts it.", vim.log.levels.WARN)
  end
end

return M
