--- Going on with a paragraph: one server command that takes seconds, shows what it writes, and ends in one edit.
---
--- The edit is refused when the text is not the one it was made for, and it is one undo step. Knows nothing of how
--- the text is made.
local ghost_highlight = "ShadowpenGhost"
local tell = require("shadowpen.status").tell
local undo = require("shadowpen.undo")

local api = vim.api
local M = {}

local COMMAND = "shadowpen.continue"
local space = api.nvim_create_namespace("shadowpen.continuation")
local group = api.nvim_create_augroup("shadowpen.continuation", {})

---@class shadowpen.Job
---@field buf integer
---@field row integer where the paragraph ends, 0-based
---@field token string
---@field stop fun()

local job ---@type shadowpen.Job?
local started = 0

function M.running()
  return job ~= nil
end

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
    stopped.stop()
  end
  return stopped ~= nil
end

--- Show the text so far below the paragraph.
local function preview(text)
  local window = vim.fn.getwininfo(api.nvim_get_current_win())[1]
  local lines = {}
  for _, line in ipairs(require("shadowpen.ghost").wrapped(text, window.width - window.textoff)) do
    lines[#lines + 1] = { { line, ghost_highlight } }
  end
  api.nvim_buf_set_extmark(job.buf, space, job.row, 0, { id = 1, virt_lines = lines })
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

local function watch(client_id, tick)
  api.nvim_create_autocmd("LspProgress", {
    group = group,
    callback = function(event)
      local value = event.data.params.value
      if event.data.client_id == client_id and job and type(value.message) == "string" then
        preview(value.message)
      end
    end,
  })
  api.nvim_create_autocmd({ "TextChanged", "TextChangedI", "TextChangedP" }, {
    group = group,
    buffer = job.buf,
    callback = function()
      if job and api.nvim_buf_get_changedtick(job.buf) ~= tick and M.cancel() then
        tell("the text changed, so its continuation was dropped.")
      end
    end,
  })
end

--- Ask the server to go on with the paragraph; the text comes as an edit.
function M.start()
  local client = require("shadowpen.client")
  local buf = api.nvim_get_current_buf()
  local of = client.of(buf)
  if not of then
    local _, reason = client.wanted(buf)
    return tell(("no continuation here: %s."):format(reason or "the server is not ready"))
  end
  M.cancel()
  require("shadowpen.ghost").clear()
  started = started + 1
  local token = "shadowpen.continue." .. started
  local row, col = place(buf)
  local at = vim.lsp.util.make_given_range_params({ row + 1, col }, { row + 1, col }, buf, of.offset_encoding)
  local arguments = { at.textDocument.uri, at.range.start }
  job = { buf = buf, row = row, token = token }
  local mine = job
  local id = client.execute(of, COMMAND, arguments, token, function(err, result)
    if job ~= mine then
      return -- stopped, or put into the text already
    end
    finish()
    local reason = err and err.message or type(result) == "table" and result.reason
    if type(reason) == "string" and reason ~= "" then
      tell(reason)
    end
  end)
  job.stop = function()
    client.notify(of, "window/workDoneProgress/cancel", { token = token })
    client.cancel(of, id)
  end
  watch(of.id, api.nvim_buf_get_changedtick(buf))
end

--- Whether every document of `edit` still is at the version the edit was made for.
local function up_to_date(edit)
  for _, change in ipairs(edit.documentChanges or {}) do
    local document = change.textDocument
    if document and type(document.version) == "number" then
      if vim.lsp.util.buf_versions[vim.uri_to_bufnr(document.uri)] ~= document.version then
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
    vim.lsp.util.apply_workspace_edit(params.edit, of.offset_encoding)
    row, col = unpack(api.nvim_buf_get_extmark_by_id(0, space, cursor, {}))
    api.nvim_buf_del_extmark(0, space, cursor)
    api.nvim_win_set_cursor(0, { row + 1, col })
  end)
  return { applied = true }
end

return M
