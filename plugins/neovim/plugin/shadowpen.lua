--- The commands; each loads what it needs when it is used.
if vim.g.loaded_shadowpen then
  return
end
vim.g.loaded_shadowpen = 1

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
  desc = "Switch ghost text on or off, everywhere or in this buffer",
})

command("ShadowpenContinue", function(shadowpen)
  shadowpen.continue()
end, { desc = "Go on with the paragraph" })

command("ShadowpenExpand", function(_, called)
  require("shadowpen.expansion").lines(called.line1, called.line2)
end, { range = true, desc = "Make a paragraph of the selected notes" })

vim.keymap.set("x", "<Plug>(shadowpen-expand)", function()
  require("shadowpen").expand()
end, { desc = "Make a paragraph of the selected notes" })

command("ShadowpenCancel", function(shadowpen)
  shadowpen.cancel()
end, { desc = "Stop what is being written, and drop its preview" })

command("ShadowpenStatus", function()
  vim.api.nvim_echo({ { table.concat(require("shadowpen.status").report(), "\n") } }, false, {})
end, { desc = "Say what Shadowpen is doing here, and if nothing, why" })

local function need_server(sent)
  if not sent then
    vim.notify("Shadowpen: no server runs here.", vim.log.levels.WARN)
  end
end

command("ShadowpenPause", function(shadowpen, called)
  need_server(shadowpen.pause(tonumber(called.args)))
end, { nargs = "?", desc = "Pause for so many minutes; 0 goes on; without a number, pause or go on" })

local WRONG = "Shadowpen: no such order, see :help :Shadowpen"

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
  rate = one_of("rate", "good", "bad"),
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
  desc = "Pause, resume, write by key only, rate, report, ask why, or see another suggestion",
})

command("ShadowpenLearn", function(shadowpen, called)
  if called.args == "on" or called.args == "off" then
    need_server(shadowpen.learn(called.args))
  else
    vim.notify("Shadowpen: say :ShadowpenLearn on, or :ShadowpenLearn off.", vim.log.levels.WARN)
  end
end, {
  nargs = 1,
  complete = function()
    return { "on", "off" }
  end,
  desc = "Answer whether Shadowpen may learn from what you accept",
})

command("ShadowpenRestart", function(shadowpen)
  shadowpen.restart()
end, { desc = "Start the language server anew" })
