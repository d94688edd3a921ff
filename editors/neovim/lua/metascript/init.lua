--- Metascript for Neovim: the language server, and cells that run inside the text.

local M = {}

--- Sets the plugin up. Safe to call again with other options.
---@param options? metascript.Options
function M.setup(options)
  local client = require("metascript.client")
  if vim.fn.has("nvim-0.11") == 0 then
    client.notify("Neovim 0.11 or newer is needed", vim.log.levels.ERROR)
    return
  end
  local problems = require("metascript.config").set(options)
  if #problems > 0 then
    client.notify(
      "setup() was given options that do not fit; their defaults are used.\n  "
        .. table.concat(problems, "\n  "),
      vim.log.levels.ERROR
    )
  end

  local highlights = require("metascript.highlights")
  highlights.define()
  require("metascript.install").add_to_runtimepath()

  local group = vim.api.nvim_create_augroup("metascript", { clear = true })
  vim.api.nvim_create_autocmd("ColorScheme", {
    group = group,
    desc = "Define the highlight groups of Metascript anew",
    callback = function()
      highlights.define()
      require("metascript.ansi").refresh()
    end,
  })
  vim.api.nvim_create_autocmd("LspAttach", {
    group = group,
    desc = "Prepare a metascript whose server has answered",
    callback = function(event)
      local lsp = vim.lsp.get_client_by_id(event.data.client_id)
      if lsp and lsp.name == client.name then
        M.on_lsp_attach(lsp, event.buf)
      end
    end,
  })
  vim.api.nvim_create_autocmd("BufUnload", {
    group = group,
    desc = "Forget the cells of a buffer",
    callback = function(event)
      require("metascript.cells").forget(event.buf)
    end,
  })
  client.enable()
  require("metascript.output").redraw_all()
end

--- Called by the file type plugin for each metascript buffer.
---@param bufnr integer
function M.attach(bufnr)
  local options = require("metascript.config").options
  if options.keymaps then
    require("metascript.keymaps").attach(bufnr)
  end
  local install = require("metascript.install")
  if options.tree_sitter and install.parser_available() then
    local ok = pcall(vim.treesitter.start, bufnr, "metascript")
    if ok and #install.missing_parsers() > 0 then
      -- Cells whose language has no parser keep the colors of the syntax file.
      vim.bo[bufnr].syntax = "metascript"
    end
  end
  require("metascript.client").check_executable()
end

---@param lsp vim.lsp.Client
---@param bufnr integer
function M.on_lsp_attach(lsp, bufnr)
  local options = require("metascript.config").options
  require("metascript.edits").watch(bufnr)
  require("metascript.suggest").attach(bufnr)
  if options.code_lens then
    require("metascript.lens").attach(lsp, bufnr)
  end
  if options.folding and lsp:supports_method("textDocument/foldingRange", bufnr) then
    for _, window in ipairs(vim.fn.win_findbuf(bufnr)) do
      vim.wo[window][0].foldmethod = "expr"
      vim.wo[window][0].foldexpr = "v:lua.vim.lsp.foldexpr()"
      vim.wo[window][0].foldlevel = 99
    end
  end
end

--- Runs a verb of `:Metascript` for a mapping: `require("metascript").run()`.
for _, name in ipairs({
  "run",
  "run_and_next",
  "run_above",
  "run_all",
  "rerun_lost",
  "run_stale",
  "restart",
  "interrupt",
  "outputs",
  "clear",
  "fold",
  "yank",
}) do
  M[name] = function(opts)
    local verb = require("metascript.commands").verbs[name]
    verb.run({ bang = opts ~= nil and opts.bang == true, rest = {} })
  end
end

--- The state of a buffer's session, for a status line.
---@param bufnr? integer
---@return string
function M.statusline(bufnr)
  return require("metascript.statusline").text(bufnr)
end

--- The cells of a buffer.
---@param bufnr? integer
---@return metascript.Cell[]
function M.cells(bufnr)
  return require("metascript.cells").all(bufnr)
end

return M
