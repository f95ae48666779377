--- The language server's process, and the buffers it may read. Knows nothing of how ghost text comes about.
---
--- A buffer is attached only while it is wanted (filetype, switches, an ordinary file): off means that the server does
--- not hold its text at all. There is one server per Neovim.
local line_ends = require("shadowpen.buffers.line_ends")
local nameless = require("shadowpen.buffers.nameless")
local placeholder = require("shadowpen.buffers.placeholder")
local say = require("shadowpen.words").say
local status = require("shadowpen.status")

local api = vim.api
local M = {}

local PATIENCE_MS = 2000 -- for a server that was asked to stop
local REST_MS = 150 -- a cursor that stands so long is not on its way

local settings ---@type shadowpen.Options
local current ---@type integer? id of the running client
local enabled = true
local written = {} ---@type table<integer, true> buffers without name and filetype in which the writer writes
local rest = assert(vim.uv.new_timer())
local before_0_11 = vim.fn.has("nvim-0.11") == 0

--- Neovim 0.10 has these as functions, 0.11 as methods.
local function call(client, method, ...)
  if before_0_11 then
    return client[method](...)
  end
  return client[method](client, ...)
end

---@return integer? id to cancel with, nil when the server is gone
function M.request(client, method, params, handler, buf)
  local sent, id = call(client, "request", method, params, handler, buf)
  return sent and id or nil
end

function M.notify(client, method, params)
  call(client, "notify", method, params)
end

function M.cancel(client, id)
  if id then
    call(client, "cancel_request", id)
  end
end

--- Run a command of the server; `token` names its progress.
function M.execute(client, command, arguments, token, handler)
  local params = { command = command, arguments = arguments, workDoneToken = token }
  return M.request(client, "workspace/executeCommand", params, handler or function() end, api.nvim_get_current_buf())
end

--- A place (row and byte from 0) as the server counts.
function M.position(of, buf, row, col)
  local at = { row + 1, col }
  return vim.lsp.util.make_given_range_params(at, at, buf, of.offset_encoding).range.start
end

--- The byte (from 0) in its line of a place as the server counts.
function M.column(of, buf, position)
  local line = api.nvim_buf_get_lines(buf, position.line, position.line + 1, false)[1] or ""
  local encoding, character = of.offset_encoding, position.character
  if not before_0_11 then
    return vim.str_byteindex(line, encoding, character, false)
  elseif encoding == "utf-8" then
    return math.min(character, #line)
  end
  local points, units = vim.str_utfindex(line)
  return vim.str_byteindex(line, math.min(character, encoding == "utf-16" and units or points), encoding == "utf-16")
end

local function prose(filetype)
  local found = false
  for part in vim.gsplit(filetype, ".", { plain = true }) do
    if settings.filetypes[part] == false then
      return false
    end
    found = found or settings.filetypes[part] == true
  end
  return found
end

local function has_name(buf)
  return api.nvim_buf_get_name(buf) ~= ""
end

--- Of the buffers without a name the server holds one: that which the writer looks at, or looked at last.
local function is_looked_at(buf)
  local now = api.nvim_get_current_buf()
  return buf == now or (buf == nameless.held() and has_name(now))
end

--- Whether ghost text is meant for `buf`, and if not, why.
---@return boolean wanted, string? reason
function M.wanted(buf)
  if not enabled then
    return false, say("turned off (:ShadowpenToggle)")
  elseif vim.b[buf].shadowpen_enabled == false then
    return false, say("turned off for this buffer (:ShadowpenToggle buffer)")
  elseif vim.bo[buf].buftype ~= "" then
    return false, say("not an ordinary file")
  elseif not has_name(buf) and not is_looked_at(buf) then
    return false, say("it has no name, and only one such buffer at a time is served")
  elseif not has_name(buf) and vim.bo[buf].filetype == "" then
    return written[buf] == true, say("nothing is written in it yet")
  elseif not prose(vim.bo[buf].filetype) then
    return false, say("filetype '%s' is not among the filetypes of setup()", vim.bo[buf].filetype)
  end
  return true
end

--- The writer begins to write in `buf`: one without name and filetype is meant as prose from now on.
function M.writing(event)
  local buf = event.buf
  if not written[buf] and not has_name(buf) and vim.bo[buf].buftype == "" and vim.bo[buf].filetype == "" then
    written[buf] = true
    M.refresh(buf)
  end
end

--- The server, once it is initialised.
local function running()
  local client = current and vim.lsp.get_client_by_id(current)
  return client and client.initialized and client or nil
end

--- The server that holds `buf`.
function M.of(buf)
  local client = running()
  return client and client.attached_buffers[buf] and client or nil
end

--- Tell the server which document the writer looks at, and where in it, if it is one of its own.
function M.focus()
  local client, buf = running(), api.nvim_get_current_buf()
  if client then
    local params = client.attached_buffers[buf] and vim.lsp.util.make_position_params(0, client.offset_encoding)
    M.notify(client, "textDocument/didFocus", params or vim.empty_dict())
  end
end

--- The cursor moved without a key that writes: once it rests, what stands before it is read ahead of the first key.
function M.moved()
  rest:start(REST_MS, 0, vim.schedule_wrap(M.focus))
end

local function on_init(client)
  if vim.lsp.inline_completion then -- 0.12: the native ghost would be drawn as a second one
    pcall(vim.lsp.inline_completion.enable, false, { client_id = client.id })
  end
end

--- The process ended: of itself, unless another one is `current` by now.
local function on_exit(id, code, signal)
  local client = vim.lsp.get_client_by_id(id)
  if id ~= current or not client then
    return
  end
  current = nil
  vim.tbl_map(placeholder.hold, vim.tbl_keys(client.attached_buffers))
  require("shadowpen.ghost").clear()
  require("shadowpen.paragraphs.work").lost()
  if vim.v.exiting == vim.NIL then
    local how = signal ~= 0 and say("the server stopped (signal %s).", signal)
    status.fail(how or say("the server stopped (exit code %s).", code), ":ShadowpenRestart")
  end
end

local function start(buf)
  local program = settings.cmd[1]
  if vim.fn.executable(program) == 0 then
    status.fail(say("'%s' cannot be run.", program), ":checkhealth shadowpen")
    return
  end
  local capabilities = vim.lsp.protocol.make_client_capabilities()
  capabilities.textDocument.inlineCompletion = { dynamicRegistration = false } -- 0.11 does not declare it
  status.set({ state = "starting" })
  local id
  id = vim.lsp.start({
    name = "shadowpen",
    cmd = function(dispatchers)
      local tell = dispatchers.on_exit
      dispatchers.on_exit = function(code, signal)
        vim.schedule(function()
          on_exit(id, code, signal)
        end)
        tell(0, 0) -- Neovim's own message about a crash would be a second one, and too long for the line
      end
      return nameless.transport(line_ends.transport(vim.lsp.rpc.start(settings.cmd, nameless.dispatchers(dispatchers))))
    end,
    get_language_id = function(_, filetype)
      return filetype ~= "" and filetype or "text"
    end,
    capabilities = capabilities,
    handlers = {
      ["shadowpen/status"] = function(_, params)
        status.set(params)
      end,
      ["shadowpen/growing"] = function(_, params, context)
        require("shadowpen.ghost").grow(vim.lsp.get_client_by_id(context.client_id), params)
      end,
      ["window/showMessage"] = function(_, params)
        if not require("shadowpen.consent").is_question(params.message) then
          status.tell(params.message)
        end
      end,
      ["workspace/applyEdit"] = function(...)
        return require("shadowpen.paragraphs.continuation").apply_edit(...)
      end,
    },
    commands = {
      ["shadowpen.expand"] = function(command, context)
        require("shadowpen.paragraphs.expansion").code_action(command, context)
      end,
      [nameless.COMMAND] = function(command, context)
        nameless.apply(command.arguments[1], vim.lsp.get_client_by_id(context.client_id).offset_encoding)
      end,
      ["shadowpen.verb"] = function(command, context)
        require("shadowpen.paragraphs.verbs").code_action(command, context)
      end,
    },
    on_init = on_init,
    on_attach = function(_, attached)
      placeholder.release(attached)
      require("shadowpen.accept").map(attached, settings.keys)
      if attached == api.nvim_get_current_buf() then
        vim.schedule(M.focus)
      end
    end,
  }, {
    bufnr = buf,
    reuse_client = function()
      return false
    end,
  })
  current = id
  if not current then
    status.fail(say("the server could not be started."), ":checkhealth shadowpen")
  end
end

local function detach(buf)
  require("shadowpen.ghost").clear()
  require("shadowpen").cancel()
  placeholder.hold(buf)
  vim.lsp.buf_detach_client(buf, current)
  if buf == nameless.held() then
    nameless.release()
  end
end

--- The held buffer got a name. Neovim told the server of its end if it was written; if not, it never does.
local function named(client, buf)
  local address = nameless.still_open()
  nameless.release()
  if address then
    M.notify(client, "textDocument/didClose", { textDocument = { uri = address } })
    detach(buf)
  end
end

--- Attach or detach `buf`, as it is wanted now; a server that stopped comes back only by M.restart().
function M.refresh(buf)
  if not api.nvim_buf_is_loaded(buf) then
    return
  end
  local client = current and vim.lsp.get_client_by_id(current)
  if client and buf == nameless.held() and has_name(buf) then
    named(client, buf)
  end
  local attached = client and client.attached_buffers[buf]
  local wanted = M.wanted(buf)
  local other = nameless.held()
  if wanted and not has_name(buf) and other ~= buf then
    if other and client and client.attached_buffers[other] then
      detach(other)
    end
    nameless.hold(buf)
  end
  if not wanted then
    if attached then
      detach(buf)
    end
  elseif client and not attached then
    vim.lsp.buf_attach_client(buf, current)
  elseif not current and status.current().state ~= "error" then
    start(buf)
  end
end

--- A buffer is about to get another name. What was written in one without a name is told under the address that the
--- server knows. A file is another document from now on: until it is written, Neovim would go on to tell of the old one
--- under the new name.
function M.naming(event)
  local buf = event.buf
  if buf == nameless.held() then
    M.focus() -- any message brings the changes that wait
  elseif event.event == "BufFilePre" and M.of(buf) then
    placeholder.hold(buf)
    vim.lsp.buf_detach_client(buf, current)
    vim.schedule(function()
      M.refresh(buf)
    end)
  end
end

--- The writer looks at another buffer: one without a name takes the place of the last one.
function M.entered(event)
  if not has_name(event.buf) then
    M.refresh(event.buf)
  end
  M.focus()
end

function M.refresh_all()
  for _, buf in ipairs(api.nvim_list_bufs()) do
    M.refresh(buf)
  end
end

--- Flip ghost text, everywhere or in `buf` alone; returns whether it is on now.
---@param buf integer?
function M.toggle(buf)
  if buf then
    vim.b[buf].shadowpen_enabled = vim.b[buf].shadowpen_enabled == false
    M.refresh(buf)
    return vim.b[buf].shadowpen_enabled
  end
  enabled = not enabled
  M.refresh_all()
  return enabled
end

--- Give the server an order that belongs to no document; false when none runs.
function M.order(command, arguments, handler)
  local client = running()
  return client ~= nil and M.execute(client, command, arguments, nil, handler) ~= nil
end

function M.restart()
  local client = current and vim.lsp.get_client_by_id(current)
  current = nil
  if client then
    call(client, "stop")
    vim.defer_fn(function()
      if not client.rpc.is_closing() then
        client.rpc.terminate()
      end
    end, PATIENCE_MS)
  end
  status.set({ state = "off" })
  M.refresh_all()
end

function M.setup(options)
  settings = options
  M.refresh_all()
end

return M
