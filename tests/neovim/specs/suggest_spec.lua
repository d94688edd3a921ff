-- Suggestions while one types, with real keys in a Neovim of their own.
local t = require("harness")

local SCRIPT = [[
DESCRIBE {
    name: "Ghosts"
    version: "1.0"
}

VARIABLE threshold {
    value: 10
}

ACTION {
    type: "log"
    message: "first"
}

]]

---@type integer
local child

---@param code string
local function ask(code, ...)
  return vim.rpcrequest(child, "nvim_exec_lua", code, { ... })
end

---@param keys string
local function type_keys(keys)
  vim.rpcrequest(child, "nvim_input", keys)
end

local function buffer_text()
  return table.concat(ask("return vim.api.nvim_buf_get_lines(0, 0, -1, false)"), "\n")
end

--- The ghost text: what stands on the screen and not in the text.
local function ghost()
  return ask([[
    local namespace = vim.api.nvim_get_namespaces()["metascript.suggest"]
    local mark = vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true })[1]
    if not mark then
      return ""
    end
    local lines = { mark[4].virt_text[1][1] }
    for _, line in ipairs(mark[4].virt_lines or {}) do
      lines[#lines + 1] = line[1][1]
    end
    return table.concat(lines, "\n")
  ]])
end

t.run(function()
  local path = vim.fn.tempname() .. ".tars"
  vim.fn.writefile(vim.split(SCRIPT, "\n", { plain = true }), path)
  local init = vim.env.METASCRIPT_REPOSITORY .. "/tests/neovim/init.lua"
  child = vim.fn.jobstart({
    vim.v.progpath,
    "--headless",
    "--embed",
    "-i",
    "NONE",
    "-u",
    init,
    path,
  }, { rpc = true })
  t.check(child > 0, "a Neovim to type in starts")
  t.eventually(function()
    return ask([[
      local client = vim.lsp.get_clients({ name = "metascript" })[1]
      return client ~= nil and client.initialized == true
    ]])
  end, "its server attaches")

  type_keys("Go<Esc>iACTION {<CR>    ty")
  t.eventually(function()
    return ghost() ~= ""
  end, "a suggestion appears behind what was typed", buffer_text)
  local before, suggested = buffer_text(), ghost()
  t.contains(suggested, "pe:", "it goes on where the cursor is")
  t.lacks(before, "    type: \"log\"\n    message: \"first\"\n}\n\nACTION {\n    type", "and is not in the text")

  type_keys("p")
  t.eventually(function()
    return ghost() ~= "" and ghost() == suggested:sub(2)
  end, "typing on keeps the rest of it", ghost)

  type_keys("<C-l>")
  t.eventually(function()
    return buffer_text() == before .. suggested
      or buffer_text():find(vim.trim(before) .. suggested, 1, true) ~= nil
  end, "a key writes it", buffer_text)
  t.equal(ask("return vim.api.nvim_get_mode().mode"), "i", "one goes on typing")

  type_keys("<Esc>")
  t.eventually(function()
    return ghost() == ""
  end, "outside of insert mode there is none", ghost)
  t.eventually(function()
    return ask([[
      local errors = vim.diagnostic.get(0, { severity = vim.diagnostic.severity.ERROR })
      return vim.iter(errors):all(function(each)
        return not each.message:find("string")
      end)
    ]])
  end, "what was taken is no broken text")

  ask([[require("metascript.config").options.suggest.enabled = false]])
  type_keys("Go<Esc>iPROMPT {<CR>    te")
  vim.wait(400)
  t.equal(ghost(), "", "switched off, nothing is suggested unasked")
  type_keys("<C-l>")
  t.eventually(function()
    return ghost() ~= ""
  end, "a key asks nevertheless", buffer_text)
  type_keys("<Esc>")
  vim.rpcnotify(child, "nvim_command", "qall!")
end)
