--- Mappings: `<Plug>` ones for everybody, and the defaults of a metascript buffer.

local M = {}

---@class metascript.Mapping
---@field modes string[]
---@field plug string
---@field action fun()
---@field desc string
---@field default string

---@param name string
---@param bang? boolean
local function verb(name, bang)
  return function()
    require("metascript.commands").verbs[name].run({ bang = bang == true, rest = {} })
  end
end

---@type metascript.Mapping[]
M.mappings = {}

local function add(modes, plug, default, desc, action)
  M.mappings[#M.mappings + 1] = {
    modes = modes,
    plug = "<Plug>(metascript-" .. plug .. ")",
    action = action,
    desc = desc,
    default = default,
  }
end

add({ "n" }, "run", "<LocalLeader>r", "Run cell", verb("run"))
add({ "n" }, "run-and-next", "<LocalLeader>n", "Run cell and go to the next", verb("run_and_next"))
add({ "n" }, "run-above", "<LocalLeader>u", "Run cells above", verb("run_above"))
add({ "n" }, "run-all", "<LocalLeader>a", "Run all cells", verb("run_all"))
add({ "n" }, "run-stale", "<LocalLeader>s", "Run stale cells", verb("run_stale"))
add({ "n" }, "interrupt", "<LocalLeader>i", "Interrupt the cell that runs", verb("interrupt"))
add({ "n" }, "restart", "<LocalLeader>R", "Restart the session", verb("restart"))
add({ "n" }, "outputs", "<LocalLeader>o", "Show the whole output", verb("outputs"))
add({ "n" }, "yank", "<LocalLeader>y", "Yank the output", verb("yank"))
add({ "n" }, "fold", "<LocalLeader>z", "Fold the output", verb("fold"))
add({ "n" }, "clear", "<LocalLeader>c", "Clear the output", verb("clear"))
add({ "n" }, "clear-all", "<LocalLeader>C", "Clear all outputs", verb("clear", true))
add({ "n", "x", "o" }, "next-cell", "]]", "Next cell", function()
  require("metascript.cells").jump(vim.v.count1)
end)
add({ "n", "x", "o" }, "previous-cell", "[[", "Previous cell", function()
  require("metascript.cells").jump(-vim.v.count1)
end)
add({ "x", "o" }, "inner-cell", "ic", "The code of a cell", function()
  require("metascript.cells").select(false)
end)
add({ "x", "o" }, "a-cell", "ac", "A cell with its header", function()
  require("metascript.cells").select(true)
end)

add({ "i" }, "accept", "<C-l>", "Take the suggestion", function()
  if not require("metascript.suggest").accept() then
    require("metascript.suggest").invoke()
  end
end)
add({ "i" }, "next-suggestion", "<M-]>", "Next suggestion", function()
  require("metascript.suggest").cycle(1)
end)
add({ "i" }, "previous-suggestion", "<M-[>", "Previous suggestion", function()
  require("metascript.suggest").cycle(-1)
end)

--- Defines the `<Plug>` mappings.
function M.define_plugs()
  for _, mapping in ipairs(M.mappings) do
    vim.keymap.set(mapping.modes, mapping.plug, mapping.action, { desc = mapping.desc })
  end
end

--- Maps the defaults in a buffer, except where the user has chosen other keys.
---@param bufnr integer
function M.attach(bufnr)
  if vim.g.no_plugin_maps or vim.g.no_metascript_maps then
    return
  end
  for _, mapping in ipairs(M.mappings) do
    for _, mode in ipairs(mapping.modes) do
      if vim.fn.hasmapto(mapping.plug, mode) == 0 then
        vim.keymap.set(mode, mapping.default, mapping.plug, {
          buffer = bufnr,
          remap = true,
          desc = mapping.desc,
        })
      end
    end
  end
end

return M
