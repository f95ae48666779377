--- Show the report in a buffer of its own. Knows nothing of what is in it.
local M = {}

local NAME = "shadowpen://report"

local function buffer()
  local known = vim.fn.bufnr("^" .. NAME .. "$")
  if known > 0 then
    return known
  end
  local buf = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_name(buf, NAME)
  vim.bo[buf].bufhidden = "wipe"
  vim.keymap.set("n", "q", "<Cmd>close<CR>", { buffer = buf, desc = "Close the report" })
  return buf
end

--- Show what the server answered; what went wrong the server says itself.
---@param answer table?
function M.show(answer)
  local text = type(answer) == "table" and answer.text
  if type(text) ~= "string" or text == "" then
    return
  end
  local buf = buffer()
  vim.bo[buf].modifiable = true
  vim.api.nvim_buf_set_lines(buf, 0, -1, false, vim.split(vim.trim(text), "\n"))
  vim.bo[buf].modifiable = false
  vim.bo[buf].filetype = "markdown"
  local window = vim.fn.bufwinid(buf)
  if window > 0 then
    vim.api.nvim_set_current_win(window)
  else
    vim.cmd("botright split")
    vim.api.nvim_win_set_buf(0, buf)
  end
  vim.wo.wrap = false
end

return M
