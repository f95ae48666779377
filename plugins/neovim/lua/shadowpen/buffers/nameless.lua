--- Give a buffer without a name an address of its own, for Neovim and the server.
---
--- Neovim gives every buffer without a name the address "file://", so one of them can be with the server at a time: the
--- one that is `held`. Knows nothing of what the messages mean.
local M = {}

local NEOVIMS = "file://"

local held ---@type integer? the buffer that is with the server
local address ---@type string? what the server calls it
local open = false -- whether the server has been told of it, and not of its end

---@return integer? buf
function M.held()
  return held
end

--- Let `buf` be the one; the server must have let go of the last one before.
function M.hold(buf)
  held, address = buf, ("untitled:nvim-%d-%d"):format(vim.uv.os_getpid(), buf)
end

function M.release()
  held, address, open = nil, nil, false
end

--- The address under which the server still has the buffer, nil when it was told of its end.
function M.still_open()
  return open and address or nil
end

--- The buffer of a document, by the address that Neovim sees.
function M.buffer_of(uri)
  return uri == NEOVIMS and held or vim.uri_to_bufnr(uri)
end

--- `message` with every string that is `from` being `to`; tables without one are the very same.
local function replaced(message, from, to)
  if message == from then
    return to
  elseif type(message) ~= "table" then
    return message
  end
  local made
  for key, value in pairs(message) do
    local new, name = replaced(value, from, to), key == from and to or key
    if new ~= value or name ~= key then
      made = made or setmetatable(vim.tbl_extend("force", {}, message), getmetatable(message))
      if name ~= key then
        made[key] = nil
      end
      made[name] = new
    end
  end
  return made or message
end

local function outward(method, params)
  if not held then
    return params
  end
  local sent = replaced(params, NEOVIMS, address)
  if sent ~= params and (method == "textDocument/didOpen" or method == "textDocument/didClose") then
    open = method == "textDocument/didOpen"
  end
  return sent
end

local function inward(params)
  return held and replaced(params, address, NEOVIMS) or params
end

--- What Neovim calls when the server says something.
function M.dispatchers(given)
  return vim.tbl_extend("force", given, {
    notification = function(method, params)
      return given.notification(method, inward(params))
    end,
    server_request = function(method, params)
      return given.server_request(method, inward(params))
    end,
  })
end

--- What Neovim says to the server through.
function M.transport(rpc)
  return vim.tbl_extend("force", rpc, {
    request = function(method, params, callback, notify)
      return rpc.request(method, outward(method, params), callback and function(failure, result)
        return callback(failure, M.here(inward(result)))
      end, notify)
    end,
    notify = function(method, params)
      return rpc.notify(method, outward(method, params))
    end,
  })
end

--- Whether a workspace edit changes the buffer that is held.
local function concerns(edit)
  return held ~= nil
    and (
      (edit.changes or {})[NEOVIMS] ~= nil
      or vim.iter(edit.documentChanges or {}):any(function(change)
        return vim.tbl_get(change, "textDocument", "uri") == NEOVIMS
      end)
    )
end

M.COMMAND = "shadowpen.applyEdit" -- ours alone: the server never hears of it

--- Code actions whose edit Neovim would put into another, new buffer give it to us instead.
function M.here(result)
  if not held or type(result) ~= "table" then
    return result
  end
  for _, action in ipairs(vim.islist(result) and result or { result }) do
    if type(action) == "table" and type(action.edit) == "table" and concerns(action.edit) then
      action.command = { title = action.title, command = M.COMMAND, arguments = { action.edit } }
      action.edit = nil
    end
  end
  return result
end

--- As vim.lsp.util.apply_workspace_edit, for the held buffer too.
function M.apply(edit, encoding)
  if not concerns(edit) then
    return vim.lsp.util.apply_workspace_edit(edit, encoding)
  end
  local edits = vim.deepcopy((edit.changes or {})[NEOVIMS] or {})
  for _, change in ipairs(edit.documentChanges or {}) do
    vim.list_extend(edits, change.edits or {})
  end
  vim.lsp.util.apply_text_edits(edits, held, encoding)
end

return M
