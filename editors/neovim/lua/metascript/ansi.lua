--- Terminal text to lines of highlighted chunks: colors (SGR), carriage returns, backspaces, tabs.
--- Every other control sequence is dropped. Text may arrive in pieces cut at any character.

---@alias metascript.Chunk [string, string] text and highlight group

local M = {}

local ESC = "\27"

--- Hostile output may open a control sequence and never end it; past this it is dropped.
local MAX_SEQUENCE = 4096

--- The cursor moves back only within lines up to this many bytes, and no chunk grows past it: so the
--- work is proportional to the output, whatever it holds.
local MAX_EDITABLE = 4096

--- Lines kept of one stream of output. The server bounds the bytes; this bounds a million newlines.
local MAX_LINES = 50000

--- xterm's defaults for the sixteen basic colors, used when the color scheme sets none.
-- stylua: ignore
local BASIC = {
  [0] = "#1d1f21", "#cc342b", "#198844", "#b58900", "#3971ed", "#a36ac7", "#2aa198", "#c5c8c6",
  "#969896", "#f0625d", "#4bb673", "#fba922", "#6f9ff5", "#c397d8", "#54c7bd", "#ffffff",
}

---@param index integer 0 to 255
---@return string "#rrggbb"
local function palette(index)
  if index < 16 then
    return vim.g["terminal_color_" .. index] or BASIC[index]
  end
  if index >= 232 then
    local grey = 8 + (index - 232) * 10
    return ("#%02x%02x%02x"):format(grey, grey, grey)
  end
  local cube = index - 16
  local function level(step)
    return step == 0 and 0 or 55 + step * 40
  end
  return ("#%02x%02x%02x"):format(
    level(math.floor(cube / 36)),
    level(math.floor(cube / 6) % 6),
    level(cube % 6)
  )
end

---@class metascript.Style
---@field fg? string
---@field bg? string
---@field bold? boolean
---@field italic? boolean
---@field underline? boolean
---@field reverse? boolean
---@field strikethrough? boolean

local FLAGS =
  { [1] = "bold", [3] = "italic", [4] = "underline", [7] = "reverse", [9] = "strikethrough" }
local UNFLAGS = {
  [22] = "bold",
  [23] = "italic",
  [24] = "underline",
  [27] = "reverse",
  [29] = "strikethrough",
}

--- Reads the color that follows 38 or 48.
---@param codes integer[]
---@param at integer index after 38 or 48
---@return string? color
---@return integer next
local function extended(codes, at)
  if codes[at] == 5 and codes[at + 1] then
    return palette(math.min(codes[at + 1], 255)), at + 2
  elseif codes[at] == 2 and codes[at + 3] then
    local function byte(value)
      return math.min(value, 255)
    end
    local color = ("#%02x%02x%02x"):format(
      byte(codes[at + 1]),
      byte(codes[at + 2]),
      byte(codes[at + 3])
    )
    return color, at + 4
  end
  return nil, #codes + 1
end

---@param style metascript.Style
---@param parameters string
---@return metascript.Style
local function sgr(style, parameters)
  style = vim.deepcopy(style)
  local codes = {}
  for index, code in ipairs(vim.split(parameters, "[;:]")) do
    codes[index] = tonumber(code) or 0
  end
  local at = 1
  while at <= #codes do
    local code = codes[at]
    at = at + 1
    if code == 0 then
      style = {}
    elseif FLAGS[code] then
      style[FLAGS[code]] = true
    elseif UNFLAGS[code] then
      style[UNFLAGS[code]] = nil
    elseif code >= 30 and code <= 37 then
      style.fg = palette(code - 30)
    elseif code >= 90 and code <= 97 then
      style.fg = palette(code - 82)
    elseif code >= 40 and code <= 47 then
      style.bg = palette(code - 40)
    elseif code >= 100 and code <= 107 then
      style.bg = palette(code - 92)
    elseif code == 39 then
      style.fg = nil
    elseif code == 49 then
      style.bg = nil
    elseif code == 38 then
      style.fg, at = extended(codes, at)
    elseif code == 48 then
      style.bg, at = extended(codes, at)
    end
  end
  return style
end

--- The highlight group of a style, made on first use. A cell can print any number of colors, so their
--- number is bounded: Neovim never frees a group.
---@type table<string, string>
local groups = {}
local group_count = 0
local MAX_GROUPS = 1024

---@param style metascript.Style
---@param base string group used where the style says nothing
---@return string
local function group_of(style, base)
  if next(style) == nil then
    return base
  end
  local name = { "MetascriptAnsi" }
  for _, key in ipairs({ "fg", "bg" }) do
    name[#name + 1] = style[key] and (key .. style[key]:sub(2)) or ""
  end
  for _, key in ipairs({ "bold", "italic", "underline", "reverse", "strikethrough" }) do
    name[#name + 1] = style[key] and key or ""
  end
  local group = table.concat(name)
  if not groups[group] then
    if group_count >= MAX_GROUPS then
      return base
    end
    group_count = group_count + 1
    groups[group] = group
    vim.api.nvim_set_hl(0, group, style --[[@as vim.api.keyset.highlight]])
  end
  return group
end

--- Defines the colored groups anew: a color scheme clears them.
function M.refresh()
  groups, group_count = {}, 0
end

---@class metascript.Screen
---@field private lines metascript.Chunk[][]
---@field private pending string an escape sequence that has not ended yet
---@field private style metascript.Style
---@field private column integer? byte column of the cursor when it is not at the end of the line
---@field private colors boolean
---@field private length integer bytes of the last line
---@field dropped integer lines left out because there were too many
local Screen = {}
Screen.__index = Screen

---@param opts? { colors?: boolean }
---@return metascript.Screen
function M.screen(opts)
  return setmetatable({
    lines = { {} },
    pending = "",
    style = {},
    column = nil,
    length = 0,
    dropped = 0,
    colors = not opts or opts.colors ~= false,
  }, Screen)
end

---@param chunks metascript.Chunk[]
---@return metascript.Chunk[]
local function without_first_columns(chunks, columns)
  local rest, skip = {}, columns
  for _, chunk in ipairs(chunks) do
    local length = vim.fn.strchars(chunk[1])
    if skip >= length then
      skip = skip - length
    else
      rest[#rest + 1] = { vim.fn.strcharpart(chunk[1], skip), chunk[2] }
      skip = 0
    end
  end
  return rest
end

---@param chunks metascript.Chunk[]
local function first_columns(chunks, columns)
  local kept, left = {}, columns
  for _, chunk in ipairs(chunks) do
    if left <= 0 then
      break
    end
    local part = vim.fn.strcharpart(chunk[1], 0, left)
    left = left - vim.fn.strchars(part)
    kept[#kept + 1] = { part, chunk[2] }
  end
  return kept
end

local function append(chunks, text, group)
  local last = chunks[#chunks]
  if last and last[2] == group and #last[1] < MAX_EDITABLE then
    last[1] = last[1] .. text
  else
    chunks[#chunks + 1] = { text, group }
  end
end

--- Replaces tabs by spaces up to the next multiple of eight columns.
---@param text string
---@param before string what stands before it on the line
---@return string
local function expand_tabs(text, before)
  local column = vim.fn.strdisplaywidth(before)
  local parts = {}
  for piece, tab in text:gmatch("([^\t]*)(\t?)") do
    column = column + vim.fn.strdisplaywidth(piece)
    parts[#parts + 1] = piece
    if tab ~= "" then
      local spaces = 8 - column % 8
      parts[#parts + 1] = (" "):rep(spaces)
      column = column + spaces
    end
  end
  return table.concat(parts)
end

---@param chunks metascript.Chunk[]
local function width(chunks)
  local total = 0
  for _, chunk in ipairs(chunks) do
    total = total + vim.fn.strchars(chunk[1])
  end
  return total
end

---@private
---@param text string printable text
---@param base string
function Screen:put(text, base)
  local line = self.lines[#self.lines]
  local group = self.colors and group_of(self.style, base) or base
  if text:find("\t", 1, true) then
    text = expand_tabs(text, self.length <= MAX_EDITABLE and M.text(line) or "")
  end
  text = text:gsub("%c", function(byte)
    return "^" .. string.char(bit.bxor(byte:byte(), 64))
  end)
  if not self.column then
    append(line, text, group)
    self.length = self.length + #text
    return
  end
  local count = vim.fn.strchars(text)
  local before, after =
    first_columns(line, self.column), without_first_columns(line, self.column + count)
  append(before, text, group)
  vim.list_extend(before, after)
  self.lines[#self.lines] = before
  self.length = #M.text(before)
  self.column = self.column + count
  if #after == 0 then
    self.column = nil
  end
end

---@private
---@param final string
---@param parameters string
function Screen:control(final, parameters)
  if final == "m" then
    self.style = sgr(self.style, parameters)
  elseif final == "K" then
    local line = self.lines[#self.lines]
    if parameters == "2" then
      self.lines[#self.lines] = {}
      self.length, self.column = 0, nil
    elseif (parameters == "" or parameters == "0") and self.column then
      self.lines[#self.lines] = first_columns(line, self.column)
      self.length = #M.text(self.lines[#self.lines])
      self.column = nil
    end
  end
end

--- Takes one escape sequence off the front of `text`.
---@private
---@param text string begins with ESC
---@return integer? length nil when the sequence has not ended
function Screen:escape(text)
  local kind = text:sub(2, 2)
  if kind == "" then
    return nil
  elseif kind == "[" then
    local parameters, final = text:match("^([%d;:<=>?]*)[ -/]*([@-~])", 3)
    if final then
      local _, stop = text:find("^[%d;:<=>?]*[ -/]*[@-~]", 3)
      self:control(final, parameters)
      return stop
    end
    -- A character that no such sequence may hold: drop the opening and show the rest.
    local _, valid = text:find("^[%d;:<=>?]*[ -/]*", 3)
    return valid < #text and valid or nil
  elseif kind:match("[%]PX^_]") then
    -- A string (window title, link, ...): up to BEL or ESC \.
    local _, bell = text:find("\7", 3, true)
    local _, terminator = text:find(ESC .. "\\", 3, true)
    if bell and terminator then
      return math.min(bell, terminator)
    end
    return bell or terminator
  end
  return 2
end

---@private
function Screen:newline()
  if #self.lines < MAX_LINES then
    self.lines[#self.lines + 1] = {}
  else
    self.lines[#self.lines] = {}
    self.dropped = self.dropped + 1
  end
  self.length, self.column = 0, nil
end

--- Moves the cursor within the last line.
---@private
---@param column integer in characters
function Screen:back_to(column)
  if self.length > MAX_EDITABLE then
    self:newline()
  elseif self.length > 0 then
    self.column = math.max(column, 0)
  end
end

--- Adds output.
---@param text string
---@param base string highlight group of text that has no color of its own
function Screen:feed(text, base)
  text = (self.pending .. text):gsub("\r\n", "\n")
  self.pending = ""
  local at = 1
  while at <= #text do
    local stop = text:find("[\27\n\r\8\7]", at)
    if not stop then
      self:put(text:sub(at), base)
      break
    end
    if stop > at then
      self:put(text:sub(at, stop - 1), base)
    end
    local byte = text:sub(stop, stop)
    at = stop + 1
    if byte == "\n" then
      self:newline()
    elseif byte == "\r" then
      if stop == #text then
        -- The newline of a CR LF may be in the next piece.
        self.pending = "\r"
      else
        self:back_to(0)
      end
    elseif byte == "\8" then
      local column = self.column
        or (self.length <= MAX_EDITABLE and width(self.lines[#self.lines]) or 0)
      self:back_to(column - 1)
    elseif byte == ESC then
      local length = self:escape(text:sub(stop, stop + MAX_SEQUENCE))
      if length then
        at = stop + length
      elseif #text - stop >= MAX_SEQUENCE then
        at = stop + 1
      else
        self.pending = text:sub(stop)
        break
      end
    end
  end
end

--- Number of lines; a newline at the very end begins no line.
---@return integer
function Screen:count()
  return #self.lines[#self.lines] == 0 and #self.lines - 1 or #self.lines
end

---@param index integer from 1
---@return metascript.Chunk[]
function Screen:line(index)
  return self.lines[index]
end

--- The text without colors.
---@param text string
---@return string[]
function M.plain(text)
  local screen = M.screen({ colors = false })
  screen:feed(text, "")
  local lines = {}
  for index = 1, screen:count() do
    lines[index] = M.text(screen:line(index))
  end
  return lines
end

---@param chunks metascript.Chunk[]
---@return string
function M.text(chunks)
  local parts = {}
  for index, chunk in ipairs(chunks) do
    parts[index] = chunk[1]
  end
  return table.concat(parts)
end

return M
