--- Find the notes to expand. Knows nothing of paragraphs.
local api = vim.api
local M = {}

---@class shadowpen.Span bytes from 0; the end is exclusive
---@field row integer
---@field col integer
---@field end_row integer
---@field end_col integer

--- `span` without the blanks at its ends; nil when there is nothing else.
---@param span shadowpen.Span
---@return shadowpen.Span?
function M.without_blanks(buf, span)
  local text = table.concat(api.nvim_buf_get_text(buf, span.row, span.col, span.end_row, span.end_col, {}), "\n")
  local head, notes = text:match("^(%s*)(.-)%s*$")
  if notes == "" then
    return nil
  end
  local function after(row, col, piece)
    local _, breaks = piece:gsub("\n", "")
    return row + breaks, breaks > 0 and #piece:match("[^\n]*$") or col + #piece
  end
  local row, col = after(span.row, span.col, head)
  local end_row, end_col = after(row, col, notes)
  return { row = row, col = col, end_row = end_row, end_col = end_col }
end

--- Leave it if it is on; returns whether it was.
function M.leave_visual_mode()
  local on = vim.list_contains({ "v", "V", "\22" }, api.nvim_get_mode().mode)
  if on then
    vim.cmd.normal({ "\27", bang = true })
  end
  return on
end

--- Lines of the current buffer, counted from 1; where they are the last selection, what was selected of them.
---@return shadowpen.Span
function M.of_lines(first, last)
  local from, to = api.nvim_buf_get_mark(0, "<"), api.nvim_buf_get_mark(0, ">")
  local lines = api.nvim_buf_get_lines(0, first - 1, last, false)
  local line = lines[#lines]
  local span = { row = first - 1, col = 0, end_row = last - 1, end_col = #line }
  if vim.fn.visualmode() == "v" and from[1] == first and to[1] == last then
    local character = vim.o.selection == "exclusive" and "" or vim.fn.matchstr(line:sub(to[2] + 1), ".")
    span.col, span.end_col = math.min(from[2], #lines[1]), math.min(to[2] + #character, #line)
  end
  return span
end

--- What is selected, leaving visual mode; without a selection the line.
---@return shadowpen.Span
function M.of_selection()
  if M.leave_visual_mode() then
    return M.of_lines(api.nvim_buf_get_mark(0, "<")[1], api.nvim_buf_get_mark(0, ">")[1])
  end
  local row = api.nvim_win_get_cursor(0)[1]
  return M.of_lines(row, row)
end

return M
