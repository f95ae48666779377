if !has('vim9script') || !has('patch-9.0.0185') || !has('textprop') || !has('channel') || exists('g:loaded_shadowpen')
  finish
endif
vim9script
# The commands, and what buffers with ghost text react to; each loads what it needs when it is used.

g:loaded_shadowpen = 1

import autoload '../autoload/shadowpen.vim'
import autoload '../autoload/shadowpen/ghost.vim'
import autoload '../autoload/shadowpen/paragraph.vim'

augroup shadowpen
  autocmd!
  autocmd BufEnter,FileType,BufWritePost,FocusGained * shadowpen.Entered(str2nr(expand('<abuf>')))
  autocmd BufFilePost * shadowpen.Renamed(str2nr(expand('<abuf>')))
  autocmd FileChangedShellPost * shadowpen.Reread(str2nr(expand('<abuf>')))
  autocmd BufUnload * shadowpen.Unloaded(str2nr(expand('<abuf>')))
  autocmd CursorMoved * shadowpen.Moved()
  autocmd TextChangedI,TextChangedP * ghost.TextChanged()
  autocmd CursorMovedI * ghost.CursorMoved()
  autocmd InsertEnter * ghost.InsertEntered()
  autocmd InsertLeave,BufLeave,CompleteChanged,CmdlineEnter,FocusLost * ghost.Clear()
  autocmd SafeState * ghost.InsertLeft() # CTRL-C leaves insert mode without InsertLeave
  autocmd TextChanged,TextChangedI * paragraph.Touched()
  autocmd ColorScheme,VimEnter * shadowpen.Highlights()
augroup END
shadowpen.Highlights()

command -bar -nargs=? -complete=custom,ShadowpenScopes ShadowpenToggle shadowpen.Toggle(<q-args>)
command -bar ShadowpenContinue paragraph.Continue()
command -bar -range ShadowpenExpand paragraph.Lines(<line1>, <line2>)
command -bar ShadowpenCancel shadowpen.Cancel()
command -bar ShadowpenStatus echo shadowpen.Report()
command -bar ShadowpenRestart shadowpen.Restart()
command -nargs=+ -complete=customlist,shadowpen.Complete Shadowpen shadowpen.Command(<f-args>)
command -nargs=+ -complete=dir ShadowpenLearn shadowpen.Learn(<q-args>)

def g:ShadowpenScopes(_: string, _: string, _: number): string
  return 'buffer'
enddef

xnoremap <silent> <Plug>(shadowpen-expand) <Cmd>call shadowpen#paragraph#Selection()<CR>
