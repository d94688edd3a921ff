-- What a metascript gets without a server: file type, syntax colors, mappings, help.
local t = require("harness")

local SCRIPT = [[
DESCRIBE {
    name: "Numbers ${count}"   // a comment
    version: 1.5
    enabled: true
}

PYTHON {
    def double(n):
        return n * 2
}
]]

--- The names of the syntax groups at the first place where a text occurs, outermost first.
local function groups_at(needle)
  t.cursor_on(needle)
  local position = vim.api.nvim_win_get_cursor(0)
  return table.concat(
    vim.tbl_map(function(id)
      return vim.fn.synIDattr(id, "name")
    end, vim.fn.synstack(position[1], position[2] + 1)),
    " "
  )
end

t.run(function()
  for _, name in ipairs({ "a.tars", "a.trsx", "a.flux", "a.metascript", "deep.wot.trsx" }) do
    local bufnr = t.open(SCRIPT, name)
    t.equal(vim.bo[bufnr].filetype, "metascript", name .. " is a metascript")
  end
  t.equal(vim.bo.commentstring, "// %s", "comments are toggled with //")

  t.contains(groups_at("DESCRIBE"), "metascriptBlock", "block keywords are colored")
  t.contains(groups_at("name:"), "metascriptProperty", "so are properties")
  t.contains(groups_at('"Numbers'), "metascriptString", "strings")
  t.contains(groups_at("count}"), "metascriptInterpolation", "interpolations in them")
  t.contains(groups_at("a comment"), "metascriptComment", "comments")
  t.contains(groups_at("1.5"), "metascriptNumber", "numbers")
  t.contains(groups_at("true"), "metascriptBoolean", "and truth values")
  t.contains(groups_at("def "), "pythonStatement", "a Python cell is colored as Python")
  t.contains(groups_at("DESCRIBE"), "metascriptBlock", "colors go on after the cell")

  local mapped = vim.fn.maparg(",r", "n")
  t.equal(mapped, "<Plug>(metascript-run)", "the run mapping is there")
  t.equal(vim.fn.maparg("]]", "n"), "<Plug>(metascript-next-cell)", "so is the motion")
  vim.keymap.set("n", "<F5>", "<Plug>(metascript-run)", { remap = true })
  t.open(SCRIPT, "b.tars")
  t.equal(vim.fn.maparg(",r", "n"), "", "a user's own mapping replaces the default")
  vim.g.no_plugin_maps = true
  t.open(SCRIPT, "c.tars")
  t.equal(vim.fn.maparg("]]", "n", false, true).buffer or 0, 0, "g:no_plugin_maps is honoured")

  -- Help: tags are made in a copy, so that the repository stays as it is.
  local copy = vim.fn.tempname()
  vim.fn.mkdir(copy .. "/doc", "p")
  vim.uv.fs_copyfile(
    vim.env.METASCRIPT_REPOSITORY .. "/editors/neovim/doc/metascript.txt",
    copy .. "/doc/metascript.txt"
  )
  vim.cmd.helptags(copy .. "/doc")
  vim.opt.runtimepath:append(copy)
  for _, topic in ipairs({
    "metascript",
    ":Metascript",
    "metascript-options",
    "metascript-highlights",
  }) do
    vim.cmd.help(topic)
    t.contains(
      vim.api.nvim_get_current_line(),
      "*" .. topic .. "*",
      ":help " .. topic .. " lands on its tag"
    )
    vim.cmd.helpclose()
  end
  local help = table.concat(vim.fn.readfile(copy .. "/doc/metascript.txt"), "\n")
  local commands = require("metascript.commands")
  local undocumented = vim.tbl_filter(function(verb)
    return not help:find("*:Metascript-" .. verb .. "*", 1, true)
  end, vim.tbl_keys(commands.verbs))
  t.equal(undocumented, {}, "every verb is in the help")
  local unexplained = vim.tbl_filter(function(group)
    return not help:find(group, 1, true)
  end, vim.tbl_keys(require("metascript.highlights").links))
  t.equal(unexplained, {}, "so is every highlight group")
  local unnamed = {}
  local function walk(options, path)
    for name, value in pairs(options) do
      if type(value) == "table" and not vim.islist(value) and name ~= "env" then
        walk(value, path .. name .. ".")
      elseif not help:find("*metascript-option-" .. path .. name .. "*", 1, true) then
        unnamed[#unnamed + 1] = path .. name
      end
    end
  end
  walk(require("metascript.config").options, "")
  t.equal(unnamed, {}, "and every option")
  local unmapped = vim.tbl_filter(function(mapping)
    return not help:find(mapping.plug, 1, true)
  end, require("metascript.keymaps").mappings)
  t.equal(unmapped, {}, "and every <Plug> mapping")
end)
