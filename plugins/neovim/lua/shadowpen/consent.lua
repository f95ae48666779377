--- The one question before anything is stored: in a small window once the writer leaves insert mode, and in
--- :ShadowpenStatus. It takes no keys. Knows nothing of what is kept.
local M = {}

local say = require("shadowpen.words").say

local api = vim.api
local ANSWER = "Answer with :ShadowpenLearn on, :ShadowpenLearn on accepted, or :ShadowpenLearn off."
local HOW_TO_ANSWER = "shadowpen learn on|off" -- in the server's own line, for editors without this window
local WIDTH = 60

local question = ""
local shown = false -- in this session
local window ---@type integer?
local group

local function close()
  if window and api.nvim_win_is_valid(window) then
    api.nvim_win_close(window, true)
  end
  window = nil
end

local function show()
  if question == "" or shown or vim.startswith(api.nvim_get_mode().mode, "i") then
    return
  end
  shown = true
  local width = math.min(WIDTH, vim.o.columns - 4)
  local wrapped = require("shadowpen.ghost").wrapped
  local lines = wrapped(question, width)
  vim.list_extend(lines, wrapped(say(ANSWER), width))
  local buf = api.nvim_create_buf(false, true)
  api.nvim_buf_set_lines(buf, 0, -1, false, lines)
  vim.bo[buf].bufhidden = "wipe"
  window = api.nvim_open_win(buf, false, {
    relative = "editor",
    anchor = "SE",
    row = vim.o.lines - vim.o.cmdheight - 1,
    col = vim.o.columns,
    width = width,
    height = #lines,
    style = "minimal",
    border = "single",
    focusable = false,
    noautocmd = true,
  })
end

--- What the server says is still to be answered; "" or nil for nothing.
---@param asked string?
function M.heed(asked)
  question = type(asked) == "string" and asked or ""
  if question == "" then
    close()
  elseif not group then
    group = api.nvim_create_augroup("shadowpen.consent", {})
    api.nvim_create_autocmd("InsertLeave", { group = group, callback = vim.schedule_wrap(show) })
    api.nvim_create_autocmd("InsertEnter", { group = group, callback = close })
    vim.schedule(show)
  end
end

--- Whether a message of the server's is the question, which has its place here.
---@param message string
function M.is_question(message)
  return question ~= "" and message:find(HOW_TO_ANSWER, 1, true) ~= nil
end

--- For :ShadowpenStatus.
---@return string[]
function M.lines()
  return question ~= "" and { question, say(ANSWER) } or {}
end

return M
