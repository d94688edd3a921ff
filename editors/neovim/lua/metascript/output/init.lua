--- The runs of every buffer: built from the server's events, kept beside the cells that made them.

local config = require("metascript.config")
local edits = require("metascript.edits")
local parts = require("metascript.output.parts")
local view = require("metascript.output.view")

local M = {}

---@class metascript.Run
---@field run integer number of the run, given by the server
---@field cell integer number of the cell at that time, from 0
---@field language string
---@field status metascript.Status
---@field parts metascript.Part[]
---@field mark integer extmark over the cell
---@field code string? text of the cell that ran; nil when it had already changed
---@field started_ns? integer
---@field duration_us? integer
---@field stale? "edited"|"session"|"outdated"
---@field outdated? string why what it read is no longer what stands there
---@field old_session? boolean
---@field folded? boolean
---@field reveal? boolean its output has yet to be brought into view
---@field client_id integer

---@class metascript.BufferRuns
---@field by_mark table<integer, metascript.Run>
---@field by_run table<integer, metascript.Run>
---@field dirty table<integer, true> marks to draw
---@field scheduled boolean
---@field edited? { first: integer, last: integer }|"all" rows edited since the last look

---@type table<integer, metascript.BufferRuns>
local buffers = {}

--- Redraws of one buffer are joined for this long, in milliseconds: faster is not seen.
local FRAME = 16

--- How often the time of a running cell is redrawn, in milliseconds.
local TICK = 250

---@type uv.uv_timer_t?
local ticker

local redraw

---@param bufnr integer 0 for the current one
---@return integer
local function resolve(bufnr)
  return bufnr == 0 and vim.api.nvim_get_current_buf() or bufnr
end

---@param bufnr integer
---@return metascript.BufferRuns
local function state_of(bufnr)
  if not buffers[bufnr] then
    buffers[bufnr] = { by_mark = {}, by_run = {}, dirty = {}, scheduled = false }
  end
  return buffers[bufnr]
end

---@param bufnr integer
local function draw_dirty(bufnr)
  local state = buffers[bufnr]
  if not state then
    return
  end
  state.scheduled = false
  local dirty = state.dirty
  state.dirty = {}
  if not vim.api.nvim_buf_is_loaded(bufnr) then
    return
  end
  for mark in pairs(dirty) do
    local run = state.by_mark[mark]
    if run then
      view.draw(bufnr, run)
      if run.reveal then
        run.reveal = nil
        view.reveal(bufnr, run)
      end
    end
  end
end

---@param bufnr integer
---@param run metascript.Run
function redraw(bufnr, run)
  local state = state_of(bufnr)
  state.dirty[run.mark] = true
  if not state.scheduled then
    state.scheduled = true
    vim.defer_fn(function()
      draw_dirty(bufnr)
    end, FRAME)
  end
end

---@return boolean any
local function tick()
  local any = false
  for bufnr, state in pairs(buffers) do
    for _, run in pairs(state.by_mark) do
      if run.status == "running" then
        any = true
        redraw(bufnr, run)
      end
    end
  end
  return any
end

local function start_ticker()
  if ticker then
    return
  end
  ticker = assert(vim.uv.new_timer())
  ticker:start(
    TICK,
    TICK,
    vim.schedule_wrap(function()
      if not tick() and ticker then
        ticker:stop()
        ticker:close()
        ticker = nil
      end
    end)
  )
end

---@param bufnr integer
---@param run metascript.Run
local function forget(bufnr, run)
  local state = state_of(bufnr)
  view.remove(bufnr, run)
  state.by_mark[run.mark] = nil
  state.by_run[run.run] = nil
  state.dirty[run.mark] = nil
end

---@param bufnr integer
---@param message table parameters of `metascript/cellOutput`
---@param client_id integer
---@return metascript.Run
local function begin(bufnr, message, client_id)
  local state = state_of(bufnr)
  local version = message.textDocument.version
  version = type(version) == "number" and version or nil
  local first, touched_first = edits.translate(bufnr, version, message.range.start.line)
  local last, touched_last = edits.translate(bufnr, version, message.range["end"].line)
  for _, mark in ipairs(view.overlapping(bufnr, first, last)) do
    local old = state.by_mark[mark]
    if old then
      forget(bufnr, old)
    end
  end

  local run = {
    run = message.run,
    cell = message.cell,
    language = message.language,
    status = "queued",
    parts = {},
    mark = view.anchor(bufnr, first, last),
    client_id = client_id,
  }
  local moved = version and vim.lsp.util.buf_versions[bufnr] ~= version
  local same_length = last - first == message.range["end"].line - message.range.start.line
  if not moved or (same_length and not touched_first and not touched_last) then
    run.code = view.cell_text(bufnr, run)
  else
    run.stale = "edited"
  end
  state.by_mark[run.mark] = run
  state.by_run[run.run] = run
  return run
end

---@param bufnr integer
---@param run metascript.Run
---@param event table
local function finish(bufnr, run, event)
  -- A cell behind one that failed, or that was stopped while it waited, never starts.
  local skipped = run.status == "queued" and event.status == "interrupted"
  run.status = skipped and "skipped" or event.status or "ok"
  run.duration_us = event.durationUs
  if event.lost and #event.lost > 0 then
    local names = table.concat(event.lost, ", ")
    vim.schedule(function()
      vim.notify("Metascript: gone are " .. names .. "; :Metascript rerun_lost makes them again", vim.log.levels.WARN)
    end)
  end
  run.reveal = config.options.output.reveal
  vim.api.nvim_exec_autocmds("User", {
    pattern = "MetascriptCellFinished",
    modeline = false,
    data = { buf = bufnr, cell = run.cell, run = run.run, status = run.status },
  })
end

--- Takes in one event of a run.
---@param bufnr integer
---@param message table parameters of `metascript/cellOutput`
---@param client_id integer
function M.on_event(bufnr, message, client_id)
  local state, event = state_of(bufnr), message.event
  local run = state.by_run[message.run]
  if not run then
    if event.kind ~= "queued" and event.kind ~= "started" then
      -- The output was cleared while the cell ran.
      return
    end
    run = begin(bufnr, message, client_id)
  end
  if event.kind == "started" then
    run.status = "running"
    run.started_ns = vim.uv.hrtime()
    run.reveal = config.options.output.reveal
    start_ticker()
  elseif event.kind == "finished" then
    finish(bufnr, run, event)
  elseif event.kind ~= "queued" then
    parts.add(run.parts, event, config.options.output.colors)
    if event.kind == "error" then
      view.mark_error(bufnr, run, message.textDocument.version, event)
    end
  end
  redraw(bufnr, run)
end

--- Takes in what was kept of earlier runs; a cell that has an output keeps that one.
---@param bufnr integer
---@param params table parameters of `metascript/keptOutputs`
---@param client_id integer
function M.on_kept_outputs(bufnr, params, client_id)
  for _, kept in ipairs(params.outputs) do
    local first, last = kept.range.start.line, kept.range["end"].line
    local taken = vim.iter(view.overlapping(bufnr, first, last)):any(function(mark)
      return state_of(bufnr).by_mark[mark] ~= nil
    end)
    if not taken then
      local run = begin(bufnr, {
        textDocument = params.textDocument,
        cell = kept.cell,
        run = kept.run,
        language = kept.language,
        range = kept.range,
      }, client_id)
      for _, event in ipairs(kept.events) do
        if event.kind == "finished" then
          run.status = event.status or "ok"
          run.duration_us = event.durationUs
        elseif event.kind ~= "started" then
          parts.add(run.parts, event, config.options.output.colors)
        end
      end
      run.old_session = true
      if kept.because ~= vim.NIL and kept.because then
        run.code = nil
        run.stale = "edited"
      else
        run.stale = run.stale or "session"
      end
      redraw(bufnr, run)
    end
  end
end

--- Marks every output of a buffer as left by a session that is over.
---@param bufnr integer
function M.on_session_end(bufnr)
  for _, run in pairs(state_of(bufnr).by_mark) do
    if run.status ~= "queued" and run.status ~= "running" then
      run.old_session = true
      run.stale = run.stale or "session"
      redraw(bufnr, run)
    end
  end
end

--- Marks the outputs of cells whose results no longer hold, and clears the marks of the others.
---@param bufnr integer
---@param params table parameters of `metascript/staleCells`
function M.on_stale_cells(bufnr, params)
  local state = state_of(bufnr)
  if vim.lsp.util.buf_versions[bufnr] ~= params.textDocument.version then
    return
  end
  local reasons = {}
  for _, cell in ipairs(params.cells) do
    reasons[cell.range.start.line] = cell.because
  end
  for _, run in pairs(state.by_mark) do
    local first = view.rows(bufnr, run)
    local reason = first and reasons[first] or nil
    -- What runs will be fresh: the list is from before.
    local busy = run.status == "queued" or run.status == "running"
    if not busy and run.outdated ~= reason then
      run.outdated = reason
      if not run.stale or run.stale == "outdated" then
        run.stale = reason and "outdated" or nil
      end
      redraw(bufnr, run)
    end
  end
end

--- Ends what was still running when its server went away.
---@param client_id integer
function M.on_server_exit(client_id)
  for bufnr, state in pairs(buffers) do
    for _, run in pairs(state.by_mark) do
      if run.client_id == client_id then
        if run.status == "queued" or run.status == "running" then
          run.status = "lost"
        else
          run.old_session = true
          run.stale = run.stale or "session"
        end
        redraw(bufnr, run)
      end
    end
    -- Another server counts its runs anew.
    state.by_run = {}
  end
end

---@param bufnr integer
---@param run metascript.Run
local function check_stale(bufnr, run)
  local text = view.cell_text(bufnr, run)
  if text and text ~= run.code then
    run.stale = "edited"
  else
    run.stale = run.old_session and "session" or run.outdated and "outdated" or nil
  end
end

--- Looks at the cells that edits have touched.
---@param bufnr integer
---@param state metascript.BufferRuns
local function after_edits(bufnr, state)
  local edited = state.edited
  state.edited = nil
  if buffers[bufnr] ~= state or not vim.api.nvim_buf_is_loaded(bufnr) then
    return
  end
  local marks = edited == "all" and vim.tbl_keys(state.by_mark)
    or view.overlapping(bufnr, edited.first - 1, edited.last)
  for _, mark in ipairs(marks) do
    local run = state.by_mark[mark]
    if run then
      check_stale(bufnr, run)
      redraw(bufnr, run)
    end
  end
end

edits.listen({
  on_edit = function(bufnr, edit)
    local state = buffers[bufnr]
    if not state or next(state.by_mark) == nil then
      return
    end
    if state.edited then
      -- The rows of an earlier edit may have moved since: look at every cell.
      state.edited = "all"
      return
    end
    state.edited = { first = edit.first, last = edit.new_last }
    vim.schedule(function()
      after_edits(bufnr, state)
    end)
  end,
  on_gone = function(bufnr)
    if vim.api.nvim_buf_is_loaded(bufnr) then
      M.clear(bufnr)
    end
    buffers[bufnr] = nil
  end,
})

--- The run whose cell holds a row.
---@param bufnr integer 0 for the current one
---@param row integer zero-based
---@return metascript.Run?
function M.at(bufnr, row)
  bufnr = resolve(bufnr)
  local state = buffers[bufnr]
  if not state then
    return nil
  end
  for _, mark in ipairs(view.overlapping(bufnr, row, row)) do
    local run = state.by_mark[mark]
    local first, last = nil, nil
    if run then
      first, last = view.rows(bufnr, run)
    end
    if first and row >= first and row <= last then
      return run
    end
  end
end

--- All runs shown in a buffer, in the order of the text.
---@param bufnr integer 0 for the current one
---@return metascript.Run[]
function M.all(bufnr)
  bufnr = resolve(bufnr)
  local state = buffers[bufnr]
  local found = {}
  for _, run in pairs(state and state.by_mark or {}) do
    local first = view.rows(bufnr, run)
    if first then
      found[#found + 1] = { first = first, run = run }
    end
  end
  table.sort(found, function(a, b)
    return a.first < b.first
  end)
  return vim.tbl_map(function(item)
    return item.run
  end, found)
end

--- Takes one run, or all of a buffer, off the screen.
---@param bufnr integer 0 for the current one
---@param run? metascript.Run
function M.clear(bufnr, run)
  bufnr = resolve(bufnr)
  local state = buffers[bufnr]
  if not state then
    return
  end
  for _, each in ipairs(run and { run } or vim.tbl_values(state.by_mark)) do
    forget(bufnr, each)
  end
end

--- Folds or unfolds the output of one run, or of a buffer.
---@param bufnr integer 0 for the current one
---@param run? metascript.Run
function M.fold(bufnr, run)
  bufnr = resolve(bufnr)
  local runs = run and { run } or M.all(bufnr)
  local folded = not vim.iter(runs):all(function(each)
    return each.folded
  end)
  for _, each in ipairs(runs) do
    each.folded = folded
    redraw(bufnr, each)
  end
end

--- Draws everything anew, after the options or the colors changed.
function M.redraw_all()
  for bufnr, state in pairs(buffers) do
    for _, run in pairs(state.by_mark) do
      redraw(bufnr, run)
    end
  end
end

return M
