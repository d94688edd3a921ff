-- The init.lua of a user who has the plugin from a clone. Runs as `nvim --headless -u init.lua`.
local repository = assert(vim.env.METASCRIPT_REPOSITORY, "METASCRIPT_REPOSITORY is not set")
vim.opt.runtimepath:prepend(repository .. "/editors/neovim")
package.path = package.path .. ";" .. repository .. "/tests/neovim/?.lua"
vim.o.swapfile = false
vim.o.report = 9999
if #vim.api.nvim_list_uis() == 0 then
  -- Room for a whole script with its outputs.
  vim.o.columns = 100
  vim.o.lines = 70
end
vim.g.maplocalleader = ","

-- A spec that tries other options calls setup() again.
require("metascript").setup({ server = require("real_server") })
