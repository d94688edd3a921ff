vim.filetype.add({
  extension = {
    tars = "metascript",
    trsx = "metascript",
    flux = "metascript",
    metascript = "metascript",
  },
})
