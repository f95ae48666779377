--- Show corrections and rewrites in the text: the old struck through, the new beside it.
---
--- The buffer changes only by what is taken, each time one undo step. Marks carry the places along, so the writer may go
--- on writing; a place whose own text changed is left as it is. Knows nothing of how they are found.
local client = require("shadowpen.client")
local temporary_keys = require("shadowpen.paragraphs.temporary_keys")
local notes = require("shadowpen.paragraphs.notes")
local preview = require("shadowpen.paragraphs.preview")
local say = require("shadowpen.words").say
local tell = require("shadowpen.status").tell
local undo = require("shadowpen.undo")
local work = require("shadowpen.paragraphs.work")

local api = vim.api
local M = {}

local COMMAND = "shadowpen.verb"
local HINT = 1 -- the id of its mark
local LABELS = { take = "take all", take_sentence = "take sentence", next = "leave sentence", discard = "leave all" }
local space = api.nvim_create_namespace("shadowpen.correction")

--- The names of the keys that work while corrections are shown, in the order of the hint.
M.KEYS = { "take", "take_sentence", "next", "discard" }

---@class shadowpen.Change
---@field mark integer at the old text
---@field beside integer the mark that shows the new text
---@field old string
---@field text string
---@field sentence integer

---@class shadowpen.Correction
---@field buf integer
---@field verb string
---@field changes shadowpen.Change[] those not decided yet
---@field work shadowpen.Work? while the server looks
---@field give_back fun()? the keys

local job ---@type shadowpen.Correction?
local keys = {} ---@type table<string, string>

local function close()
  local closed = job
  job = nil
  if closed and api.nvim_buf_is_loaded(closed.buf) then
    api.nvim_buf_clear_namespace(closed.buf, space, 0, -1)
    if closed.give_back then
      closed.give_back()
    end
  end
  return closed
end

--- Leave what is not taken yet, and stop looking for more; returns whether there was any.
function M.discard()
  local closed = close()
  if closed and closed.work then
    closed.work.stop()
  end
  return closed ~= nil
end

--- Where the old text of a change stands now; nil where it is another text by now.
---@param change shadowpen.Change
---@return shadowpen.Span?
local function place(change)
  local row, col, details = unpack(api.nvim_buf_get_extmark_by_id(job.buf, space, change.mark, { details = true }))
  if not row then
    return nil
  end
  local span = { row = row, col = col, end_row = details.end_row, end_col = details.end_col }
  local there = api.nvim_buf_get_text(job.buf, span.row, span.col, span.end_row, span.end_col, {})
  return table.concat(there, "\n") == change.old and span or nil
end

local function hint()
  local what = job.verb == "correct" and "correction" or "change"
  local parts = { say(("%%d %s%s"):format(what, #job.changes == 1 and "" or "s"), #job.changes) }
  for _, name in ipairs(M.KEYS) do
    if keys[name] ~= "" then
      parts[#parts + 1] = ("%s: %s"):format(say(LABELS[name]), keys[name])
    end
  end
  return table.concat(parts, "  ")
end

--- The cursor stands at the sentence that the keys are about; the hint below the last change.
local function draw()
  local last
  for _, change in ipairs(job.changes) do
    local span = place(change)
    last = span and math.max(last or 0, span.end_row) or last
  end
  if not last then
    return close()
  end
  preview.draw(job.buf, space, HINT, last, "", hint())
  local span = place(job.changes[1])
  if span and api.nvim_get_current_buf() == job.buf then
    api.nvim_win_set_cursor(0, { span.row + 1, span.col })
  end
end

--- Decide the changes for which `wanted` says yes: make them in one undo step, or leave them.
local function decide(wanted, made)
  local chosen, left = {}, {}
  for _, change in ipairs(job.changes) do
    table.insert(wanted(change) and chosen or left, change)
  end
  local stale = 0
  if made then
    api.nvim_buf_call(job.buf, function()
      undo.step(function()
        for i = #chosen, 1, -1 do
          local span = place(chosen[i])
          if span then
            local lines = vim.split(chosen[i].text, "\n", { plain = true })
            api.nvim_buf_set_text(job.buf, span.row, span.col, span.end_row, span.end_col, lines)
          else
            stale = stale + 1
          end
        end
      end)
    end)
  end
  for _, change in ipairs(chosen) do
    api.nvim_buf_del_extmark(job.buf, space, change.mark)
    api.nvim_buf_del_extmark(job.buf, space, change.beside)
  end
  job.changes = left
  if #left == 0 then
    close()
  else
    draw()
  end
  if stale > 0 then
    tell(say("%d of them changed meanwhile and were left as they are.", stale))
  end
end

local function ready()
  if job and job.work then
    tell(say("the text is still being read."))
  end
  return job ~= nil and not job.work
end

--- Make all corrections that are left.
function M.take()
  if ready() then
    decide(function()
      return true
    end, true)
  end
end

local function of_first_sentence()
  local sentence = job.changes[1].sentence
  return function(change)
    return change.sentence == sentence
  end
end

--- Make the corrections of the first sentence that is left, and go on to the next.
function M.take_sentence()
  if ready() then
    decide(of_first_sentence(), true)
  end
end

--- Leave that sentence as it is, and go on to the next.
function M.next()
  if ready() then
    decide(of_first_sentence(), false)
  end
end

---@param given { range: table, text: string, sentence: integer }
local function mark(of, given)
  local buf, from, to = job.buf, given.range.start, given.range["end"]
  local row, col = from.line, client.column(of, buf, from)
  local end_row, end_col = to.line, client.column(of, buf, to)
  local old = table.concat(api.nvim_buf_get_text(buf, row, col, end_row, end_col, {}), "\n")
  local shown = given.text:gsub("\n", "↵")
  local id = HINT + 2 * #job.changes + 1
  api.nvim_buf_set_extmark(buf, space, row, col, {
    id = id,
    end_row = end_row,
    end_col = end_col,
    hl_group = "ShadowpenOld",
    undo_restore = false,
  })
  api.nvim_buf_set_extmark(buf, space, end_row, end_col, {
    id = id + 1,
    virt_text = { { shown, "ShadowpenNew" } },
    virt_text_pos = "inline",
    undo_restore = false,
  })
  table.insert(job.changes, { mark = id, beside = id + 1, old = old, text = given.text, sentence = given.sentence })
end

local function watch()
  local mine = job
  local function gone()
    if job ~= mine then
      return true -- detach
    end
    vim.schedule(function()
      if job == mine then
        M.discard()
      end
    end)
  end
  api.nvim_buf_attach(job.buf, false, { on_reload = gone, on_detach = gone })
end

local function arrived(of, tick, result)
  job.work = nil
  local changes = type(result) == "table" and result.changes
  if not changes then
    close() -- the server told why
  elseif #changes == 0 then
    close()
    tell(result.reason ~= "" and result.reason or say("there is nothing to change here."))
  elseif api.nvim_buf_get_changedtick(job.buf) ~= tick then
    close()
    tell(say("the text changed, so the changes were dropped."))
  else
    for _, given in ipairs(changes) do
      mark(of, given)
    end
    local actions = { take = M.take, take_sentence = M.take_sentence, next = M.next, discard = M.discard }
    job.give_back = temporary_keys.map(job.buf, keys, actions)
    draw()
  end
end

--- Have `verb` look at `range`, as the server counts, and show what it would change.
function M.start(buf, of, range, verb, options)
  notes.leave_visual_mode() -- the keys are of normal mode
  M.discard()
  local tick = api.nvim_buf_get_changedtick(buf)
  job = { buf = buf, verb = verb, changes = {} }
  local mine = job
  watch()
  local arguments = { vim.uri_from_bufnr(buf), range, verb, options }
  job.work = work.start(of, COMMAND, arguments, function() end, function(reason, result)
    if job == mine then
      arrived(of, tick, result)
      if type(result) ~= "table" and reason ~= "" then
        tell(reason)
      end
    end
  end)
end

function M.setup(options)
  keys = options.keys
end

return M
