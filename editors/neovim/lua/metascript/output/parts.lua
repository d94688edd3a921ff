--- What a run printed, as a list of parts: each knows how many lines it has and can give any of them,
--- so that showing a dozen lines of a long output costs a dozen lines.

local ansi = require("metascript.ansi")

local M = {}

---@class metascript.Part
---@field kind "stream"|"display"|"result"|"error"
---@field data? table<string, any> the MIME bundle of a display or a result
---@field screen metascript.Screen

--- Plain forms of a value, best first.
local PLAIN = { "text/plain", "text/markdown", "application/json", "text/csv", "text/html" }

--- Forms that are better seen in another program, with the ending of a file that holds them.
---@type { mime: string, extension: string, base64: boolean }[]
M.RICH = {
  { mime = "text/html", extension = "html", base64 = false },
  { mime = "image/svg+xml", extension = "svg", base64 = false },
  { mime = "image/png", extension = "png", base64 = true },
  { mime = "image/jpeg", extension = "jpg", base64 = true },
}

---@param data table<string, any>
---@return string[] the rich forms that a bundle offers
function M.rich_forms(data)
  local forms = {}
  for _, form in ipairs(M.RICH) do
    if data[form.mime] ~= nil then
      forms[#forms + 1] = form.mime
    end
  end
  return forms
end

---@param value any
---@return string
local function as_text(value)
  if type(value) == "string" then
    return value
  end
  return vim.json.encode(value)
end

---@param data table<string, any>
---@return string
function M.plain_form(data)
  for _, mime in ipairs(PLAIN) do
    if data[mime] ~= nil then
      return as_text(data[mime])
    end
  end
  return ""
end

---@param parts metascript.Part[]
---@param event table
---@param colors boolean
function M.add(parts, event, colors)
  if event.kind == "stream" then
    local last = parts[#parts]
    if not last or last.kind ~= "stream" then
      last = { kind = "stream", screen = ansi.screen({ colors = colors }) }
      parts[#parts + 1] = last
    end
    local group = event.name == "stderr" and "MetascriptStderr" or "MetascriptStdout"
    last.screen:feed(event.text or "", group)
    return
  end

  local part = { kind = event.kind, screen = ansi.screen({ colors = colors }) }
  if event.kind == "error" then
    local text = event.traceback
    if type(text) ~= "string" or text == "" then
      text = ("%s: %s"):format(event.name or "Error", event.message or "")
    end
    part.screen:feed(text, "MetascriptError")
  else
    part.data = type(event.data) == "table" and event.data or {}
    local group = event.kind == "result" and "MetascriptResult" or "MetascriptDisplay"
    part.screen:feed(M.plain_form(part.data), group)
    local forms = M.rich_forms(part.data)
    if #forms > 0 then
      if part.screen:count() > 0 then
        part.screen:feed("\n", group)
      end
      part.screen:feed(
        ("[%s: `:Metascript outputs`, then `o`, opens it]"):format(table.concat(forms, ", ")),
        "MetascriptMore"
      )
    end
  end
  parts[#parts + 1] = part
end

---@param parts metascript.Part[]
---@return integer
function M.count(parts)
  local total = 0
  for _, part in ipairs(parts) do
    total = total + part.screen:count()
  end
  return total
end

--- Lines `first` to `last` of all parts together, counted from 1.
---@param parts metascript.Part[]
---@param first integer
---@param last integer
---@return metascript.Chunk[][]
function M.lines(parts, first, last)
  local lines, before = {}, 0
  for _, part in ipairs(parts) do
    local count = part.screen:count()
    for index = math.max(first - before, 1), math.min(last - before, count) do
      lines[#lines + 1] = part.screen:line(index)
    end
    before = before + count
  end
  return lines
end

--- Lines of the parts that end a run, its result or its error: what people look for first.
---@param parts metascript.Part[]
---@return integer
function M.closing_count(parts)
  local total = 0
  for index = #parts, 1, -1 do
    if parts[index].kind ~= "result" and parts[index].kind ~= "error" then
      break
    end
    total = total + parts[index].screen:count()
  end
  return total
end

--- Everything as plain text, as it is yanked.
---@param parts metascript.Part[]
---@return string[]
function M.text(parts)
  local lines = {}
  for _, chunks in ipairs(M.lines(parts, 1, math.huge)) do
    lines[#lines + 1] = ansi.text(chunks)
  end
  return lines
end

return M
