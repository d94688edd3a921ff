if vim.b.did_ftplugin then
  return
end
vim.b.did_ftplugin = 1

vim.bo.commentstring = "// %s"
vim.bo.comments = "://,:#"
vim.bo.suffixesadd = ".tars,.trsx,.flux,.metascript"
vim.opt_local.formatoptions:remove("t")
vim.opt_local.formatoptions:append("croql")
vim.b.undo_ftplugin = "setlocal commentstring< comments< suffixesadd< formatoptions<"

require("metascript").attach(vim.api.nvim_get_current_buf())
