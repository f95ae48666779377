--- The server's last status, and how it is shown. Knows neither processes nor ghost text.
local M = {}

local say = require("shadowpen.words").say

---@class shadowpen.State
---@field state "off"|"starting"|"ready"|"busy"|"inactive"|"paused"|"error"
---@field message? string one sentence
---@field hint? string what to do about it
---@field model? string
---@field modelName? string the model in words
---@field manual? boolean ghost text comes on the writer's key only
---@field pausedUntil? number seconds since 1970; vim.NIL: no end was set
---@field training? { message: string, fraction?: number } a training run that goes on; vim.NIL when none does
---@field question? string what the writer has not answered yet; "" when there is nothing
---@field documentState? { uri: string, state: string, reason?: string }

local state = { state = "off" } ---@type shadowpen.State
local last_told = ""
local documents = {} ---@type table<string, { state: string, reason?: string }> by uri

---@return shadowpen.State
function M.current()
  return state
end

--- What the server said about the document of `buf`, if anything.
function M.document(buf)
  return documents[vim.uri_from_bufnr(buf)]
end

local function sentence(told)
  return table.concat(vim.tbl_filter(function(part)
    return type(part) == "string" and part ~= ""
  end, { told.message, told.hint }), " ")
end

--- Tell the writer something in one line: a longer message would stop the typing with a prompt, so its end is left to
--- :ShadowpenStatus. Scheduled, as Neovim wipes what is said while it starts.
function M.tell(text)
  last_told = text
  local line, room = text:gsub("%s*\n%s*", " "), vim.v.echospace
  line = vim.startswith(line, "Shadowpen") and line or say("Shadowpen: %s", line)
  if vim.fn.strdisplaywidth(line) > room then
    local more = " … :ShadowpenStatus"
    line = vim.fn.strcharpart(line, 0, room - vim.fn.strdisplaywidth(more)) .. more
  end
  vim.schedule(function()
    vim.notify(line, vim.log.levels.WARN)
  end)
end

--- What M.component() says may be another thing now. What else stands in the writer's own statusline may fail when it is
--- drawn; Neovim tells that, and it stops nothing here.
function M.show()
  vim.api.nvim_exec_autocmds("User", { pattern = "ShadowpenStatus", modeline = false })
  pcall(vim.cmd.redrawstatus)
end

--- Take over what the server notified. It tells its errors itself, as messages; this only shows in M.component().
---@param told shadowpen.State
function M.set(told)
  if told.documentState then
    documents[told.documentState.uri] = told.documentState
  end
  state = vim.tbl_extend("force", { model = state.model, training = state.training, question = state.question }, told)
  require("shadowpen.consent").heed(state.question)
  M.show()
end

--- The plugin's own error.
function M.fail(message, hint)
  M.set({ state = "error", message = message, hint = hint })
  M.tell(sentence(state))
end

--- " (learning 21%)" while a training run goes on.
local function learning()
  if type(state.training) ~= "table" then
    return ""
  end
  local fraction = state.training.fraction
  return type(fraction) == "number" and (" (learning %d%%)"):format(100 * fraction) or " (learning)"
end

--- For a statusline: "" where Shadowpen is not meant, else e.g. "shadowpen: ready".
function M.component()
  local buf = vim.api.nvim_get_current_buf()
  local client = require("shadowpen.client")
  if not client.wanted(buf) then
    return ""
  end
  if require("shadowpen.paragraphs.work").active() then
    return "shadowpen: writing"
  end
  local document = M.document(buf)
  local inactive = document and document.state == "inactive" and state.state ~= "error"
  local shown = state.state == "ready" and state.manual == true and "manual" or state.state
  return "shadowpen: " .. (inactive and "inactive" or shown) .. learning()
end

--- Whole sentences for :ShadowpenStatus.
---@return string[]
function M.report()
  local buf = vim.api.nvim_get_current_buf()
  local name = state.modelName or state.model
  local model = type(name) == "string" and name ~= "" and (" (%s)"):format(name) or ""
  local lines = { vim.trim(say("Shadowpen: %s%s. %s", say(state.state), model, sentence(state))) }
  local client = require("shadowpen.client")
  local wanted, reason = client.wanted(buf)
  local document = M.document(buf)
  if not wanted then
    lines[#lines + 1] = say("This buffer: off, %s.", reason)
  elseif document and document.state == "inactive" then
    lines[#lines + 1] = say("This buffer: inactive. %s", document.reason or "")
  else
    lines[#lines + 1] = client.of(buf) and say("This buffer: on.") or say("This buffer: waiting for the server.")
  end
  vim.list_extend(lines, require("shadowpen.consent").lines())
  if last_told ~= "" and not lines[1]:find(last_told, 1, true) then
    lines[#lines + 1] = say("Last message: %s", last_told)
  end
  return lines
end

return M
