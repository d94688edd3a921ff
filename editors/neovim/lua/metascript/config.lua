--- The plugin's options: types, defaults and validation.

---@class metascript.Options
---@field server? metascript.ServerOptions how the language server is started
---@field run? metascript.RunOptions how cells are run
---@field fsharp? metascript.FSharpOptions what the F# compiler is asked
---@field output? metascript.OutputOptions how output is shown under a cell
---@field signs? metascript.SignOptions the marks beside a cell's header
---@field suggest? metascript.SuggestOptions suggestions while one types
---@field ai? table the `[ai]` settings of this editor, as in docs/ai.md (default {})
---@field code_lens? boolean show "Run cell" beside each header (default true)
---@field folding? boolean fold with the server's ranges in metascript windows (default false)
---@field tree_sitter? boolean highlight with the tree-sitter parser when it is installed (default true)
---@field keymaps? boolean buffer-local mappings in metascripts (default true)

---@class metascript.ServerOptions
---@field path? string the executable (default "metascript", looked up on $PATH)
---@field args? string[] its arguments (default { "lsp" })
---@field env? table<string, string> further environment variables
---@field root_markers? string[] files and folders that mark the workspace root

---@class metascript.RunOptions
---@field enabled? boolean|fun(root: string?): boolean whether cells of this workspace may run (default true)
---@field policy? string what cells may do, by name (default: as the settings files say, else "strict")
---@field time_limit_ms? integer wall time of one cell, in milliseconds (default: the server's)
---@field memory_limit_mb? integer memory of one runtime, in mebibytes (default: the server's)
---@field on_save? boolean saving a script runs its stale cells (default false)
---@field runtimes_path? string folder of the WebAssembly runtimes (default: the server's)

---@class metascript.FSharpOptions
---@field diagnostics? boolean show errors and warnings of the F# compiler (default true)

---@class metascript.OutputOptions
---@field enabled? boolean show output in the text (default true)
---@field keep? boolean keep results beside the script and show them again when it is opened (default false)
---@field max_lines? integer lines shown under a cell before "… n more lines" (default 16)
---@field max_columns? integer columns shown of one line (default 400)
---@field colors? boolean show ANSI colors; false strips them (default true)
---@field reveal? boolean scroll so that the output of the cell under the cursor is seen (default true)
---@field mark_error_line? boolean mark the line of the script that failed (default true)

---@class metascript.SuggestOptions
---@field enabled? boolean suggest without being asked; a key asks in any case (default true)

---@class metascript.SignOptions
---@field enabled? boolean (default true)
---@field queued? string one or two columns
---@field running? string
---@field ok? string
---@field failed? string
---@field stale? string

local M = {}

---@class metascript.config.Rule
---@field default any
---@field types string[] names of Lua types
---@field optional? boolean nil is a value
---@field check? fun(value: any): string? what is wrong with a value of the right type

---@param default any
---@param types string|string[]
---@param check? fun(value: any): string?
---@return metascript.config.Rule
local function rule(default, types, check)
  types = type(types) == "table" and types or { types } --[[@as string[] ]]
  return { default = default, types = types, check = check, optional = default == nil }
end

local function positive(value)
  if value < 1 or value % 1 ~= 0 then
    return "a whole number from 1 up"
  end
end

local function non_empty(value)
  if value == "" then
    return "a string that is not empty"
  end
end

local function strings(value)
  if not vim.islist(value) then
    return "a list of strings"
  end
  for _, item in ipairs(value) do
    if type(item) ~= "string" then
      return "a list of strings"
    end
  end
end

local function string_map(value)
  for name, item in pairs(value) do
    if type(name) ~= "string" or type(item) ~= "string" then
      return "a table from names to strings"
    end
  end
end

local function sign(value)
  local width = vim.fn.strdisplaywidth(value)
  if width < 1 or width > 2 then
    return "one or two columns wide"
  end
end

local schema = {
  server = {
    path = rule("metascript", "string", non_empty),
    args = rule({ "lsp" }, "table", strings),
    env = rule({}, "table", string_map),
    root_markers = rule({ ".metascript.toml", ".git" }, "table", strings),
  },
  run = {
    enabled = rule(true, { "boolean", "function" }),
    policy = rule(nil, "string", non_empty),
    time_limit_ms = rule(nil, "number", positive),
    memory_limit_mb = rule(nil, "number", positive),
    on_save = rule(false, "boolean"),
    runtimes_path = rule(nil, "string", non_empty),
  },
  fsharp = {
    diagnostics = rule(true, "boolean"),
  },
  output = {
    keep = rule(false, "boolean"),
    enabled = rule(true, "boolean"),
    max_lines = rule(16, "number", positive),
    max_columns = rule(400, "number", positive),
    colors = rule(true, "boolean"),
    reveal = rule(true, "boolean"),
    mark_error_line = rule(true, "boolean"),
  },
  signs = {
    enabled = rule(true, "boolean"),
    queued = rule("…", "string", sign),
    running = rule("●", "string", sign),
    ok = rule("✓", "string", sign),
    failed = rule("✗", "string", sign),
    stale = rule("○", "string", sign),
  },
  suggest = {
    enabled = rule(true, "boolean"),
  },
  ai = rule({}, "table"),
  code_lens = rule(true, "boolean"),
  folding = rule(false, "boolean"),
  tree_sitter = rule(true, "boolean"),
  keymaps = rule(true, "boolean"),
}

local function is_rule(node)
  return type(node.types) == "table" and vim.islist(node.types)
end

--- The known name nearest to `name`, when one is near enough to be meant.
---@param name string
---@param known table<string, any>
---@return string?
local function nearest(name, known)
  local best = vim.fn.matchfuzzy(vim.tbl_keys(known), name)[1]
  if best then
    return best
  end
  local wanted = name:lower():gsub("[_%-]", "")
  for candidate in pairs(known) do
    local short = candidate:gsub("_", "")
    if vim.startswith(wanted, short) or vim.startswith(short, wanted) then
      return candidate
    end
  end
end

---@param rules table
---@param given table
---@param path string
---@param problems string[]
---@return table
local function resolve(rules, given, path, problems)
  for name in pairs(given) do
    if rules[name] == nil then
      local hint = type(name) == "string" and nearest(name, rules)
      local where = path .. tostring(name)
      problems[#problems + 1] = hint
          and ("%s: there is no such option; is `%s` meant?"):format(where, path .. hint)
        or ("%s: there is no such option"):format(where)
    end
  end

  local result = {}
  for name, node in pairs(rules) do
    local value, where = given[name], path .. name
    if not is_rule(node) then
      if value ~= nil and type(value) ~= "table" then
        problems[#problems + 1] = ("%s: expected a table, got %s"):format(where, type(value))
        value = nil
      end
      result[name] = resolve(node, value or {}, where .. ".", problems)
    elseif value == nil then
      result[name] = vim.deepcopy(node.default)
    elseif not vim.list_contains(node.types, type(value)) then
      problems[#problems + 1] = ("%s: expected %s, got %s"):format(
        where,
        table.concat(node.types, " or "),
        type(value)
      )
      result[name] = vim.deepcopy(node.default)
    else
      local wrong = node.check and node.check(value)
      if wrong then
        problems[#problems + 1] = ("%s: expected %s, got %s"):format(
          where,
          wrong,
          vim.inspect(value, { newline = " ", indent = "" })
        )
        result[name] = vim.deepcopy(node.default)
      else
        result[name] = vim.deepcopy(value)
      end
    end
  end
  return result
end

--- The options in force.
M.options = resolve(schema, {}, "", {})

--- What was wrong with the options last given to `setup`, for |:checkhealth|.
---@type string[]
M.problems = {}

--- Takes the user's options. A bad one is reported and its default is used, so that one slip of the
--- pen does not take the whole plugin away.
---@param given? metascript.Options
---@return string[] problems one sentence each
function M.set(given)
  local problems = {}
  if given ~= nil and type(given) ~= "table" then
    problems[1] = ("expected a table of options, got %s"):format(type(given))
    given = nil
  end
  M.options = resolve(schema, given or {}, "", problems)
  table.sort(problems)
  M.problems = problems
  return problems
end

return M
