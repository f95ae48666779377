---@brief
---
--- https://github.com/shadowpen/shadowpen
---
--- Ghost text that writes like its author. A small language model on your own machine; no text leaves it.
---
--- Install the server with `pipx install 'shadowpen[cpu]'` or `uv tool install 'shadowpen[cpu]'`, then get the model once with
--- `shadowpen setup`. Ghost text needs Neovim 0.12 and `vim.lsp.inline_completion.enable()`, or Shadowpen's own plug-in; older
--- versions show suggestions in the completion menu.

-- Written by packaging/generate.py from its template: change that one.
---@type vim.lsp.Config
return {
  cmd = { 'shadowpen', 'lsp' },
  filetypes = {
    'asciidoc',
    'gitcommit',
    'mail',
    'markdown',
    'org',
    'pandoc',
    'plaintex',
    'quarto',
    'rst',
    'tex',
    'text',
    'typst',
  },
  root_markers = { '.git' },
}
