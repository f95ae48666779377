--- Accept ghost text (all of it, a word, a sentence, a line), and the keys that do so.
---
--- Each piece taken is an undo step of its own. A key means what it always meant while no ghost is shown, and is not
--- touched where the writer's own configuration has mapped it.
local client = require("shadowpen.client")
local ghost = require("shadowpen.ghost")
local undo = require("shadowpen.undo")

local api = vim.api
local M = {}

local DESCRIPTION = "shadowpen: "
--- Up to the marks that end a sentence, with the quotes and brackets closed behind them; those of other scripts than
--- Latin, Greek and Cyrillic need no blank.
local SENTENCE = [=[\v^\_s*\_.{-}%([.!?…]["'”’»)\]]*\ze%(\_s|$)|[。！？｡؟۔।॥։።፧፨។៕။།༎᠃᠉܀⸮‼⁇⁈⁉‽]["'”’」』）]*)]=]

--- Length in UTF-16 code units, as LSP counts; the same on every Neovim.
local function utf16_length(text)
  local _, continuations = text:gsub("[\128-\191]", "")
  local _, surrogates = text:gsub("[\240-\247]", "")
  return #text - continuations + surrogates
end

--- nvim_paste() alone has `.` repeat the text, but hands it to vim.paste, which the writer's configuration may have
--- replaced by one that changes or drops it: for this text it is one that just puts it.
local function insert(text)
  local before = vim.paste
  vim.paste = function(lines)
    api.nvim_put(lines, "c", false, true)
    return true
  end
  undo.step(function()
    local done, problem = pcall(api.nvim_paste, text, false, -1)
    vim.paste = before
    assert(done, problem)
  end)
end

---@param take fun(rest: string): string? the piece to take
local function accept(take)
  local shown = ghost.current()
  if not shown then
    return false
  end
  local rest, typed = ghost.rest()
  local piece = take(rest) or rest
  if not rest:sub(#piece + 1):find("%S") then
    ghost.clear()
    insert(rest)
    local command = shown.item.command
    if type(command) == "table" then
      client.execute(shown.client, command.command, command.arguments)
    end
  else
    insert(piece)
    client.notify(shown.client, "textDocument/didPartiallyAcceptCompletion", {
      item = shown.item,
      acceptedLength = utf16_length(typed .. piece),
    })
  end
  return true
end

function M.all()
  return accept(function(rest)
    return rest
  end)
end

function M.word()
  return accept(function(rest)
    return rest:match("^%s*%S+")
  end)
end

--- To the end of the sentence, over line breaks within it; all of it where none ends.
function M.sentence()
  return accept(function(rest)
    local length = vim.fn.matchend(rest, SENTENCE)
    return length > 0 and rest:sub(1, length) or nil
  end)
end

--- To the end of the line; a ghost that goes on with a new line gives that line.
function M.line()
  return accept(function(rest)
    return rest:match("^%s*[^\n]+")
  end)
end

---@type table<string, fun(): boolean?> by name in setup()'s `keys`; false: the key is to do what it always did
local actions = {
  accept = M.all,
  accept_word = M.word,
  accept_sentence = M.sentence,
  accept_line = M.line,
  dismiss = function()
    return require("shadowpen").dismiss()
  end,
  trigger = function()
    ghost.trigger()
  end,
  next_ghost = function()
    ghost.alternative(1)
  end,
  previous_ghost = function()
    ghost.alternative(-1)
  end,
  continue = function()
    require("shadowpen.paragraphs.continuation").start()
  end,
  expand = function()
    require("shadowpen.paragraphs.expansion").selection()
  end,
}

--- A selection is expanded where there is one; all else happens while one writes.
local function mode_of(name)
  return name == "expand" and "x" or "i"
end

--- The mapping of `key` that is not ours, seen from the current buffer.
local function mapping_of(name, key)
  local found = vim.fn.maparg(key, mode_of(name), false, true)
  local ours = vim.startswith(found.desc or "", DESCRIPTION)
  return next(found) and not ours and found or nil
end

--- Neovim 0.11 maps <Tab> itself, to jump in a snippet: no choice of the writer's.
local function built_in(mapping)
  return vim.startswith(mapping.desc or "", "vim.snippet.") and mapping.callback ~= nil
end

local function map_one(buf, name, key)
  local before = mapping_of(name, key)
  if before and not built_in(before) then
    return
  end
  -- Not an <expr> mapping: those are evaluated ahead of the letters typed before them, on a text that is not yet there.
  vim.keymap.set(mode_of(name), key, function()
    if actions[name]() == false then
      local plain = before and before.callback() or key
      api.nvim_feedkeys(vim.keycode(plain), "in", false) -- ahead of what is typed already
    end
  end, { buffer = buf, desc = DESCRIPTION .. name })
end

---@param keys table<string, string>
function M.map(buf, keys)
  api.nvim_buf_call(buf, function()
    for name, key in pairs(keys) do
      if key ~= "" and actions[name] then
        map_one(buf, name, key)
      end
    end
  end)
end

--- For :checkhealth: the mapping in the way of `key` in `buf`, if ours for `name` is not in force there.
function M.in_the_way(buf, name, key)
  return api.nvim_buf_call(buf, function()
    local found = mapping_of(name, key)
    return found and not built_in(found) and found or nil
  end)
end

return M
