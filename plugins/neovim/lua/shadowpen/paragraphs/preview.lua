--- Grey text below a line, while it is written and until it is accepted. Knows nothing of servers.
local wrapped = require("shadowpen.ghost").wrapped

local api = vim.api
local M = {}

--- Cells for text in the narrowest window that shows `buf`: virtual lines are cut, not wrapped, by Neovim.
local function width(buf)
  local narrowest = vim.o.columns
  for _, window in ipairs(vim.fn.win_findbuf(buf)) do
    local info = vim.fn.getwininfo(window)[1]
    narrowest = math.min(narrowest, info.width - info.textoff)
  end
  return narrowest
end

--- Where `row` is seen in the current window, scroll it so far that `count` virtual lines below it are too, but never
--- past the cursor.
local function reveal(buf, row, count)
  local top, bottom = vim.fn.line("w0"), vim.fn.line("w$")
  if api.nvim_get_current_buf() ~= buf or row + 1 < top or row + 1 > bottom then
    return
  end
  local cursor, height = api.nvim_win_get_cursor(0)[1], api.nvim_win_get_height(0)
  local new = top
  while new < cursor and api.nvim_win_text_height(0, { start_row = new - 1, end_row = row }).all + count > height do
    new = new + 1
  end
  if new > top then
    vim.fn.winrestview({ topline = new })
  end
end

--- Show `text` below `row` (from 0), and above it `hint`; `id` names the mark in `space`, to be drawn again.
---@param hint string? one line
function M.draw(buf, space, id, row, text, hint)
  local lines, cells = {}, width(buf)
  local function add(paragraph, group)
    for _, line in ipairs(wrapped(paragraph, cells)) do
      lines[#lines + 1] = { { line, group } }
    end
  end
  if hint then
    add(hint, "ShadowpenHint")
  end
  if text ~= "" then
    for _, paragraph in ipairs(vim.split(text, "\n", { plain = true })) do
      add(paragraph, "ShadowpenGhost")
    end
  end
  api.nvim_buf_set_extmark(buf, space, row, 0, { id = id, virt_lines = lines, undo_restore = false })
  reveal(buf, row, #lines)
end

return M
