--- Continue a paragraph by a server command: its text is shown while it is written, and ends in one edit.
---
--- The edit is refused when the text is not the one it was made for, and it is one undo step. Knows nothing of how
--- the text is made.
local client = require("shadowpen.client")
local nameless = require("shadowpen.buffers.nameless")
local preview = require("shadowpen.paragraphs.preview")
local say = require("shadowpen.words").say
local tell = require("shadowpen.status").tell
local undo = require("shadowpen.undo")
local work = require("shadowpen.paragraphs.work")

local api = vim.api
local M = {}

local COMMAND = "shadowpen.continue"
local space = api.nvim_create_namespace("shadowpen.continuation")
local group = api.nvim_create_augroup("shadowpen.continuation", {})

---@class shadowpen.Job
---@field buf integer
---@field row integer where the paragraph ends, 0-based
---@field work shadowpen.Work

local job ---@type shadowpen.Job?

local function finish()
  if job and api.nvim_buf_is_valid(job.buf) then
    api.nvim_buf_clear_namespace(job.buf, space, 0, -1)
  end
  api.nvim_clear_autocmds({ group = group })
  job = nil
end

--- Stop writing; returns whether anything was being written.
function M.cancel()
  local stopped = job
  finish()
  if stopped then
    stopped.work.stop()
  end
  return stopped ~= nil
end

--- Where the text goes on: the cursor in insert mode, else the end of the paragraph the cursor is in.
---@return integer row 0-based, integer col bytes
local function place(buf)
  local row, col = unpack(api.nvim_win_get_cursor(0))
  if api.nvim_get_mode().mode:sub(1, 1) == "i" then
    return row - 1, col
  end
  local lines = api.nvim_buf_get_lines(buf, row - 1, -1, false)
  local last = 1
  while lines[last + 1] and lines[last + 1]:find("%S") and lines[last]:find("%S") do
    last = last + 1
  end
  return row + last - 2, #lines[last]
end

local function watch(tick)
  api.nvim_create_autocmd({ "TextChanged", "TextChangedI", "TextChangedP" }, {
    group = group,
    buffer = job.buf,
    callback = function()
      if job and api.nvim_buf_get_changedtick(job.buf) ~= tick and M.cancel() then
        tell(say("the text changed, so its continuation was dropped."))
      end
    end,
  })
end

--- Ask the server to go on with the paragraph; the text comes as an edit.
function M.start()
  local buf = api.nvim_get_current_buf()
  local of = client.of(buf)
  if not of then
    local _, reason = client.wanted(buf)
    return tell(say("no continuation here: %s.", reason or say("the server is not ready")))
  end
  require("shadowpen").cancel()
  require("shadowpen.ghost").clear()
  local row, col = place(buf)
  job = { buf = buf, row = row }
  local mine = job
  local arguments = { vim.uri_from_bufnr(buf), client.position(of, buf, row, col) }
  job.work = work.start(of, COMMAND, arguments, function(text)
    if job == mine then
      preview.draw(buf, space, 1, row, text)
    end
  end, function(reason)
    if job ~= mine then
      return -- put into the text already
    end
    finish()
    if reason ~= "" then
      tell(reason)
    end
  end)
  watch(api.nvim_buf_get_changedtick(buf))
end

--- Whether every document of `edit` still is at the version the edit was made for.
local function up_to_date(edit)
  for _, change in ipairs(edit.documentChanges or {}) do
    local document = change.textDocument
    if document and type(document.version) == "number" then
      if vim.lsp.util.buf_versions[nameless.buffer_of(document.uri)] ~= document.version then
        return false
      end
    end
  end
  return true
end

--- `workspace/applyEdit` of our server. Neovim's own handler answers "applied" to an edit it dropped as too old.
function M.apply_edit(_, params, context)
  local of = vim.lsp.get_client_by_id(context.client_id)
  finish()
  if not of or not up_to_date(params.edit) then
    return { applied = false, failureReason = "the text changed meanwhile" } -- which the server tells
  end
  undo.step(function()
    local row, col = unpack(api.nvim_win_get_cursor(0))
    local cursor = api.nvim_buf_set_extmark(0, space, row - 1, col, {}) -- text put in at the cursor goes before it
    nameless.apply(params.edit, of.offset_encoding)
    row, col = unpack(api.nvim_buf_get_extmark_by_id(0, space, cursor, {}))
    api.nvim_buf_del_extmark(0, space, cursor)
    api.nvim_win_set_cursor(0, { row + 1, col })
  end)
  return { applied = true }
end

return M
