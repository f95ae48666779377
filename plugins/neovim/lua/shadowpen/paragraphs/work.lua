--- A server command that takes seconds: its text arrives as progress, and it can be stopped.
---
--- Knows neither buffers nor what the text is for.
local client = require("shadowpen.client")
local status = require("shadowpen.status")

local api = vim.api
local M = {}

---@class shadowpen.Work
---@field stop fun() nobody hears of it any more

local running = {} ---@type table<string, fun(reason: string, result: any)> how to end, by token
local started = 0

function M.active()
  return next(running) ~= nil
end

--- The server is gone: all that it was writing ends, without a reason, as its death is told elsewhere.
function M.lost()
  for _, finish in pairs(running) do
    finish("", nil)
  end
end

local function reason_of(err, result)
  local reason = err and err.message or type(result) == "table" and result.reason
  return type(reason) == "string" and reason or ""
end

--- `on_text` gets the whole text so far, `on_end` once the result, and the reason where there is nothing.
---@param on_text fun(text: string)
---@param on_end fun(reason: string, result: any)
---@return shadowpen.Work
function M.start(of, command, arguments, on_text, on_end)
  started = started + 1
  local token = ("%s.%d"):format(command, started)
  local progress = api.nvim_create_autocmd("LspProgress", {
    callback = function(event)
      local params = event.data.params
      if event.data.client_id == of.id and params.token == token and params.value.kind == "report" then
        on_text(params.value.message)
      end
    end,
  })
  local function forget()
    local known = running[token] ~= nil
    if known then
      running[token] = nil
      api.nvim_del_autocmd(progress)
      status.show()
    end
    return known
  end
  running[token] = function(reason, result)
    if forget() then
      on_end(reason, result)
    end
  end
  local finish = running[token]
  status.show()
  local id = client.execute(of, command, arguments, token, function(err, result)
    finish(reason_of(err, result), result)
  end)
  return {
    stop = function()
      if forget() then
        client.notify(of, "window/workDoneProgress/cancel", { token = token })
        client.cancel(of, id)
      end
    end,
  }
end

return M
