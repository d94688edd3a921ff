--- Terminal text to lines of highlighted chunks: colors, carriage returns, backspaces, tabs. Every
--- other control sequence is dropped. Text may arrive in pieces cut at any character.

local styles = require("metascript.ansi.style")

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

local CHARACTER = "[%z\1-\127\192-\255][\128-\191]*"

--- A line in which the cursor has moved back: one character and one group for each place.
---@class metascript.EditableLine
---@field characters string[]
---@field groups string[]
---@field cursor integer places before the cursor

---@class metascript.Screen
---@field private lines metascript.Chunk[][]
---@field private pending string an escape sequence that has not ended yet
---@field private style metascript.Style
---@field private editable metascript.EditableLine? the last line, once the cursor has moved in it
---@field private colors boolean
---@field private length integer bytes of the last line
---@field private columns integer display columns of the last line
---@field dropped integer lines left out because there were too many
local Screen = {}
Screen.__index = Screen

---@param opts? { colors?: boolean }
---@return metascript.Screen
function M.screen(opts)
  return setmetatable({
    lines = { {} },
    pending = "",
    style = styles.PLAIN,
    length = 0,
    columns = 0,
    dropped = 0,
    colors = not opts or opts.colors ~= false,
  }, Screen)
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
---@param column integer where it begins
---@return string
local function expand_tabs(text, column)
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

---@param text string without tabs
---@return integer
local function columns_of(text)
  return text:find("[\128-\255]") and vim.fn.strdisplaywidth(text) or #text
end

---@private
---@param text string printable text
---@param base string
function Screen:put(text, base)
  local editable = self.editable
  if text:find("%c") then
    text = text:gsub("[%z\1-\8\11-\31\127]", function(byte)
      return "^" .. string.char(bit.bxor(byte:byte(), 64))
    end)
    text = expand_tabs(text, editable and editable.cursor or self.columns)
  end
  local group = self.colors and styles.group(self.style, base) or base
  if not editable then
    append(self.lines[#self.lines], text, group)
    self.length = self.length + #text
    self.columns = self.columns + columns_of(text)
    return
  end
  for character in text:gmatch(CHARACTER) do
    editable.cursor = editable.cursor + 1
    editable.characters[editable.cursor] = character
    editable.groups[editable.cursor] = group
  end
  if editable.cursor > MAX_EDITABLE then
    self:newline()
  end
end

---@param editable metascript.EditableLine
---@return metascript.Chunk[]
local function to_chunks(editable)
  local chunks, start = {}, 1
  local characters, groups = editable.characters, editable.groups
  for index = 1, #characters do
    if groups[index + 1] ~= groups[index] then
      chunks[#chunks + 1] = { table.concat(characters, "", start, index), groups[index] }
      start = index + 1
    end
  end
  return chunks
end

---@param chunks metascript.Chunk[]
---@return metascript.EditableLine
local function to_editable(chunks)
  local editable = { characters = {}, groups = {}, cursor = 0 }
  for _, chunk in ipairs(chunks) do
    for character in chunk[1]:gmatch(CHARACTER) do
      editable.cursor = editable.cursor + 1
      editable.characters[editable.cursor] = character
      editable.groups[editable.cursor] = chunk[2]
    end
  end
  return editable
end

---@private
function Screen:newline()
  local last = #self.lines
  if self.editable then
    self.lines[last] = to_chunks(self.editable)
  end
  if last < MAX_LINES then
    self.lines[last + 1] = {}
  else
    self.lines[last] = {}
    self.dropped = self.dropped + 1
  end
  self.editable, self.length, self.columns = nil, 0, 0
end

--- Moves the cursor within the last line.
---@private
---@param places integer? how many places back; nil means to the start
function Screen:back(places)
  if not self.editable then
    if self.length == 0 then
      return
    elseif self.length > MAX_EDITABLE then
      self:newline()
      return
    end
    self.editable = to_editable(self.lines[#self.lines])
  end
  local editable = self.editable --[[@as metascript.EditableLine]]
  editable.cursor = places and math.max(editable.cursor - places, 0) or 0
end

---@private
---@param parameters string "2" erases the whole line, "0" or nothing what follows the cursor
function Screen:erase(parameters)
  if parameters == "2" then
    self.lines[#self.lines] = {}
    self.editable, self.length, self.columns = nil, 0, 0
  elseif (parameters == "" or parameters == "0") and self.editable then
    for index = #self.editable.characters, self.editable.cursor + 1, -1 do
      self.editable.characters[index] = nil
      self.editable.groups[index] = nil
    end
  end
end

--- Takes in one escape sequence.
---@private
---@param text string
---@param at integer where its ESC is
---@return integer? last where it ends; nil when it has not ended
function Screen:escape(text, at)
  local kind = text:sub(at + 1, at + 1)
  if kind == "" then
    return nil
  elseif kind == "[" then
    local _, last, parameters, final = text:find("^([%d;:<=>?]*)[ -/]*([@-~])", at + 2)
    if final then
      if final == "m" then
        self.style = styles.after(self.style, parameters)
      elseif final == "K" then
        self:erase(parameters)
      end
      return last
    end
    -- A character that no such sequence may hold: drop the opening and show the rest.
    local _, valid = text:find("^[%d;:<=>?]*[ -/]*", at + 2)
    return valid < #text and valid or nil
  elseif kind:match("[%]PX^_]") then
    -- A string (window title, link, ...): up to BEL or ESC \.
    local body = text:sub(at, at + MAX_SEQUENCE)
    local _, bell = body:find("\7", 3, true)
    local _, terminator = body:find(ESC .. "\\", 3, true)
    if bell and terminator then
      bell = math.min(bell, terminator)
    end
    local length = bell or terminator
    return length and at + length - 1
  end
  return at + 1
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
    elseif byte == "\r" and stop == #text then
      -- The newline of a CR LF may be in the next piece.
      self.pending = "\r"
    elseif byte == "\r" then
      self:back()
    elseif byte == "\8" then
      self:back(1)
    elseif byte == ESC then
      local last = self:escape(text, stop)
      if last then
        at = last + 1
      elseif #text - stop < MAX_SEQUENCE then
        self.pending = text:sub(stop)
        break
      end
    end
  end
end

--- Number of lines; a newline at the very end begins no line.
---@return integer
function Screen:count()
  local empty = not self.editable and #self.lines[#self.lines] == 0
  return empty and #self.lines - 1 or #self.lines
end

---@param index integer from 1
---@return metascript.Chunk[]
function Screen:line(index)
  if self.editable and index == #self.lines then
    return to_chunks(self.editable)
  end
  return self.lines[index]
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

--- Defines the highlight groups of colors anew: a color scheme clears them.
M.refresh = styles.refresh

return M
