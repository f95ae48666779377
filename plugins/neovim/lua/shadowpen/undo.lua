--- One undo step around a change. Knows nothing else.
local M = {}

--- Setting 'undolevels' closes the open undo block, also in the middle of an insert; the buffer's own value is set to
--- itself, so that neither it nor the global one changes.
local function close_block()
  vim.bo.undolevels = vim.bo.undolevels
end

function M.step(change)
  close_block()
  change()
  close_block()
end

return M
