--- A run as the virtual lines under its cell.

local parts = require("metascript.output.parts")

local M = {}

---@alias metascript.Status "queued"|"running"|"ok"|"failed"|"interrupted"|"timedOut"|"outOfMemory"|"skipped"|"lost"

---@type table<metascript.Status, { sign: string, group: string, text: string? }>
M.STATUS = {
  queued = { sign = "queued", group = "MetascriptQueued", text = "queued" },
  running = { sign = "running", group = "MetascriptRunning", text = "running" },
  ok = { sign = "ok", group = "MetascriptOk" },
  failed = { sign = "failed", group = "MetascriptFailed", text = "failed" },
  interrupted = { sign = "failed", group = "MetascriptFailed", text = "interrupted" },
  timedOut = { sign = "failed", group = "MetascriptFailed", text = "stopped at its time limit" },
  outOfMemory = { sign = "failed", group = "MetascriptFailed", text = "out of memory" },
  skipped = { sign = "queued", group = "MetascriptQueued", text = "not run" },
  lost = { sign = "failed", group = "MetascriptFailed", text = "the server stopped" },
}

--- Why an output no longer belongs to what is in the text.
---@type table<string, string>
M.STALE = {
  edited = "stale: edited since",
  session = "stale: from an earlier session",
}

---@param microseconds number
---@return string
function M.duration(microseconds)
  if microseconds < 1000 then
    return ("%d µs"):format(microseconds)
  elseif microseconds < 100000 then
    return ("%.1f ms"):format(microseconds / 1000)
  elseif microseconds < 1000000 then
    return ("%d ms"):format(microseconds / 1000)
  elseif microseconds < 60000000 then
    return ("%.1f s"):format(microseconds / 1000000)
  end
  local seconds = math.floor(microseconds / 1000000)
  return ("%d min %02d s"):format(math.floor(seconds / 60), seconds % 60)
end

---@param run metascript.Run
---@return integer? microseconds
local function elapsed(run)
  if run.duration_us and run.status ~= "skipped" then
    return run.duration_us
  elseif run.status == "running" and run.started_ns then
    return (vim.uv.hrtime() - run.started_ns) / 1000
  end
end

--- The line that says how the run went.
---@param run metascript.Run
---@return metascript.Chunk[]
function M.title(run)
  local options = require("metascript.config").options
  local status = M.STATUS[run.status]
  local words = { ("%s [%d]"):format(run.language, run.run) }
  words[#words + 1] = status.text
  local time = elapsed(run)
  if time then
    words[#words + 1] = M.duration(time)
  end
  local line = {
    { options.signs[status.sign] .. " ", status.group },
    { table.concat(words, " · "), "MetascriptTitle" },
  }
  if run.stale then
    local why = M.STALE[run.stale] or ("stale: " .. run.outdated)
    line[#line + 1] = { " · " .. why, "MetascriptStale" }
  end
  return line
end

--- Cuts a line to a number of characters.
---@param chunks metascript.Chunk[]
---@param columns integer
---@return metascript.Chunk[]
local function clip(chunks, columns)
  local kept, left = {}, columns
  for _, chunk in ipairs(chunks) do
    local length = vim.fn.strchars(chunk[1])
    if length > left then
      kept[#kept + 1] = { vim.fn.strcharpart(chunk[1], 0, left) .. "…", chunk[2] }
      return kept
    end
    kept[#kept + 1] = chunk
    left = left - length
  end
  return kept
end

---@param count integer
---@param where "more"|"earlier"
local function more(count, where)
  local noun = count == 1 and "line" or "lines"
  return { { ("… %d %s %s (:Metascript outputs)"):format(count, where, noun), "MetascriptMore" } }
end

--- Lines of the output, bounded. While a cell runs its latest lines are shown; afterwards the first
--- ones, and the end of what tells how it went.
---@param run metascript.Run
---@param limit integer
---@return metascript.Chunk[][]
local function body(run, limit)
  local total = parts.count(run.parts)
  if total <= limit then
    return parts.lines(run.parts, 1, total)
  end
  if run.status == "running" then
    local lines = { more(total - limit, "earlier") }
    return vim.list_extend(lines, parts.lines(run.parts, total - limit + 1, total))
  end
  local tail = math.min(parts.closing_count(run.parts), math.floor(limit / 2))
  local head = limit - tail
  local lines = parts.lines(run.parts, 1, head)
  lines[#lines + 1] = more(total - limit, "more")
  return vim.list_extend(lines, parts.lines(run.parts, total - tail + 1, total))
end

---@param run metascript.Run
---@param indent integer columns that the cell's last line is indented
---@return metascript.Chunk[][]
function M.virtual_lines(run, indent)
  local options = require("metascript.config").options.output
  local margin = (" "):rep(indent)
  local title = M.title(run)
  if run.folded then
    local count = parts.count(run.parts)
    if count > 0 then
      title[#title + 1] =
        { (" · %d %s folded"):format(count, count == 1 and "line" or "lines"), "MetascriptMore" }
    end
  end
  local lines = { vim.list_extend({ { margin, "MetascriptGutter" } }, title) }
  if run.folded then
    return lines
  end
  for _, chunks in ipairs(body(run, options.max_lines)) do
    local line = { { margin .. "│ ", "MetascriptGutter" } }
    lines[#lines + 1] = vim.list_extend(line, clip(chunks, options.max_columns))
  end
  return lines
end

return M
