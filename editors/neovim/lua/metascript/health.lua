--- `:checkhealth metascript`.

local client = require("metascript.client")
local config = require("metascript.config")
local install = require("metascript.install")

local M = {}

local health = vim.health

local function check_neovim()
  health.start("Neovim")
  local version = tostring(vim.version())
  if vim.fn.has("nvim-0.11") == 1 then
    health.ok("Neovim " .. version)
  else
    health.error("Neovim 0.11 or newer is needed, this is " .. version)
  end
end

local function check_options()
  health.start("Options")
  if #config.problems == 0 then
    health.ok("all options fit")
  end
  for _, problem in ipairs(config.problems) do
    health.error(problem, "See :help metascript-options. The default is used.")
  end
  if not vim.lsp.is_enabled(client.name) then
    health.error("setup() was not called", 'Call require("metascript").setup() in your init.lua.')
  end
end

local function check_server()
  health.start("Server")
  local path = client.executable()
  if not path then
    health.error(
      ("`%s` was not found"):format(config.options.server.path),
      "Install the server and put it on $PATH, or set server.path in setup()."
    )
    return
  end
  health.ok("executable: " .. path)
  local ok, result = pcall(function()
    return vim.system({ path, "--version" }, { text = true, timeout = 5000 }):wait()
  end)
  if ok and result.code == 0 then
    health.ok("version: " .. vim.trim(result.stdout))
  else
    local why = ok and vim.trim(result.stderr) or tostring(result)
    health.error("`--version` failed: " .. why, "Is this the right program?")
  end
end

local function check_clients()
  health.start("Running servers")
  local clients = vim.lsp.get_clients({ name = client.name })
  if #clients == 0 then
    health.info("none; one starts when a metascript is opened")
  end
  for _, lsp in ipairs(clients) do
    local buffers = vim.tbl_count(lsp.attached_buffers)
    health.ok(
      ("client %d: %d %s, root %s, positions in %s"):format(
        lsp.id,
        buffers,
        buffers == 1 and "buffer" or "buffers",
        lsp.root_dir or "none",
        lsp.offset_encoding
      )
    )
    local extension = vim.tbl_get(lsp.server_capabilities, "experimental", "metascript")
    if not extension then
      health.error("the server does not speak the Metascript extensions", "Update the server.")
    else
      if extension.version ~= client.PROTOCOL then
        health.warn(
          ("protocol: the server speaks version %s, this plugin %d"):format(
            extension.version,
            client.PROTOCOL
          ),
          "Update the older one."
        )
      end
      local languages = extension.languages or {}
      if #languages > 0 then
        health.ok("cells run in: " .. table.concat(languages, ", "))
      else
        health.warn(
          "no language runtime was found: cells cannot run",
          "Set run.runtimes_path in setup()."
        )
      end
    end
  end
end

local function check_highlighting()
  health.start("Highlighting")
  if install.parser_available() then
    health.ok("the tree-sitter parser is installed")
    if #vim.treesitter.query.get_files("metascript", "highlights") == 0 then
      health.warn("its queries are missing", "Run :Metascript install.")
    end
    local missing = install.missing_parsers()
    if #missing > 0 then
      health.info(
        ("no parser for %s: the syntax file colors such cells. nvim-treesitter installs parsers."):format(
          table.concat(missing, ", ")
        )
      )
    end
    return
  end
  health.warn("the tree-sitter parser is not installed; the plain syntax file is used", {
    "Run :Metascript install.",
  })
  local compiler = install.compiler()
  if compiler then
    health.ok("C compiler: " .. table.concat(compiler, " "))
  else
    health.warn("no C compiler was found", "Install cc, gcc, clang or zig, or set $CC.")
  end
  if not install.grammar_path() then
    health.warn("the grammar's sources are not beside this plugin")
  end
end

function M.check()
  check_neovim()
  check_options()
  check_server()
  check_clients()
  check_highlighting()
end

return M
