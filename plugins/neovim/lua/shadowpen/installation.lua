--- The command line of the server, as `shadowpen install neovim` stored it in command.json. Knows nothing of servers.
local M = {}

local PATH = vim.fn.fnamemodify(debug.getinfo(1, "S").source:sub(2), ":p:h:h:h") .. "/command.json"
local ON_THE_PATH = { "shadowpen", "lsp" }

--- The language server's command line; nil where the plugin came by another way.
---@return string[]?
function M.stored()
  local file = io.open(PATH)
  if not file then
    return nil
  end
  local text = file:read("*a")
  file:close()
  local parsed, command = pcall(vim.json.decode, text)
  return parsed and type(command) == "table" and type(command[1]) == "string" and command or nil
end

--- The language server's command line, unless setup() names another.
---@return string[]
function M.command()
  return M.stored() or ON_THE_PATH
end

return M
