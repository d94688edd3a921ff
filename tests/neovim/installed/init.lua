-- The init.lua of a user who has the plugin from its package, in Neovim's own place for plugins.
package.path = package.path .. ";" .. vim.env.METASCRIPT_REPOSITORY .. "/tests/neovim/?.lua"
vim.o.swapfile = false
vim.o.columns = 100
vim.o.lines = 70
vim.g.maplocalleader = ","

require("metascript").setup({ server = require("real_server") })
