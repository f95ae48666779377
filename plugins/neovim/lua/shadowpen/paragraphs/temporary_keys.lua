--- Keys with another meaning in one buffer for a while. Knows nothing of what they do.
local api = vim.api
local M = {}

--- Map `keys` (by name; "" maps none) to the `actions` of these names in normal mode in `buf`.
---@param keys table<string, string>
---@param actions table<string, fun()>
---@return fun() give_back makes them mean what they meant before
function M.map(buf, keys, actions)
  local before = {}
  for name, run in pairs(actions) do
    local key = keys[name]
    if key ~= "" then
      local mapping = api.nvim_buf_call(buf, function()
        return vim.fn.maparg(key, "n", false, true)
      end)
      before[key] = mapping.buffer == 1 and mapping or false
      vim.keymap.set("n", key, run, { buffer = buf, nowait = true, desc = "shadowpen: " .. name })
    end
  end
  return function()
    for key, mapping in pairs(before) do
      pcall(vim.keymap.del, "n", key, { buffer = buf })
      if mapping then
        api.nvim_buf_call(buf, function()
          vim.fn.mapset("n", false, mapping)
        end)
      end
    end
  end
end

return M
