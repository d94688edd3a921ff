--- The state of a buffer's session in a few characters.

local client = require("metascript.client")
local output = require("metascript.output")
local render = require("metascript.output.render")

local M = {}

--- For 'statusline', lualine and the like. Empty outside metascripts.
---@param bufnr? integer
---@return string
function M.text(bufnr)
  bufnr = bufnr and bufnr ~= 0 and bufnr or vim.api.nvim_get_current_buf()
  if vim.bo[bufnr].filetype ~= "metascript" then
    return ""
  end
  if not client.get(bufnr) then
    return "metascript: off"
  end
  local queued, failed, stale, running = 0, 0, 0, nil
  for _, run in ipairs(output.all(bufnr)) do
    if run.status == "running" then
      running = run
    elseif run.status == "queued" then
      queued = queued + 1
    elseif run.stale then
      stale = stale + 1
    elseif render.STATUS[run.status].sign == "failed" then
      failed = failed + 1
    end
  end
  local words = {}
  if running then
    words[1] = ("running %s [%d]"):format(running.language, running.run)
  else
    words[1] = client.sessions[vim.uri_from_bufnr(bufnr)] or "ready"
  end
  for _, item in ipairs({ { queued, "queued" }, { failed, "failed" }, { stale, "stale" } }) do
    if item[1] > 0 then
      words[#words + 1] = ("%d %s"):format(item[1], item[2])
    end
  end
  return "metascript: " .. table.concat(words, ", ")
end

return M
