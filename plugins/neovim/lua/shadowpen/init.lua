--- Shadowpen's ghost text in Neovim: setup() and what keys and commands call. See |shadowpen|.
local M = {}

local say = require("shadowpen.words").say

---@class shadowpen.Options
---@field cmd string[] the language server's command line
---@field filetypes table<string, boolean> where ghost text is meant; merged with the defaults
---@field throttle_ms integer minimum time between requests in milliseconds
---@field keys table<string, string> keys by action; "" maps none
local defaults = {
  cmd = require("shadowpen.installation").command(),
  filetypes = {
    asciidoc = true,
    gitcommit = true,
    mail = true,
    markdown = true,
    org = true,
    pandoc = true,
    plaintex = true,
    quarto = true,
    rst = true,
    tex = true,
    text = true,
    typst = true,
  },
  throttle_ms = 25,
  keys = {
    accept = "<Tab>",
    accept_word = "<C-Right>",
    accept_sentence = "<M-Right>",
    accept_line = "<C-Down>",
    dismiss = "<C-]>",
    trigger = "<M-\\>",
    next_ghost = "<M-]>",
    previous_ghost = "<M-[>",
    continue = "<M-CR>",
    expand = "<M-CR>",
    take = "<Tab>",
    take_sentence = "<M-Right>",
    next = "<C-n>",
    change = "<C-t>",
    discard = "<Esc>",
  },
}

--- `given` over `default` where its type fits; what does not fit is named in `wrong` and left at its default.
local function merged(default, given, path, wrong)
  local result = vim.deepcopy(default)
  for key, value in pairs(given) do
    local name = path .. tostring(key)
    if default[key] == nil and path ~= "filetypes." then
      wrong[#wrong + 1] = ("there is no option %s"):format(name)
    elseif default[key] ~= nil and type(value) ~= type(default[key]) then
      wrong[#wrong + 1] = ("%s must be a %s"):format(name, type(default[key]))
    elseif type(value) == "table" and key ~= "cmd" then
      result[key] = merged(default[key], value, name .. ".", wrong)
    else
      result[key] = value
    end
  end
  return result
end

local options ---@type shadowpen.Options?

--- The options in force; nil before setup().
function M.options()
  return options
end

local function listen()
  local client, ghost = require("shadowpen.client"), require("shadowpen.ghost")
  local highlights = require("shadowpen.highlights")
  local group = vim.api.nvim_create_augroup("shadowpen", {})
  local function on(events, callback)
    vim.api.nvim_create_autocmd(events, { group = group, callback = callback })
  end
  local function in_wanted(callback)
    return function(event)
      if client.of(event.buf) then
        callback()
      end
    end
  end
  on({ "FileType", "BufFilePost", "BufWritePost" }, function(event)
    vim.schedule(function() -- after the writer's own autocommands, which may switch the buffer off
      client.refresh(event.buf)
    end)
  end)
  on("BufEnter", client.entered)
  on({ "BufFilePre", "BufDelete" }, client.naming) -- writing a nameless buffer to a file deletes it, in a sense
  on("FocusGained", client.focus)
  on("InsertEnter", client.writing)
  on("CursorMoved", client.moved)
  on({ "TextChangedI", "TextChangedP" }, in_wanted(ghost.text_changed))
  on("CursorMovedI", in_wanted(ghost.cursor_moved))
  on("InsertEnter", in_wanted(ghost.insert_entered))
  on({ "InsertLeave", "BufLeave", "CompleteChanged", "RecordingEnter" }, ghost.clear)
  on("SafeState", ghost.insert_left) -- <C-c> leaves insert mode without InsertLeave
  on({ "ColorScheme", "UIEnter" }, highlights.set)
end

---@param given? table see |shadowpen-options|
function M.setup(given)
  if vim.fn.has("nvim-0.10") == 0 then
    vim.notify(say("Shadowpen needs Neovim 0.10 or newer."), vim.log.levels.ERROR)
    return
  end
  local wrong = {}
  options = merged(defaults, given or {}, "", wrong)
  if #wrong > 0 then
    require("shadowpen.status").tell(table.concat(wrong, "; ") .. ".")
  end
  require("shadowpen.highlights").set()
  require("shadowpen.ghost").setup(options)
  require("shadowpen.paragraphs.expansion").setup(options)
  require("shadowpen.paragraphs.correction").setup(options)
  listen()
  require("shadowpen.client").setup(options)
end

function M.accept()
  return require("shadowpen.accept").all()
end

function M.accept_word()
  return require("shadowpen.accept").word()
end

function M.accept_sentence()
  return require("shadowpen.accept").sentence()
end

function M.accept_line()
  return require("shadowpen.accept").line()
end

--- Wave ghost text away, so that it is not offered here again, and stop a continuation or an expansion.
---@return boolean dropped
function M.dismiss()
  local shown = require("shadowpen.ghost").dismiss()
  return M.cancel() or shown
end

--- Drop ghost text until the text changes again, without any judgement on it: for a menu that opens.
---@return boolean dropped
function M.hide()
  local shown = require("shadowpen.ghost").rest() ~= nil
  require("shadowpen.ghost").clear()
  return shown
end

--- Show another text in the place of the ghost text, or ask for one.
function M.next_ghost()
  require("shadowpen.ghost").alternative(1)
end

function M.previous_ghost()
  require("shadowpen.ghost").alternative(-1)
end

function M.trigger()
  require("shadowpen.ghost").trigger()
end

function M.continue()
  require("shadowpen.paragraphs.continuation").start()
end

--- Make a paragraph of the selection, or of the line; see |:ShadowpenExpand|.
function M.expand()
  require("shadowpen.paragraphs.expansion").selection()
end

--- Stop a continuation, an expansion or a verb; returns whether there was one.
---@return boolean
function M.cancel()
  local continued = require("shadowpen.paragraphs.continuation").cancel()
  local expanded = require("shadowpen.paragraphs.expansion").discard()
  local corrected = require("shadowpen.paragraphs.correction").discard()
  local stopped = require("shadowpen.paragraphs.verbs").cancel()
  return continued or expanded or corrected or stopped
end

---@param scope? "buffer"
function M.toggle(scope)
  local on = require("shadowpen.client").toggle(scope == "buffer" and vim.api.nvim_get_current_buf() or nil)
  local here = scope == "buffer" and " in this buffer." or "."
  vim.notify(say(("Shadowpen is %s%s"):format(on and "on" or "off", here)))
  return on
end

--- Say what the server made of an order about all editors.
local function confirm(problem, answer)
  if problem then
    vim.notify(say("Shadowpen: %s", problem.message), vim.log.levels.WARN)
  elseif type(answer) == "table" then
    vim.notify(say("In all editors: %s", answer.message ~= "" and answer.message or say("Ghost text is on.")))
  end
end

--- Pause ghost text in every editor: for a number of minutes (0: resume), until "tomorrow" morning, "on" until resumed,
--- nil to toggle. What is asked for by a key comes all the same.
---@param wish? number|"tomorrow"|"on"
function M.pause(wish)
  require("shadowpen.ghost").clear()
  return require("shadowpen.client").order("shadowpen.pause", { wish }, confirm)
end

function M.resume()
  return require("shadowpen.client").order("shadowpen.resume", {}, confirm)
end

--- Turn manual mode on or off in every editor; nil toggles.
---@param mode? "on"|"off"
function M.manual(mode)
  require("shadowpen.ghost").clear()
  return require("shadowpen.client").order("shadowpen.manual", { mode }, confirm)
end

--- Answer whether Shadowpen may keep what you accept, and what you write where a suggestion was shown, and learn from
--- it; changeable at any time.
---@param answer "on"|"off"
---@param keep? "both"|"accepted"|"written" nil leaves that choice as it is
function M.learn(answer, keep)
  return require("shadowpen.client").order("shadowpen.learn", { answer, keep })
end

--- Change the paragraph of the preview, in your own words; see |shadowpen-turns|.
---@param turn string such as "shorter"
function M.change(turn)
  require("shadowpen.paragraphs.expansion").turn(turn)
end

--- Rate what was taken last, and be told whether that was noted.
---@param mark "good"|"bad"|1|2|3|4|5
function M.rate(mark)
  return require("shadowpen.client").order("shadowpen.rate", { mark }, function(_, answer)
    local noted = type(answer) == "table" and answer.rated == true
    vim.notify(noted and say("Shadowpen: noted as %s.", mark) or say("Shadowpen: there is nothing to rate."))
  end)
end

--- Say why the last ghost text was offered, and where its words come from; or why there was none.
function M.why()
  return require("shadowpen.client").order("shadowpen.why", {}, function(_, answer)
    local text = type(answer) == "table" and answer.text or say("Shadowpen: no suggestion has been requested yet.")
    vim.api.nvim_echo({ { text } }, false, {})
  end)
end

--- Have the report made anew and shown, in a window of Neovim's.
function M.report()
  return require("shadowpen.client").order("shadowpen.report", { "here" }, function(_, answer)
    require("shadowpen.report").show(answer)
  end)
end

--- Learn from the texts in a folder; the server says what it reads of them, and what not.
---@param folder string
function M.add_folder(folder)
  local path = vim.fn.fnamemodify(vim.fn.expand(folder), ":p")
  return require("shadowpen.client").order("shadowpen.addFolder", { path })
end

function M.restart()
  require("shadowpen.client").restart()
end

--- For a statusline.
---@return string
function M.status()
  return options and require("shadowpen.status").component() or ""
end

return M
