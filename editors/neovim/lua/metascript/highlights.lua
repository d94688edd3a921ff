--- Highlight groups, all linked to standard ones so that every color scheme fits.

local M = {}

---@type table<string, string>
M.links = {
  MetascriptStdout = "Normal",
  MetascriptStderr = "DiagnosticWarn",
  MetascriptResult = "String",
  MetascriptDisplay = "Normal",
  MetascriptError = "DiagnosticError",
  MetascriptTitle = "Comment",
  MetascriptGutter = "NonText",
  MetascriptMore = "Comment",
  MetascriptQueued = "Comment",
  MetascriptRunning = "DiagnosticInfo",
  MetascriptOk = "DiagnosticOk",
  MetascriptFailed = "DiagnosticError",
  MetascriptStale = "DiagnosticHint",
  MetascriptErrorLine = "DiagnosticError",
  MetascriptSuggestion = "Comment",
  MetascriptErrorText = "DiagnosticVirtualTextError",
}

function M.define()
  for group, target in pairs(M.links) do
    vim.api.nvim_set_hl(0, group, { link = target, default = true })
  end
end

return M
