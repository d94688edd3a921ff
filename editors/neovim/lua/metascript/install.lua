--- Installs the tree-sitter parser and its queries: compiles the committed C sources of the grammar.

local client = require("metascript.client")

local M = {}

--- Where the parser and the queries go: the place that nvim-treesitter's conventions name.
---@return string
function M.directory()
  return vim.fs.joinpath(vim.fn.stdpath("data") --[[@as string]], "site")
end

--- The folder of this plugin.
---@return string
function M.plugin_root()
  local source = debug.getinfo(1, "S").source:sub(2)
  return vim.fs.dirname(vim.fs.dirname(vim.fs.dirname(vim.fs.normalize(source))))
end

--- The grammar: packed with the plugin, or beside it in a clone of the whole repository.
---@return string?
function M.grammar_path()
  local root = M.plugin_root()
  for _, path in ipairs({
    vim.fs.joinpath(root, "grammar"),
    vim.fs.joinpath(vim.fs.dirname(vim.fs.dirname(root)), "grammar"),
  }) do
    if vim.uv.fs_stat(vim.fs.joinpath(path, "src", "parser.c")) then
      return path
    end
  end
end

local function parser_file()
  return vim.fs.joinpath(M.directory(), "parser", "metascript.so")
end

--- Makes Neovim see what `run` installed, also where the data folder is not on 'runtimepath'.
function M.add_to_runtimepath()
  local directory = M.directory()
  if not vim.list_contains(vim.opt.runtimepath:get(), directory) and vim.uv.fs_stat(directory) then
    vim.opt.runtimepath:append(directory)
  end
end

---@return boolean
function M.parser_available()
  local ok, added = pcall(vim.treesitter.language.add, "metascript")
  return ok and added == true
end

--- Languages of cells that Neovim has no parser for.
---@return string[]
function M.missing_parsers()
  return vim.tbl_filter(function(language)
    local ok, added = pcall(vim.treesitter.language.add, language)
    return not (ok and added == true)
  end, { "python", "javascript", "fsharp" })
end

--- The C compiler: $CC, or the first that is on $PATH.
---@return string[]?
function M.compiler()
  if vim.env.CC and vim.env.CC ~= "" then
    return vim.split(vim.env.CC, "%s+", { trimempty = true })
  end
  for _, name in ipairs({ "cc", "gcc", "clang" }) do
    if vim.fn.executable(name) == 1 then
      return { name }
    end
  end
  if vim.fn.executable("zig") == 1 then
    return { "zig", "cc" }
  end
end

---@param grammar string
---@param target string
---@return string[]?
local function compile_command(grammar, target)
  local command = M.compiler()
  if not command then
    return nil
  end
  local src = vim.fs.joinpath(grammar, "src")
  command = vim.list_extend(vim.deepcopy(command), {
    "-O2",
    "-std=c11",
    "-shared",
    "-fPIC",
    "-I",
    src,
    "-o",
    target,
    vim.fs.joinpath(src, "parser.c"),
  })
  local scanner = vim.fs.joinpath(src, "scanner.c")
  if vim.uv.fs_stat(scanner) then
    command[#command + 1] = scanner
  end
  return command
end

--- Copies the queries. Each is written beside its place and then renamed.
---@param grammar string
---@return integer count
local function install_queries(grammar)
  local target = vim.fs.joinpath(M.directory(), "queries", "metascript")
  vim.fn.mkdir(target, "p")
  local count = 0
  local source = vim.fs.joinpath(grammar, "queries")
  for name, kind in vim.fs.dir(source) do
    if kind == "file" and name:match("%.scm$") then
      local place = vim.fs.joinpath(target, name)
      assert(vim.uv.fs_copyfile(vim.fs.joinpath(source, name), place .. ".new"))
      assert(vim.uv.fs_rename(place .. ".new", place))
      count = count + 1
    end
  end
  return count
end

---@param message string
---@param on_done? fun(ok: boolean)
local function fail(message, on_done)
  client.notify(message, vim.log.levels.ERROR)
  if on_done then
    on_done(false)
  end
end

--- Compiles and installs. Says how it went.
---@param on_done? fun(ok: boolean)
function M.run(on_done)
  local grammar = M.grammar_path()
  if not grammar then
    fail("the grammar's sources are not beside this plugin (grammar/src/parser.c)", on_done)
    return
  end
  local target = parser_file()
  vim.fn.mkdir(vim.fs.dirname(target), "p")
  local command = compile_command(grammar, target .. ".new")
  if not command then
    fail("a C compiler is needed: install cc, gcc, clang or zig, or set $CC", on_done)
    return
  end
  local started, problem = pcall(vim.system, command, { text = true }, function(result)
    vim.schedule(function()
      if result.code ~= 0 then
        fail("the parser did not compile:\n" .. result.stderr, on_done)
        return
      end
      assert(vim.uv.fs_rename(target .. ".new", target))
      local count = install_queries(grammar)
      M.add_to_runtimepath()
      -- Neovim skips folders of 'runtimepath' that did not exist when it was last set.
      vim.o.runtimepath = vim.o.runtimepath
      client.notify(("the parser and %d queries are installed in %s"):format(count, M.directory()))
      for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
        if vim.api.nvim_buf_is_loaded(bufnr) and vim.bo[bufnr].filetype == "metascript" then
          require("metascript").attach(bufnr)
        end
      end
      if on_done then
        on_done(true)
      end
    end)
  end)
  if not started then
    fail("the compiler could not be started: " .. tostring(problem), on_done)
  end
end

return M
