--- Colors and other attributes (SGR) of terminal text, and the highlight groups that show them.

local M = {}

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

--- Attributes of text. Never changed once made, so that they can be shared.
---@class metascript.Style
---@field fg? string
---@field bg? string
---@field bold? boolean
---@field italic? boolean
---@field underline? boolean
---@field reverse? boolean
---@field strikethrough? boolean

---@type metascript.Style
M.PLAIN = {}

local FLAGS =
  { [1] = "bold", [3] = "italic", [4] = "underline", [7] = "reverse", [9] = "strikethrough" }
local UNFLAGS =
  { [22] = "bold", [23] = "italic", [24] = "underline", [27] = "reverse", [29] = "strikethrough" }

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
---@param parameters string what stands between `ESC [` and `m`
---@return metascript.Style
local function apply(style, parameters)
  local result = {}
  for key, value in pairs(style) do
    result[key] = value
  end
  local codes = {}
  for index, code in ipairs(vim.split(parameters, "[;:]")) do
    codes[index] = tonumber(code) or 0
  end
  local at = 1
  while at <= #codes do
    local code = codes[at]
    at = at + 1
    if code == 0 then
      result = {}
    elseif FLAGS[code] then
      result[FLAGS[code]] = true
    elseif UNFLAGS[code] then
      result[UNFLAGS[code]] = nil
    elseif code >= 30 and code <= 37 then
      result.fg = palette(code - 30)
    elseif code >= 90 and code <= 97 then
      result.fg = palette(code - 82)
    elseif code >= 40 and code <= 47 then
      result.bg = palette(code - 40)
    elseif code >= 100 and code <= 107 then
      result.bg = palette(code - 92)
    elseif code == 39 then
      result.fg = nil
    elseif code == 49 then
      result.bg = nil
    elseif code == 38 then
      result.fg, at = extended(codes, at)
    elseif code == 48 then
      result.bg, at = extended(codes, at)
    end
  end
  return next(result) and result or M.PLAIN
end

--- Programs repeat few sequences many times. Bounded, as a hostile one may not.
---@type table<metascript.Style, table<string, metascript.Style>>
local seen = {}
local seen_count = 0
local MAX_SEEN = 4096

--- The style after a sequence.
---@param style metascript.Style
---@param parameters string
---@return metascript.Style
function M.after(style, parameters)
  if parameters == "" or parameters == "0" then
    return M.PLAIN
  end
  local known = seen[style] and seen[style][parameters]
  if known then
    return known
  end
  if seen_count >= MAX_SEEN then
    seen, seen_count = {}, 0
  end
  local result = apply(style, parameters)
  seen[style] = seen[style] or {}
  seen[style][parameters] = result
  seen_count = seen_count + 1
  return result
end

--- Highlight groups by style. Neovim never frees a group, so their number is bounded.
---@type table<string, true>
local groups = {}
local group_count = 0
local MAX_GROUPS = 1024

---@type table<metascript.Style, string>
local group_by_style = setmetatable({}, { __mode = "k" })

---@param style metascript.Style
---@return string?
local function make_group(style)
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
      return nil
    end
    group_count = group_count + 1
    groups[group] = true
    vim.api.nvim_set_hl(0, group, style --[[@as vim.api.keyset.highlight]])
  end
  group_by_style[style] = group
  return group
end

--- The highlight group of a style, made on first use.
---@param style metascript.Style
---@param base string group used where the style says nothing
---@return string
function M.group(style, base)
  if style == M.PLAIN then
    return base
  end
  return group_by_style[style] or make_group(style) or base
end

--- Defines the groups anew: a color scheme clears them.
function M.refresh()
  groups, group_count = {}, 0
  seen, seen_count = {}, 0
  group_by_style = setmetatable({}, { __mode = "k" })
end

return M
