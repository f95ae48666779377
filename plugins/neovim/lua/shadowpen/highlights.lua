--- The highlight groups, and whether ghost text looks different from typed text. Knows nothing of the rest.
local api = vim.api
local M = {}

local GREY = { rgb = 0x808080, of_256 = 244, of_16 = 8, of_8 = 6 }
local MARKED = { "bg", "ctermbg", "reverse", "underline", "undercurl", "underdotted", "underdashed", "underdouble" }

local FEWEST = 8 -- with fewer colours a terminal has none

--- How many colours the terminal has; Neovim says "" for none.
local function colours()
  return tonumber(vim.fn.eval("&t_Co")) or 0
end

local function is_without_colours()
  return not vim.o.termguicolors and colours() < FEWEST
end

local function grey()
  local count = colours()
  return count >= 256 and GREY.of_256 or count >= 16 and GREY.of_16 or GREY.of_8
end

--- The colour scheme's own for comments, where it sets them apart from text at all; else grey.
local function own()
  local comment, normal = api.nvim_get_hl(0, { name = "Comment", link = false }), api.nvim_get_hl(0, { name = "Normal" })
  local apart = comment.fg and comment.fg ~= normal.fg
  local cterm = comment.ctermfg
  local cterm_apart = cterm and cterm ~= normal.ctermfg and cterm < colours()
  return {
    fg = apart and comment.fg or GREY.rgb,
    ctermfg = cterm_apart and cterm or grey(),
    italic = true,
    cterm = { italic = true, underline = is_without_colours() },
  }
end

--- Give the groups their colours; a definition of the writer's own or of a colour scheme's goes before.
function M.set()
  api.nvim_set_hl(0, "ShadowpenGhostDefault", own())
  api.nvim_set_hl(0, "ShadowpenGhost", { default = true, link = "ShadowpenGhostDefault" })
  api.nvim_set_hl(0, "ShadowpenHint", { default = true, link = "Title" })
  local removed = api.nvim_get_hl(0, { name = "DiffDelete", link = false })
  local struck = { strikethrough = true, fg = removed.fg, bg = removed.bg, ctermfg = removed.ctermfg }
  struck.ctermbg, struck.cterm = removed.ctermbg, { strikethrough = true }
  api.nvim_set_hl(0, "ShadowpenOldDefault", struck)
  api.nvim_set_hl(0, "ShadowpenOld", { default = true, link = "ShadowpenOldDefault" })
  api.nvim_set_hl(0, "ShadowpenNew", { default = true, link = "DiffAdd" })
end

--- What sets ghost text apart here, for :highlight.
---@return string
function M.advice()
  return is_without_colours() and "cterm=underline" or vim.o.termguicolors and "guifg=gray" or "ctermfg=gray"
end

--- Whether ghost text looks other than typed text here.
function M.told_apart()
  local rgb = vim.o.termguicolors
  local ghost = api.nvim_get_hl(0, { name = "ShadowpenGhost", link = false })
  local normal = api.nvim_get_hl(0, { name = "Normal", link = false })
  local attributes = rgb and ghost or vim.tbl_extend("force", ghost.cterm or {}, { ctermbg = ghost.ctermbg })
  for _, name in ipairs(MARKED) do
    if attributes[name] and attributes[name] ~= normal[name] then
      return true
    end
  end
  if is_without_colours() then
    return false
  end
  local key = rgb and "fg" or "ctermfg"
  return ghost[key] ~= nil and ghost[key] ~= normal[key]
end

return M
