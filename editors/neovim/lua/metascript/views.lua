--- The variables of the session, and the script as a graph, in windows of their own.

local client = require("metascript.client")
local pane = require("metascript.pane")

local M = {}

---@param text string
---@param width integer in cells of the screen
---@return string
local function pad(text, width)
  return text .. (" "):rep(width - vim.api.nvim_strwidth(text))
end

--- Asks the server about the script in a buffer.
---@param method string
---@param lsp vim.lsp.Client
---@param bufnr integer
---@param done fun(answer: any)
local function ask(method, lsp, bufnr, done)
  local params = { textDocument = { uri = vim.uri_from_bufnr(bufnr) } }
  lsp:request(method, params, function(problem, answer)
    if problem then
      client.notify(problem.message, vim.log.levels.ERROR)
    elseif type(answer) == "table" then
      done(answer)
    end
  end, bufnr)
end

---@param value any
---@return any
local function given(value)
  return value ~= vim.NIL and value or nil
end

--- The lines that show variables.
---@param answer table
---@return metascript.PaneLine[]
function M.variable_lines(answer)
  if not answer.live then
    return { { "No session: run a cell first." } }
  end
  if answer.busy then
    return { { "A cell is running: R asks again." } }
  end
  if #answer.variables == 0 then
    return { { "The session holds no variables." } }
  end
  local widths, rows = { 4, 4 }, {}
  for _, variable in ipairs(answer.variables) do
    local size = given(variable.size)
    local kind = size and ("%s(%d)"):format(variable.type, size) or variable.type
    widths[1] = math.max(widths[1], vim.api.nvim_strwidth(variable.name))
    widths[2] = math.max(widths[2], vim.api.nvim_strwidth(kind))
    rows[#rows + 1] = { variable = variable, kind = kind }
  end
  local lines = {
    { pad("Name", widths[1]) .. "  " .. pad("Type", widths[2]) .. "  Line  Value", group = "Title" },
  }
  for _, row in ipairs(rows) do
    local range = given(row.variable.range)
    local number = range and tostring(range.start.line + 1) or "-"
    lines[#lines + 1] = {
      pad(row.variable.name, widths[1])
        .. "  "
        .. pad(row.kind, widths[2])
        .. "  "
        .. pad(number, 4)
        .. "  "
        .. row.variable.preview,
      place = range and range.start,
    }
  end
  return lines
end

local ARROWS = { data = "──▶", call = "╌╌▶", flow = "══▶" }
local WORDS = { call = "calls", flow = "then" }

--- The lines that show a graph: each part, and below it what leads away from it.
---@param graph table
---@return metascript.PaneLine[]
function M.graph_lines(graph)
  local lines, leaving, depth = {}, {}, {} ---@type metascript.PaneLine[], table<integer, table[]>, table<integer, integer>
  for _, edge in ipairs(graph.edges) do
    leaving[edge.from] = leaving[edge.from] or {}
    table.insert(leaving[edge.from], edge)
  end
  for number, node in ipairs(graph.nodes) do
    -- Edges and parents count from zero.
    local at, parent = number - 1, given(node.parent)
    depth[at] = parent and depth[parent] + 1 or 0
    local indent = ("  "):rep(depth[at])
    local line = node.range.start.line + 1
    lines[#lines + 1] = {
      ("%s%s %s  (line %d)"):format(indent, node.kind, node.name, line),
      place = node.selection.start,
      group = "Function",
    }
    for _, edge in ipairs(leaving[at] or {}) do
      local target = graph.nodes[edge.to + 1]
      local label = #edge.names > 0 and table.concat(edge.names, ", ") or WORDS[edge.kind]
      lines[#lines + 1] = {
        ("%s    %s %s %s %s"):format(indent, label, ARROWS[edge.kind], target.kind, target.name),
        place = target.selection.start,
      }
    end
  end
  if #lines == 0 then
    lines[1] = { "There is nothing to draw in this script yet." }
  end
  if graph.truncated then
    lines[#lines + 1] = { "The script is large: not all of it is shown.", group = "WarningMsg" }
  end
  return lines
end

---@param name string
---@param method string
---@param lines_of fun(answer: table): metascript.PaneLine[]
local function open(name, method, lines_of)
  local bufnr = vim.api.nvim_get_current_buf()
  local lsp = client.need(bufnr)
  if not lsp then
    return
  end
  pane.open({
    name = name,
    source = bufnr,
    encoding = lsp.offset_encoding,
    load = function(show)
      if vim.api.nvim_buf_is_valid(bufnr) then
        ask(method, lsp, bufnr, function(answer)
          show(lines_of(answer))
        end)
      end
    end,
  })
end

--- Shows what the session of the script in front holds.
function M.variables()
  open("variables", "metascript/variables", M.variable_lines)
end

--- Shows the script in front as a graph.
function M.graph()
  open("graph", "metascript/graph", M.graph_lines)
end

--- Where security findings come from, as the server names it.
local SECURITY = "metascript security"

--- Lists the security findings in the quickfix window, the worst first.
---@param all boolean of all buffers
function M.findings(all)
  local found = vim.tbl_filter(function(diagnostic)
    return diagnostic.source == SECURITY
  end, vim.diagnostic.get(not all and 0 or nil))
  if #found == 0 then
    client.notify("no security findings")
    return
  end
  local rank = { E = 1, W = 2, I = 3, N = 4 }
  local items = vim.diagnostic.toqflist(found)
  local place = {}
  for at, item in ipairs(items) do
    place[item] = at
  end
  table.sort(items, function(a, b)
    local first, second = rank[a.type] or 5, rank[b.type] or 5
    return first < second or (first == second and place[a] < place[b])
  end)
  vim.fn.setqflist({}, " ", {
    title = "Metascript: security findings",
    items = items,
  })
  vim.cmd("botright copen")
end

return M
