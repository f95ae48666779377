--- One ghost text: requested, drawn after the cursor, kept while the writer types along it.
---
--- A ghost is anchored where the server's answer began. What is grey is always worked out from the buffer: the text
--- between anchor and cursor must be the beginning of the answer, and the line around it as it was. So typing along,
--- deleting again and accepting a word are one rule, and a ghost can never be drawn over text it was not made for.
--- Knows nothing of keys, processes or prompts.
local client = require("shadowpen.client")

local api, uv = vim.api, vim.uv
local M = {}

local METHOD = "textDocument/inlineCompletion"
local INVOKED, AUTOMATIC = 1, 2
local MARK = 1
local space = api.nvim_create_namespace("shadowpen.ghost")
local timer = assert(uv.new_timer())

---@class shadowpen.Ghost
---@field buf integer
---@field row integer anchor, 0-based
---@field col integer anchor, bytes
---@field head string the anchor's line before the anchor
---@field tail string the cursor's line after the cursor
---@field item table as the server sent it
---@field items table[] what else it could be, `item` among them
---@field client vim.lsp.Client
---@field invoked boolean whether the writer asked for it by a key

local ghost ---@type shadowpen.Ghost?
local cancel_pending ---@type fun()?
local sequence = 0 -- of the newest request: older answers are dropped
local seen = {} ---@type { buf?: integer, tick?: integer, cursor?: integer[] } the text and place last dealt with
local asked_ms = -math.huge
local throttle_ms = 0
local invoked_at ---@type table? where the writer's own request is under way
local step_wanted = 0 -- when the answer comes: the alternative beside what was shown

--- Ghost text is for a person who types: not for a popup menu's choice, a recorded or a replayed macro.
local function welcome()
  local mode = api.nvim_get_mode().mode
  return mode:sub(1, 1) == "i"
    and vim.fn.pumvisible() == 0
    and vim.fn.reg_recording() == ""
    and vim.fn.reg_executing() == ""
end

local function here()
  local buf = api.nvim_get_current_buf()
  return { buf = buf, tick = api.nvim_buf_get_changedtick(buf), cursor = api.nvim_win_get_cursor(0) }
end

local function line_at(buf, row)
  return api.nvim_buf_get_lines(buf, row, row + 1, false)[1] or ""
end

--- What of the ghost is still to be written, and what is written already; nil when buffer and ghost do not agree.
---@return string? rest, string? typed
function M.rest()
  if not ghost or api.nvim_get_current_buf() ~= ghost.buf then
    return nil
  end
  local text = ghost.item.insertText
  local row, col = unpack(api.nvim_win_get_cursor(0))
  row = row - 1
  local _, line_breaks = text:gsub("\n", "")
  if row < ghost.row or row > ghost.row + line_breaks or (row == ghost.row and col < ghost.col) then
    return nil
  end
  local head, tail = line_at(ghost.buf, ghost.row):sub(1, ghost.col), line_at(ghost.buf, row):sub(col + 1)
  if head ~= ghost.head or tail ~= ghost.tail then
    return nil
  end
  local typed = table.concat(api.nvim_buf_get_text(ghost.buf, ghost.row, ghost.col, row, col, {}), "\n")
  local rest = text:sub(#typed + 1)
  if text:sub(1, #typed) ~= typed or not rest:find("%S") then
    return nil
  end
  return rest, typed
end

local NEVER_FIRST = {}
for _, mark in ipairs(vim.fn.split("，。；：？！、…”’」』）》", [[\zs]])) do
  NEVER_FIRST[mark] = true
end

--- `text` in what may stand on lines of its own: words with the blanks before them, and wide letters; what is wider
--- than `width` cells in its letters.
local function pieces(text, width)
  local found, before = {}, ""
  for _, letter in ipairs(vim.fn.split(text, [[\zs]])) do
    local kind = letter:find("^%s") and "blank" or vim.fn.strdisplaywidth(letter) > 1 and "wide" or "narrow"
    if #found > 0 and (NEVER_FIRST[letter] or before == "blank" or (kind == "narrow" and before == "narrow")) then
      found[#found] = found[#found] .. letter
    else
      found[#found + 1] = letter
    end
    before = kind
  end
  return vim.iter(found):fold({}, function(cut, piece)
    return vim.list_extend(cut, vim.fn.strdisplaywidth(piece) > width and vim.fn.split(piece, [[\zs]]) or { piece })
  end)
end

--- `text` in lines no wider than `width` cells: virtual lines are cut, not wrapped, by Neovim.
function M.wrapped(text, width)
  local lines, line, cells = {}, "", 0
  for _, piece in ipairs(pieces((text:gsub("%s+$", "")), width)) do
    local wide = vim.fn.strdisplaywidth(piece, cells)
    if cells > 0 and cells + wide > width then
      lines[#lines + 1] = line
      piece = piece:gsub("^%s+", "")
      line, cells, wide = "", 0, vim.fn.strdisplaywidth(piece)
    end
    line, cells = line .. piece, cells + wide
  end
  lines[#lines + 1] = line
  return lines
end

local function draw(rest)
  local row, col = unpack(api.nvim_win_get_cursor(0))
  local window = vim.fn.getwininfo(api.nvim_get_current_win())[1]
  local lines = vim.split(rest, "\n", { plain = true })
  local below = {}
  for i = 2, #lines do
    for _, line in ipairs(M.wrapped(lines[i], window.width - window.textoff)) do
      below[#below + 1] = { { line, "ShadowpenGhost" } }
    end
  end
  api.nvim_buf_set_extmark(0, space, row - 1, col, {
    id = MARK,
    virt_text = { { lines[1], "ShadowpenGhost" } },
    virt_text_pos = "inline",
    virt_lines = #below > 0 and below or nil,
    hl_mode = "combine",
    undo_restore = false,
  })
end

--- Take the ghost off the screen; a request under way goes on.
local function hide()
  if ghost and api.nvim_buf_is_valid(ghost.buf) then
    api.nvim_buf_clear_namespace(ghost.buf, space, 0, -1)
  end
  ghost = nil
end

local function cancel()
  timer:stop()
  step_wanted, invoked_at = 0, nil
  sequence = sequence + 1
  if cancel_pending then
    cancel_pending()
    cancel_pending = nil
  end
end

--- No ghost, and none under way.
function M.clear()
  hide()
  cancel()
end

--- The editor waits for the next key: where that is not one of insert mode any more, there is no ghost.
function M.insert_left()
  if (ghost or cancel_pending) and api.nvim_get_mode().mode:sub(1, 1) ~= "i" then
    M.clear()
  end
end

--- The writer waves it away: it goes, and the server, which is told, does not offer it here again.
---@return boolean shown
function M.dismiss()
  local shown = M.rest() and ghost
  M.clear()
  if shown then
    local command = shown.item.command
    local id = type(command) == "table" and type(command.arguments) == "table" and command.arguments[1] or nil
    client.execute(shown.client, "shadowpen.dismiss", { id })
  end
  return shown ~= nil
end

---@return shadowpen.Ghost?
function M.current()
  return M.rest() and ghost
end

local function same_position(a, b)
  return a.line == b.line and a.character == b.character
end

--- The answer's text, if it is one to be drawn at `position`: some letters, to be inserted at the cursor.
local function text_of(item, position)
  if not item or type(item.insertText) ~= "string" or not item.insertText:find("%S") then
    return nil
  end
  local range = type(item.range) == "table" and item.range or { start = position, ["end"] = position }
  local at_cursor = same_position(range.start, position) and same_position(range["end"], position)
  return at_cursor and item.insertText or nil
end

--- The answers that can be drawn at `position`, each text once.
local function drawable(result, position)
  local items, known = {}, {}
  for _, item in ipairs(type(result) == "table" and (result.items or result) or {}) do
    local text = text_of(item, position)
    if text and not known[text] then
      items[#items + 1], known[text] = item, true
    end
  end
  return items
end

local function tell_shown()
  client.notify(ghost.client, "textDocument/didShowCompletion", { item = ghost.item })
end

--- Put the alternative `step` places further on in the place of what is shown; one that does not go on as the writer
--- did is passed over. False where there is no other.
local function step_on(step)
  local rest, typed = M.rest()
  if not rest then
    return false
  end
  local at = 1
  for index, item in ipairs(ghost.items) do
    at = item == ghost.item and index or at
  end
  for _ = 2, #ghost.items do
    at = (at - 1 + step) % #ghost.items + 1
    local text = ghost.items[at].insertText
    if vim.startswith(text, typed) and text:sub(#typed + 1):find("%S") then
      ghost.item = ghost.items[at]
      draw(text:sub(#typed + 1))
      tell_shown()
      return true
    end
  end
  return false
end

---@param growing? boolean whether more of it is on its way
local function show(of, buf, params, result, growing)
  local items = drawable(result, params.position)
  local item = items[1]
  local text = item and item.insertText
  local rest = M.rest()
  if rest and params.context.triggerKind == AUTOMATIC and not vim.startswith(text or "", rest) then
    return -- the writer types along what is shown: it may grow, but never change under the eyes
  end
  local known = ghost and text == rest and #items < 2
  if not known then
    hide()
  end
  if not text or known then
    return
  end
  local row, col = unpack(api.nvim_win_get_cursor(0))
  local line = api.nvim_get_current_line()
  ghost = { buf = buf, row = row - 1, col = col, item = item, items = items, client = of }
  ghost.head, ghost.tail = line:sub(1, col), line:sub(col + 1)
  ghost.invoked = params.context.triggerKind == INVOKED
  draw(text)
  if not growing then
    tell_shown()
  end
end

--- More of the text that the writer asked for by a key: it is drawn while the rest is still being made.
function M.grow(of, params)
  local buf = api.nvim_get_current_buf()
  local awaited = invoked_at and vim.deep_equal(invoked_at, here()) and welcome()
  if awaited and of and params.textDocument.uri == vim.uri_from_bufnr(buf) then
    show(of, buf, { position = params.position, context = { triggerKind = INVOKED } }, params, true)
  end
end

---@param kind 1|2 LSP's InlineCompletionTriggerKind
local function request(kind)
  cancel()
  local buf = api.nvim_get_current_buf()
  local of = client.of(buf)
  if not of or not welcome() then
    return
  end
  asked_ms = uv.hrtime() / 1e6
  seen = here()
  local mine, asked = sequence, seen
  invoked_at = kind == INVOKED and asked or nil
  local params = vim.lsp.util.make_position_params(0, of.offset_encoding)
  params.context = { triggerKind = kind }
  local id = client.request(of, METHOD, params, function(err, result)
    if mine ~= sequence then
      return
    end
    cancel_pending = nil
    if not err and vim.deep_equal(asked, here()) and welcome() then
      local before, step = M.rest(), step_wanted
      step_wanted, invoked_at = 0, nil
      show(of, buf, params, result)
      if step ~= 0 and before and vim.startswith(M.rest() or "", before) then
        step_on(step)
      end
    end
  end, buf)
  cancel_pending = id and function()
    client.cancel(of, id)
  end
end

--- Ask at once when the last request is `throttle_ms` old, else as soon as it is: a key is never kept waiting for
--- the next one, and a burst costs one request.
local function request_soon()
  if invoked_at and vim.deep_equal(invoked_at, here()) then
    return -- the text that is told of now is the one that the writer asked about already
  end
  cancel()
  local wait_ms = math.ceil(asked_ms + throttle_ms - uv.hrtime() / 1e6)
  if wait_ms <= 0 then
    return request(AUTOMATIC)
  end
  timer:start(wait_ms, 0, vim.schedule_wrap(function()
    request(AUTOMATIC)
  end))
end

--- The text changed in insert mode.
function M.text_changed()
  seen = here()
  local rest = welcome() and M.rest()
  if rest then
    draw(rest)
  else
    hide()
  end
  request_soon()
end

--- The cursor moved in insert mode; when the text changed too, text_changed() follows at once.
function M.cursor_moved()
  local before = seen
  seen = here()
  if before.tick == seen.tick and not vim.deep_equal(before.cursor, seen.cursor) and not M.rest() then
    M.clear()
  end
end

--- Insert mode begins: at the end of a line the writer means to go on, elsewhere to mend.
function M.insert_entered()
  local tick = api.nvim_buf_get_changedtick(0)
  vim.schedule(function() -- during InsertEnter the mode is still the old one
    local untouched = tick == api.nvim_buf_get_changedtick(0)
    if untouched and api.nvim_win_get_cursor(0)[2] == #api.nvim_get_current_line() then
      request_soon()
    end
  end)
end

--- The writer asks for ghost text here and now; asked again at the same place the server gives more of it.
function M.trigger()
  request(INVOKED)
end

--- The writer wants something else than what is shown, `step` places further on: asked for, where only one is known
--- that came by itself. Asking again for what was asked for would give more of the same.
---@param step 1|-1
function M.alternative(step)
  if not step_on(step) and not (M.rest() and ghost.invoked) then
    request(INVOKED)
    step_wanted = step
  end
end

function M.setup(options)
  throttle_ms = options.throttle_ms
end

return M
