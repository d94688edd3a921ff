-- The variables of the session and the graph of the script, in windows of their own.
local t = require("harness")

local SCRIPT = [[
VARIABLE city {
    value: "Lyon"
}

PYTHON {
    names = ["Ada", "Grace", city]
}

JAVASCRIPT {
    const first = names[0];
}

FUNCTION greet {
    parameters: ["who"]
}

CALL {
    function: "greet"
    arguments: { who: "${first}" }
}
]]

--- The lines of the window in front.
local function shown()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n")
end

local function line_of(part)
  return vim.fn.search("\\V" .. part, "w")
end

t.run(function()
  t.open_attached(SCRIPT)
  local script = vim.api.nvim_get_current_buf()

  vim.cmd("Metascript variables")
  t.eventually(function()
    return shown():find("No session", 1, true)
  end, "without a session the window says so", shown)
  vim.cmd("normal q")
  t.equal(vim.api.nvim_get_current_buf(), script, "q closes the window")

  vim.cmd("Metascript run_all")
  t.eventually(function()
    return require("metascript.client").sessions[vim.uri_from_bufnr(script)] == "idle"
      and #require("metascript.output").all(script) == 2
  end, "the cells ran")
  vim.cmd("Metascript variables")
  t.eventually(function()
    return shown():find("names +list%(3%) +5 +%['Ada', 'Grace', 'Lyon'%]")
  end, "variables are listed with type, size, line and value", shown)
  t.contains(shown(), "first", "the variables of every language are there")
  line_of("first")
  vim.api.nvim_feedkeys(vim.keycode("<CR>"), "x", false)
  t.equal(vim.api.nvim_get_current_buf(), script, "<CR> goes to the script")
  t.equal(vim.fn.line("."), 9, "to the cell that defines the variable")
  vim.cmd("Metascript variables")
  t.equal(#vim.api.nvim_list_wins(), 2, "the window that is open is used again")
  vim.cmd("normal q")

  vim.cmd("Metascript graph")
  t.eventually(function()
    return shown():find("cell PYTHON  (line 5)", 1, true)
  end, "the parts are listed", shown)
  t.contains(shown(), "    names ──▶ cell JAVASCRIPT", "with the names that pass between them")
  t.contains(shown(), "    calls ╌╌▶ function greet", "and the calls")
  line_of("calls")
  vim.api.nvim_feedkeys(vim.keycode("<CR>"), "x", false)
  t.equal(vim.fn.line("."), 13, "<CR> on an arrow goes to where it leads")
  vim.cmd("Metascript graph")
  vim.api.nvim_buf_set_lines(script, 0, 3, false, {})
  vim.api.nvim_feedkeys("R", "x", false)
  t.eventually(function()
    return shown():find("cell PYTHON  (line 2)", 1, true)
  end, "R draws anew", shown)
end)
