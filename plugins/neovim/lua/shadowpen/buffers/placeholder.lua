--- A client without a server, for a buffer whose real client is off or dead.
---
--- Neovim (0.10 to 0.12) stops following a buffer that changes while no client holds it, for good: whichever server is
--- attached later would work on an old text. So a buffer that lost the server is held by this one until it is back.
local M = {}

local NAME = "shadowpen.off"

local function connect(dispatchers)
  local closing = false
  local function terminate()
    if not closing then
      closing = true
      dispatchers.on_exit(0, 0)
    end
  end
  return {
    request = function(method, _, callback)
      callback(nil, method == "initialize" and { capabilities = {} } or vim.NIL)
      return true, 1
    end,
    notify = function(method)
      if method == "exit" then
        terminate()
      end
      return true
    end,
    is_closing = function()
      return closing
    end,
    terminate = terminate,
  }
end

--- Hold `buf` from now on.
function M.hold(buf)
  vim.lsp.start({ name = NAME, cmd = connect }, { bufnr = buf })
end

--- Let go of `buf`, which another client holds.
function M.release(buf)
  for _, client in ipairs(vim.lsp.get_clients({ name = NAME, bufnr = buf })) do
    vim.lsp.buf_detach_client(buf, client.id)
  end
end

return M
