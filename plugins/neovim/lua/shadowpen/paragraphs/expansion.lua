--- Expand notes: the paragraph is shown below them, then accepted, changed, skipped or discarded.
---
--- Nothing in the buffer changes before the writer takes a paragraph; that is one undo step, and refused when the
--- buffer is not what it was when the server read it. Knows nothing of how the text is made.
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

local COMMAND = "shadowpen.expand"
local CANDIDATES = 3 -- at a time
local MARK = 1
--- What the built-in model can do with a paragraph; a server's model takes any words.
local TURNS = {
  "shorter",
  "longer",
  "another beginning",
  "another wording",
  "less formal",
  "more formal",
  "mention …",
  "something else …",
}
local space = api.nvim_create_namespace("shadowpen.expansion")
local group = api.nvim_create_augroup("shadowpen.expansion", {})

---@class shadowpen.Expansion
---@field buf integer
---@field span shadowpen.Span of the notes
---@field arguments table uri and range, as the server wants them
---@field candidates { text: string, missing: string[] }[]
---@field shown integer which of them
---@field seed integer of the newest ones
---@field changed boolean whether the buffer is no longer what the server read
---@field work shadowpen.Work? while the server writes
---@field give_back fun() the keys

local job ---@type shadowpen.Expansion?
local keys = {} ---@type table<string, string> by the name of what they do to a preview

--- The names of the keys that work while a preview is shown, in the order of the hint.
M.KEYS = { "take", "next", "change", "discard" }

--- What a key does to the preview as it is now; nil for nothing.
local function label(name)
  if name == "discard" then
    return name
  elseif job.work or (name == "next" and job.changed and job.shown == #job.candidates) then
    return nil
  elseif name == "change" and job.changed then
    return nil
  end
  return name == "take" and job.changed and "yank" or name
end

local function hint()
  local parts = { job.work and say("writing …") or say("%d of %d", job.shown, #job.candidates) }
  local candidate = not job.work and job.candidates[job.shown]
  if candidate and #candidate.missing > 0 then
    parts[#parts + 1] = say("left out: %s", table.concat(candidate.missing, ", "))
  end
  for _, name in ipairs(M.KEYS) do
    local does = keys[name] ~= "" and label(name)
    if does then
      parts[#parts + 1] = ("%s: %s"):format(say(does), keys[name])
    end
  end
  return table.concat(parts, "  ")
end

--- The mark moves with the text, so the preview stays below its notes.
local function draw(text)
  local row = api.nvim_buf_get_extmark_by_id(job.buf, space, MARK, {})[1] or job.span.end_row
  preview.draw(job.buf, space, MARK, row, text or job.candidates[job.shown].text, hint())
end

local function close()
  local closed = job
  job = nil
  api.nvim_clear_autocmds({ group = group })
  if closed and api.nvim_buf_is_loaded(closed.buf) then
    api.nvim_buf_clear_namespace(closed.buf, space, 0, -1)
    closed.give_back()
  end
  return closed
end

--- Drop the preview, and stop what is being written; returns whether there was any.
function M.discard()
  local closed = close()
  if closed and closed.work then
    closed.work.stop()
  end
  return closed ~= nil
end

--- The text is no longer what the server read: what is being written is dropped, what is there may still be yanked.
local function touched()
  if job.work and #job.candidates == 0 then
    M.discard()
    return tell(say("the text changed, so the paragraph was dropped."))
  elseif job.work then
    job.work.stop()
    job.work = nil
  end
  draw()
end

--- Follow the buffer through every window and every way to change it.
local function watch()
  local mine = job
  local function later(run)
    return function(event)
      if job ~= mine then
        return true -- detach
      end
      mine.changed = mine.changed or event == "lines" -- at once: the next key may come before what is scheduled
      vim.schedule(function()
        if job == mine then
          run()
        end
      end)
    end
  end
  api.nvim_buf_attach(job.buf, false, {
    on_lines = later(touched),
    on_reload = later(M.discard),
    on_detach = later(M.discard),
  })
  api.nvim_create_autocmd("WinResized", {
    group = group,
    callback = later(function()
      if not job.work then
        draw()
      end
    end),
  })
end

local function arrived(reason, result)
  job.work = nil
  local known = #job.candidates
  local texts = type(result) == "table" and type(result.candidates) == "table" and result.candidates or {}
  for i, text in ipairs(texts) do
    job.candidates[known + i] = { text = text, missing = result.missing[i] or {} }
  end
  if #texts == 0 and reason ~= "" then
    tell(reason)
  end
  if #job.candidates == 0 then
    close()
  else
    job.shown = #texts > 0 and known + 1 or job.shown
    draw()
  end
end

--- Ask for paragraphs; `turn` says what to change in the one that is shown.
---@param turn string?
local function ask(turn)
  local mine = job
  local of = client.of(job.buf)
  if not of then
    return tell(say("the server is not ready."))
  end
  local options = { preview = true, seed = job.seed, candidates = CANDIDATES }
  if turn then
    options.turn, options.shown = turn, job.candidates[job.shown].text
  end
  job.work = work.start(of, COMMAND, { job.arguments[1], job.arguments[2], options }, function(text)
    if job == mine then
      draw(text)
    end
  end, function(reason, result)
    if job == mine then
      arrived(reason, result)
    end
  end)
  draw("")
end

---@param span shadowpen.Span
local function start(buf, span)
  notes.leave_visual_mode() -- the keys of a preview are of normal mode
  local of = client.of(buf)
  if not of then
    local _, reason = client.wanted(buf)
    return tell(say("no expansion here: %s.", reason or say("the server is not ready")))
  elseif not vim.bo[buf].modifiable then
    return tell(say("no expansion here: 'nomodifiable' is set."))
  end
  local whole = notes.without_blanks(buf, span)
  if not whole then
    return tell(say("there are no notes to expand: select some words first."))
  end
  require("shadowpen").cancel()
  require("shadowpen.ghost").clear()
  local range = {
    start = client.position(of, buf, whole.row, whole.col),
    ["end"] = client.position(of, buf, whole.end_row, whole.end_col),
  }
  job = { buf = buf, span = whole, arguments = { vim.uri_from_bufnr(buf), range } }
  job.candidates, job.shown, job.seed, job.changed = {}, 0, 0, false
  job.give_back = temporary_keys.map(buf, keys, { take = M.take, next = M.next, change = M.change, discard = M.discard })
  watch()
  ask()
end

--- Expand lines of the current buffer, counted from 1; where they are the last selection, what was selected of them.
function M.lines(first, last)
  start(api.nvim_get_current_buf(), notes.of_lines(first, last))
end

--- Expand what is selected; without a selection the line.
function M.selection()
  start(api.nvim_get_current_buf(), notes.of_selection())
end

--- The server's command, chosen as a code action: the same, with the preview.
function M.code_action(command, context)
  local of = client.of(context.bufnr)
  local range = command.arguments[2]
  if of then
    start(context.bufnr, {
      row = range.start.line,
      col = client.column(of, context.bufnr, range.start),
      end_row = range["end"].line,
      end_col = client.column(of, context.bufnr, range["end"]),
    })
  end
end

local function busy()
  if job and job.work then
    tell(say("the paragraph is still being written."))
  end
  return not job or job.work ~= nil
end

--- Put the paragraph in the place of its notes; where they changed, into the unnamed register.
function M.take()
  if busy() then
    return
  end
  local taken = assert(close())
  local buf, span, text = taken.buf, taken.span, taken.candidates[taken.shown].text
  if taken.changed or not vim.bo[buf].modifiable then
    vim.fn.setreg('"', text)
    return tell(say("the text changed meanwhile; p inserts the paragraph."))
  end
  local lines = vim.split(text, "\n", { plain = true })
  api.nvim_buf_call(buf, function()
    undo.step(function()
      api.nvim_buf_set_text(buf, span.row, span.col, span.end_row, span.end_col, lines)
    end)
  end)
  if api.nvim_get_current_buf() == buf then
    local col = #lines == 1 and span.col + #text or #lines[#lines]
    api.nvim_win_set_cursor(0, { span.row + #lines, math.max(0, col - 1) })
  end
end

--- Show the next paragraph; behind the last of them, ask for more.
function M.next()
  if busy() then
    return
  elseif job.shown < #job.candidates then
    job.shown = job.shown + 1
    draw()
  elseif job.changed then
    tell(say("the text changed, so there are no more paragraphs of it."))
  else
    job.seed = job.seed + 1
    ask()
  end
end

--- Ask for the paragraph that is shown in another way, in the writer's own words.
---@param turn string such as "shorter"
function M.turn(turn)
  turn = vim.trim(turn)
  if turn == "" or busy() then
    return
  elseif job.changed then
    return tell(say("the text changed, so there are no more paragraphs of it."))
  end
  ask(turn)
end

--- Let the writer choose what to change.
function M.change()
  if busy() then
    return
  end
  local mine = job
  local function wish(turn)
    if job == mine and turn then
      M.turn(turn)
    end
  end
  vim.ui.select(TURNS, { prompt = say("Change the paragraph:"), format_item = say }, function(chosen)
    if chosen == "mention …" then
      vim.ui.input({ prompt = say("Mention: ") }, function(words)
        wish(words and vim.trim(words) ~= "" and "mention " .. vim.trim(words) or nil)
      end)
    elseif chosen == "something else …" then
      vim.ui.input({ prompt = say("Change it like this: ") }, wish)
    else
      wish(chosen)
    end
  end)
end

function M.setup(options)
  keys = options.keys
end

return M
