--- Carriage returns within a line, which would end it in the server: it is told a blank for each. Knows nothing else of
--- what the messages mean.
local M = {}

--- `text` without them; one before "\n" belongs to the end of a line.
local function blanked(text)
  return (text:gsub("\r()", function(behind)
    return text:sub(behind, behind) ~= "\n" and " " or nil
  end))
end

--- `holder`, or a copy of it that holds the text as it is told: Neovim gives the same tables to other servers.
local function told(holder)
  local odd = type(holder.text) == "string" and holder.text:find("\r", 1, true)
  return odd and vim.tbl_extend("force", holder, { text = blanked(holder.text) }) or holder
end

local outward = {
  ["textDocument/didOpen"] = function(params)
    return { textDocument = told(params.textDocument) }
  end,
  ["textDocument/didChange"] = function(params)
    return vim.tbl_extend("force", params, { contentChanges = vim.tbl_map(told, params.contentChanges) })
  end,
}

--- What Neovim says to the server through.
function M.transport(rpc)
  return vim.tbl_extend("force", rpc, {
    notify = function(method, params)
      return rpc.notify(method, outward[method] and outward[method](params) or params)
    end,
  })
end

return M
