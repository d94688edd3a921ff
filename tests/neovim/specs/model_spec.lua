-- Suggestions and words from a real llama.cpp server, over both of its protocols.
local t = require("harness")

local url = assert(vim.env.METASCRIPT_MODEL_URL, "METASCRIPT_MODEL_URL is not set")

local SCRIPT = [[
ACTION {
    type: "log"

}
]]

--- What the model says, whatever it is asked.
local SAYS = 'message: "from a real model"'

---@param kind string
---@param base string
local function with(kind, base)
  require("metascript").setup({
    server = require("real_server"),
    ai = {
      providers = { { name = "llama", kind = kind, base_url = base, model = "one-sentence" } },
      tasks = { inline = { "llama" }, chat = { "llama" } },
    },
  })
  t.open_attached(SCRIPT, kind .. ".tars")
end

local function complete()
  vim.api.nvim_buf_set_lines(0, 2, 3, false, { "    " })
  vim.api.nvim_win_set_cursor(0, { 3, 4 })
  local params = vim.lsp.util.make_position_params(0, t.client().offset_encoding)
  params.context = { triggerKind = 1 }
  local answer = t.request("textDocument/inlineCompletion", params)
  return vim.tbl_map(function(item)
    return item.insertText
  end, answer.items)
end

t.run(function()
  for kind, base in pairs({ openai = url .. "/v1", llamacpp = url }) do
    with(kind, base)
    t.eventually(function()
      return vim.list_contains(complete(), SAYS)
    end, ("%s: llama.cpp completes the line"):format(kind), function()
      return vim.inspect(complete()) .. t.notified()
    end)
    vim.cmd("Metascript ai explain")
    t.sees(SAYS, ("%s: and its words stream into a window"):format(kind))
    for _, client in ipairs(vim.lsp.get_clients({ name = "metascript" })) do
      client:stop(true)
    end
    vim.wait(5000, function()
      return #vim.lsp.get_clients() == 0
    end, 20)
    vim.cmd("silent! only | silent! %bwipeout!")
  end
end)
