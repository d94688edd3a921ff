--- How the specs start the real server: the `server` options for `setup()`.
---
--- Neovim's own folders are fresh for every spec. The server keeps the user's, where compiled runtimes
--- and the key that seals them are: otherwise every spec would compile CPython anew.
return {
  path = assert(vim.env.METASCRIPT_BIN, "METASCRIPT_BIN is not set"),
  env = { XDG_DATA_HOME = vim.env.METASCRIPT_TEST_DATA_HOME },
}
