--- :checkhealth shadowpen. Looks and advises; changes nothing.
local M = {}

local say = require("shadowpen.words").say

local health = vim.health
local DAEMON_ANSWER_MS = 10000

local function check_neovim()
  if vim.fn.has("nvim-0.10") == 1 then
    health.ok("Neovim " .. tostring(vim.version()))
  else
    health.error(say("Neovim is older than 0.10."), say("Ghost text needs inline virtual text: update Neovim."))
  end
end

--- Whether ghost text can be told from what was typed, with the colours that this terminal has.
local function check_colours()
  local highlights = require("shadowpen.highlights")
  if highlights.told_apart() then
    health.ok(say("Ghost text has a colour of its own (ShadowpenGhost)."))
  else
    health.warn(
      say("Ghost text looks like typed text: the group ShadowpenGhost has no colour of its own here."),
      say(":highlight ShadowpenGhost %s, in your configuration after :colorscheme.", highlights.advice())
    )
  end
end

---@return boolean
local function check_program(cmd)
  local path = vim.fn.exepath(cmd[1])
  if path == "" then
    health.error(
      say("'%s' cannot be run.", cmd[1]),
      {
        say("Install Shadowpen as its README says, then run `shadowpen setup` and `shadowpen install neovim`."),
        say("Or set `cmd` in setup() to its path."),
      }
    )
    return false
  end
  health.ok(say("Language server: %s (%s)", table.concat(cmd, " "), path))
  return true
end

local function check_server()
  local clients = vim.lsp.get_clients({ name = "shadowpen" })
  for _, client in ipairs(clients) do
    local buffers = vim.tbl_count(client.attached_buffers)
    local one = buffers == 1
    health.ok(
      one and say("The language server is running, with 1 buffer.")
        or say("The language server is running, with %d buffers.", buffers)
    )
  end
  local told = require("shadowpen.status").current()
  if told.state == "error" then
    health.error(told.message or say("The language server reports an error."), told.hint)
  elseif #clients == 0 then
    health.info(say("No language server is running. It starts with the first buffer of a prose filetype."))
  end
  if #clients > 1 then
    health.warn(
      say("Two clients named shadowpen are running."),
      say("Use either this plugin or vim.lsp.enable('shadowpen').")
    )
  end
end

local function check_daemon(cmd)
  local command = vim.list_extend(vim.list_slice(cmd, 1, #cmd - 1), { "status", "--json" })
  local line = table.concat(command, " ")
  local started, process = pcall(vim.system, command, { text = true, timeout = DAEMON_ANSWER_MS })
  local answer = started and process:wait() or { code = -1, stderr = process }
  local parsed, report = pcall(vim.json.decode, answer.stdout or "")
  if answer.code ~= 0 or not parsed or type(report) ~= "table" then
    health.warn(say("`%s` failed: %s", line, vim.trim(answer.stderr or "")), say("Run `shadowpen doctor`."))
  elseif report.running == false then
    health.info(say("No daemon is running. The language server starts it when needed."))
  else
    local model = type(report.model) == "table" and report.model or {}
    if type(model.error) == "table" then
      health.error(say("The daemon cannot serve: %s", model.error.message), model.error.hint)
    else
      local named = type(model.model) == "string"
      health.ok(named and say("The daemon is running, with %s.", model.model) or say("The daemon is running."))
    end
  end
end

local function check_keys(keys)
  local buf = vim.iter(vim.api.nvim_list_bufs()):find(require("shadowpen.client").of) or vim.api.nvim_get_current_buf()
  for name, key in vim.spairs(keys) do
    local lent = vim.list_contains(require("shadowpen.paragraphs.expansion").KEYS, name)
    local other = key ~= "" and not lent and require("shadowpen.accept").in_the_way(buf, name, key)
    if key == "" then
      health.info(say("%s: no key", name))
    elseif lent then
      health.ok(say("%s: %s, while an expansion is shown", name, key))
    elseif other then
      local what = other.desc or other.rhs or say("a Lua function")
      health.warn(
        say("%s: %s is mapped by your own configuration (%s), which was left alone.", name, key, what),
        say('Call require("shadowpen").%s() from it, or set another key: keys.%s in setup().', name, name)
      )
    else
      health.ok(("%s: %s"):format(name, key))
    end
  end
end

function M.check()
  health.start("shadowpen")
  check_neovim()
  local options = require("shadowpen").options()
  if not options then
    health.error(say("setup() was not called."), say('Put require("shadowpen").setup() into your configuration.'))
    return
  end
  check_colours()
  local runs = check_program(options.cmd)
  check_server()
  if runs then
    check_daemon(options.cmd)
  end
  health.start(say("shadowpen: keys"))
  check_keys(options.keys)
end

return M
