--- Keeps the code lenses of a buffer up to date.

local M = {}

--- How long after an edit the lenses are asked for, in milliseconds.
local DELAY = 150

---@type table<integer, integer>
local generation = {}

--- Asks for the lenses now.
---@param bufnr integer
function M.refresh(bufnr)
  -- From 0.12 on Neovim keeps lenses fresh by itself.
  if vim.lsp.codelens.enable then
    return
  end
  if vim.api.nvim_buf_is_loaded(bufnr) then
    vim.lsp.codelens.refresh({ bufnr = bufnr })
  end
end

---@param bufnr integer
local function refresh_later(bufnr)
  local mine = (generation[bufnr] or 0) + 1
  generation[bufnr] = mine
  vim.defer_fn(function()
    if generation[bufnr] == mine then
      M.refresh(bufnr)
    end
  end, DELAY)
end

---@param client vim.lsp.Client
---@param bufnr integer
function M.attach(client, bufnr)
  if not client:supports_method("textDocument/codeLens", bufnr) then
    return
  end
  if vim.lsp.codelens.enable then
    vim.lsp.codelens.enable(true, { bufnr = bufnr })
    return
  end
  local group = vim.api.nvim_create_augroup("metascript.lens." .. bufnr, { clear = true })
  vim.api.nvim_create_autocmd({ "BufEnter", "InsertLeave", "TextChanged", "TextChangedI" }, {
    group = group,
    buffer = bufnr,
    desc = "Refresh the code lenses of a metascript",
    callback = function()
      refresh_later(bufnr)
    end,
  })
  vim.api.nvim_create_autocmd("BufUnload", {
    group = group,
    buffer = bufnr,
    callback = function()
      generation[bufnr] = nil
      pcall(vim.api.nvim_del_augroup_by_id, group)
    end,
  })
  M.refresh(bufnr)
end

return M
