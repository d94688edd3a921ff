if vim.g.loaded_metascript then
  return
end
vim.g.loaded_metascript = true

vim.api.nvim_create_user_command("Metascript", function(args)
  require("metascript.commands").dispatch(args)
end, {
  nargs = "*",
  bang = true,
  desc = "Run and control the cells of a metascript",
  complete = function(lead, line)
    return require("metascript.commands").complete(lead, line)
  end,
})

require("metascript.keymaps").define_plugs()
