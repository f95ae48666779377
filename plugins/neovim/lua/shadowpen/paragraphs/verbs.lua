--- Verbs on lines of a buffer: the server sends one edit, refused if the text has changed.
---
--- Corrections and rewriting are shown first. Knows nothing of what a verb does.
local client = require("shadowpen.client")
local correction = require("shadowpen.paragraphs.correction")
local notes = require("shadowpen.paragraphs.notes")
local say = require("shadowpen.words").say
local tell = require("shadowpen.status").tell
local work = require("shadowpen.paragraphs.work")

local api = vim.api
local M = {}

local COMMAND = "shadowpen.verb"

--- What can be asked for, and the forms that some take.
M.NAMES = { "correct", "rewrite", "summarize", "outline", "reformat" }
M.FORMS = {
  reformat = { "list", "prose", "table", "plain", "markdown" },
  rewrite = { "shorter", "plainer", "formal", "friendlier" },
}
--- Whose edits are shown before they are made.
local SHOWN = { correct = true, rewrite = true }

local job ---@type shadowpen.Work?

--- Stop what is under way; returns whether anything was.
function M.cancel()
  local stopped = job
  job = nil
  if stopped then
    stopped.stop()
  end
  return stopped ~= nil
end

---@param range table? as the server counts
local function order(buf, of, verb, options, range)
  if options.preview then
    return correction.start(buf, of, range, verb, options)
  end
  local mine
  mine = work.start(of, COMMAND, { vim.uri_from_bufnr(buf), range, verb, options }, function() end, function()
    if job == mine then
      job = nil -- a refusal is told by the server
    end
  end)
  job = mine
end

--- Carry out `verb` on a span, or on the paragraph at the cursor.
---@param verb string
---@param to string? the form of what comes of it
---@param span shadowpen.Span?
---@param at_once boolean? make corrections without showing them
function M.run(verb, to, span, at_once)
  local buf = api.nvim_get_current_buf()
  local of = client.of(buf)
  if not of then
    local _, reason = client.wanted(buf)
    return tell(say("this does not work here: %s.", reason or say("the server is not ready")))
  elseif not vim.bo[buf].modifiable then
    return tell(say("this does not work here: 'nomodifiable' is set."))
  end
  require("shadowpen").cancel()
  require("shadowpen.ghost").clear()
  local row, col = unpack(api.nvim_win_get_cursor(0))
  span = span or { row = row - 1, col = col, end_row = row - 1, end_col = col }
  local range = {
    start = client.position(of, buf, span.row, span.col),
    ["end"] = client.position(of, buf, span.end_row, span.end_col),
  }
  local preview = SHOWN[verb] and not at_once or nil
  local options = (to or preview) and { to = to, preview = preview } or vim.empty_dict()
  order(buf, of, verb, options, range)
end

--- The server's command, chosen as a code action: the same, corrections with the preview.
function M.code_action(command, context)
  local of = client.of(context.bufnr)
  local _, range, verb, options = unpack(command.arguments)
  if of then
    require("shadowpen").cancel()
    order(context.bufnr, of, verb, SHOWN[verb] and vim.tbl_extend("force", options, { preview = true }) or options, range)
  end
end

--- `:ShadowpenRun`, as it was called.
function M.command(called)
  local verb, to = called.fargs[1], called.fargs[2]
  M.run(verb, to, called.range > 0 and notes.of_lines(called.line1, called.line2) or nil, called.bang)
end

--- What may stand at the cursor of the command line.
function M.complete(_, line)
  local words = vim.split(vim.trim(line:gsub("^.-ShadowpenRun", "")), "%s+")
  return M.FORMS[words[1]] or M.NAMES
end

return M
