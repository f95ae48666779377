--- The commands; each loads what it needs when it is used.
if vim.g.loaded_shadowpen then
  return
end
vim.g.loaded_shadowpen = 1

-- Who ran `shadowpen install neovim` wants it on; a call of setup() of one's own goes before, whenever it comes.
if require("shadowpen.installation").stored() then
  local function set_up()
    if not require("shadowpen").options() and vim.g.shadowpen_setup ~= false then
      require("shadowpen").setup()
    end
  end
  if vim.v.vim_did_enter == 1 then
    set_up()
  else
    vim.api.nvim_create_autocmd("VimEnter", { once = true, callback = set_up })
  end
end

local function command(name, run, about)
  vim.api.nvim_create_user_command(name, function(called)
    local shadowpen = require("shadowpen")
    if not shadowpen.options() then
      vim.notify('Shadowpen is not set up: call require("shadowpen").setup() first.', vim.log.levels.WARN)
      return
    end
    run(shadowpen, called)
  end, about)
end

command("ShadowpenToggle", function(shadowpen, called)
  shadowpen.toggle(called.args ~= "" and called.args or nil)
end, {
  nargs = "?",
  complete = function()
    return { "buffer" }
  end,
  desc = "Turn ghost text on or off, everywhere or in this buffer",
})

command("ShadowpenContinue", function(shadowpen)
  shadowpen.continue()
end, { desc = "Continue the paragraph" })

command("ShadowpenExpand", function(_, called)
  require("shadowpen.paragraphs.expansion").lines(called.line1, called.line2)
end, { range = true, desc = "Expand the selected notes into a paragraph" })

vim.keymap.set("x", "<Plug>(shadowpen-expand)", function()
  require("shadowpen").expand()
end, { desc = "Expand the selected notes into a paragraph" })

command("ShadowpenRun", function(_, called)
  require("shadowpen.paragraphs.verbs").command(called)
end, {
  nargs = "+",
  range = true,
  bang = true,
  complete = function(...)
    return require("shadowpen.paragraphs.verbs").complete(...)
  end,
  desc = "Correct, summarize, outline or reformat lines, or the paragraph",
})

command("ShadowpenCancel", function(shadowpen)
  shadowpen.cancel()
end, { desc = "Stop writing and discard the preview" })

command("ShadowpenStatus", function()
  vim.api.nvim_echo({ { table.concat(require("shadowpen.status").report(), "\n") } }, false, {})
end, { desc = "Show Shadowpen's state in this buffer" })

local function need_server(sent)
  if not sent then
    vim.notify("Shadowpen: no server is running here.", vim.log.levels.WARN)
  end
end

command("ShadowpenPause", function(shadowpen, called)
  need_server(shadowpen.pause(tonumber(called.args)))
end, { nargs = "?", desc = "Pause for a number of minutes; 0 resumes; without a number, pause or resume" })

local WRONG = "Shadowpen: unknown subcommand, see :help :Shadowpen"

--- An order of the server's that takes one of these words.
local function one_of(order, ...)
  local words = { ... }
  return {
    words,
    function(shadowpen, given)
      if not vim.tbl_contains(words, given) then
        return false
      end
      need_server(shadowpen[order](given))
    end,
  }
end

--- By name: what comes after it, and what it does with that; false where that is nonsense.
local subcommands = {
  pause = {
    { "15", "30", "60", "tomorrow" },
    function(shadowpen, given)
      local wish = given == nil and "on" or given == "tomorrow" and given or tonumber(given)
      if not wish or type(wish) == "number" and wish < 0 then
        return false
      end
      need_server(shadowpen.pause(wish))
    end,
  },
  resume = {
    {},
    function(shadowpen)
      need_server(shadowpen.resume())
    end,
  },
  manual = one_of("manual", "on", "off"),
  rate = one_of("rate", "good", "bad", "1", "2", "3", "4", "5"),
  why = {
    {},
    function(shadowpen)
      need_server(shadowpen.why())
    end,
  },
  report = {
    {},
    function(shadowpen)
      need_server(shadowpen.report())
    end,
  },
  next = {
    {},
    function(shadowpen)
      shadowpen.next_ghost()
    end,
  },
  previous = {
    {},
    function(shadowpen)
      shadowpen.previous_ghost()
    end,
  },
}

command("Shadowpen", function(shadowpen, called)
  local chosen = subcommands[called.fargs[1]]
  if not chosen or #called.fargs > 2 or chosen[2](shadowpen, called.fargs[2]) == false then
    vim.notify(WRONG, vim.log.levels.WARN)
  end
end, {
  nargs = "+",
  complete = function(begun, line)
    local name = line:match("^%s*%S+%s+(%S+)%s")
    local choices = name and (subcommands[name] or { {} })[1] or vim.tbl_keys(subcommands)
    table.sort(choices)
    return vim.tbl_filter(function(choice)
      return vim.startswith(choice, begun)
    end, choices)
  end,
  desc = "Pause, resume, manual mode, rate, report, why, or another suggestion",
})

local KEPT = { "both", "accepted", "written" }

command("ShadowpenLearn", function(shadowpen, called)
  local answer, keep = called.fargs[1], called.fargs[2]
  if answer == "add" and keep then
    need_server(shadowpen.add_folder((called.args:gsub("^add%s+", ""))))
    return
  end
  local known = vim.tbl_contains(KEPT, keep or KEPT[1])
  if #called.fargs <= 2 and known and (answer == "on" or answer == "off" and not keep) then
    need_server(shadowpen.learn(answer, keep))
  else
    vim.notify("Shadowpen: use :ShadowpenLearn on|off, see :help :ShadowpenLearn", vim.log.levels.WARN)
  end
end, {
  nargs = "+",
  complete = function(begun, line)
    if line:match("^%s*%S+%s+add%s") then
      return vim.fn.getcompletion(begun, "dir")
    end
    local choices = line:match("^%s*%S+%s+on%s") and KEPT or { "add", "off", "on" }
    return vim.tbl_filter(function(choice)
      return vim.startswith(choice, begun)
    end, choices)
  end,
  desc = "Keep what you accept, and what you write where a suggestion was shown, and learn from it",
})

command("ShadowpenRestart", function(shadowpen)
  shadowpen.restart()
end, { desc = "Restart the language server" })
