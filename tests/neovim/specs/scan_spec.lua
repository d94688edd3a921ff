-- The security findings in the quickfix window, and the policy of a script.
local t = require("harness")

t.run(function()
  t.open_attached([[
PYTHON {
    import hashlib
    hashlib.md5(b"x")
}

PYTHON {
    import os
    os.system(input())
}
]])
  t.eventually(function()
    return #vim.diagnostic.get(0) >= 2
  end, "the script is scanned")
  vim.cmd("Metascript scan")
  local list = vim.fn.getqflist({ title = 1, items = 1 })
  t.contains(list.title, "security findings", "the findings are listed")
  t.check(#list.items >= 2, "all of them", list.items)
  t.equal(list.items[1].type, "E", "the worst first")
  t.equal(list.items[1].lnum, 8, "with their places")
  vim.cmd.cclose()
  vim.fn.setqflist({}, "r")

  t.open("PYTHON {\n    1 + 1\n}", "quiet.tars")
  t.eventually(function()
    return t.client() ~= nil
  end, "another script is open")
  t.notifications = {}
  vim.cmd("Metascript scan")
  t.contains(t.notified(), "no security findings", "a script without findings says so")
  vim.cmd("Metascript! scan")
  t.check(#vim.fn.getqflist() >= 2, "with ! the findings of all buffers are listed")
  vim.cmd.cclose()

  vim.cmd("Metascript policy")
  t.eventually(function()
    local messages = vim.api.nvim_exec2("messages", { output = true }).output
    return messages:find("under the policy `strict`", 1, true)
  end, "the policy of the script is shown")
end)
