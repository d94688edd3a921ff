-- The language server in the editor: what is wrong, what is there, what can be written.
local t = require("harness")

local SCRIPT = [[
DESCRIBE {
    name: "Ordering 🦀"
    version: "1.0"
}

VARIABLE limit {
    value: 10
}

ACTION {
    type: "log"
    message: "up to ${limit}"
}

PYTHON {
    print("hello")
}

JAVASCRIPT {
    1 + 1
}
]]

local function diagnostics()
  return vim.diagnostic.get(0)
end

t.run(function()
  local bufnr = t.open_attached(SCRIPT)
  local client = t.client()
  t.equal(client.name, "metascript", "the client attaches")
  t.check(#vim.lsp.get_clients() == 1, "there is one")
  local extension = vim.tbl_get(client.server_capabilities, "experimental", "metascript")
  t.equal(extension and extension.version, 1, "server and plugin speak the same protocol")
  t.equal(t.notified(), "", "nothing has to be said")
  t.equal(client.offset_encoding, "utf-8", "positions are counted in UTF-8")

  -- Diagnostics follow the text.
  vim.wait(1000, function()
    return #diagnostics() > 0
  end)
  t.equal(
    vim.tbl_filter(function(each)
      return each.severity == vim.diagnostic.severity.ERROR
    end, diagnostics()),
    {},
    "a sound script has no errors"
  )
  local last = vim.api.nvim_buf_line_count(bufnr)
  vim.api.nvim_buf_set_lines(
    bufnr,
    last,
    last,
    false,
    { "VARIABLE broken {", "    value: [1, 2", "}" }
  )
  t.eventually(
    function()
      return vim.iter(diagnostics()):any(function(each)
        return each.lnum >= last - 1
      end)
    end,
    "a mistake is reported where it is",
    function()
      return vim.inspect(diagnostics())
    end
  )
  vim.api.nvim_buf_set_lines(bufnr, last, -1, false, {})
  t.eventually(
    function()
      return not vim.iter(diagnostics()):any(function(each)
        return each.severity == vim.diagnostic.severity.ERROR
      end)
    end,
    "and gone once it is mended",
    function()
      return vim.inspect(diagnostics())
    end
  )

  -- Hover.
  local hover = t.request("textDocument/hover", t.params_at("VARIABLE", 2))
  local text = hover and (hover.contents.value or hover.contents)
  t.check(type(text) == "string" and #text > 20, "hovering over a block keyword explains it", hover)

  -- Completion.
  vim.api.nvim_buf_set_lines(bufnr, -1, -1, false, { "", "VARIA" })
  local row = vim.api.nvim_buf_line_count(bufnr)
  vim.api.nvim_win_set_cursor(0, { row, 5 })
  local function labels(params)
    local result = t.request("textDocument/completion", params)
    return vim.tbl_map(function(item)
      return item.label
    end, result and (result.items or result) or {})
  end
  local here = vim.lsp.util.make_position_params(0, client.offset_encoding)
  here.position.character = 5
  t.check(vim.list_contains(labels(here), "VARIABLE"), "block keywords are offered", labels(here))
  vim.api.nvim_buf_set_lines(bufnr, row - 2, -1, false, {})
  vim.api.nvim_buf_set_lines(bufnr, 2, 2, false, { "    auth" })
  local property = vim.lsp.util.make_text_document_params(bufnr)
  local offered = labels({ textDocument = property, position = { line = 2, character = 8 } })
  t.check(
    vim.iter(offered):any(function(label)
      return vim.startswith(label, "author")
    end),
    "properties of the block are offered",
    offered
  )
  vim.api.nvim_buf_set_lines(bufnr, 2, 3, false, {})
  t.check(vim.bo.omnifunc:find("lsp") ~= nil, "completion is bound to <C-x><C-o>", vim.bo.omnifunc)

  -- Outline and folds.
  local document = { textDocument = vim.lsp.util.make_text_document_params(bufnr) }
  local symbols = vim.tbl_map(function(symbol)
    return symbol.name
  end, t.request("textDocument/documentSymbol", document))
  t.check(#symbols >= 5, "the outline has every block", symbols)
  t.check(
    vim.iter(symbols):any(function(name)
      return name:find("limit", 1, true) ~= nil
    end),
    "and names the variable",
    symbols
  )
  local folds = t.request("textDocument/foldingRange", document)
  t.check(
    vim.iter(folds):any(function(fold)
      return fold.startLine == 0
    end),
    "blocks fold",
    folds
  )

  -- Cells and lenses.
  local cells = require("metascript").cells()
  t.equal(
    vim.tbl_map(function(cell)
      return cell.language
    end, cells),
    { "python", "javascript" },
    "the cells are listed with their languages"
  )
  t.sees("▶ Run cell", "code lenses stand beside the headers")
  t.sees("Run all above", "the second cell can run those above it")
  vim.api.nvim_buf_set_lines(bufnr, -1, -1, false, { "PYTHON {", "    2", "}" })
  vim.api.nvim_exec_autocmds("TextChanged", { buffer = bufnr })
  t.eventually(function()
    local _, count = t.screen_text():gsub("▶ Run cell", "")
    return count == 3
  end, "a new cell gets its lens", t.screen_text)

  -- The text after all these edits is the one that the server holds.
  local held = t.request("metascript/documentText", document)
  local lines = vim.api.nvim_buf_get_lines(bufnr, 0, -1, false)
  t.equal(held.text, table.concat(lines, "\n") .. "\n", "the server's text is the buffer's")
  t.contains(
    require("metascript").statusline(),
    "metascript: ",
    "the status line shows the session"
  )

  -- Folding in the window, when the user wants it.
  require("metascript").setup({
    server = require("real_server"),
    folding = true,
    output = { max_lines = 5 },
  })
  require("metascript").on_lsp_attach(t.client(), bufnr)
  t.equal(
    vim.wo.foldexpr,
    "v:lua.vim.lsp.foldexpr()",
    "folding = true folds by the server's ranges"
  )
  t.eventually(function()
    return vim.fn.foldlevel(1) > 0
  end, "and the folds are there")
end)
