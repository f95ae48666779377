vim9script
# Accept ghost text (all of it, a word, a sentence, a line), and the keys that do so.
#
# Each piece taken is an undo step of its own, and `.` repeats it with the rest of the insert. A key means what it always
# meant while no ghost is shown, and is not touched where the writer's own configuration has mapped it.

import autoload './client.vim'
import autoload './document.vim'
import autoload './ghost.vim'
import autoload './paragraph.vim'

# No key here is one with Alt: Vim cannot tell <M-\> from Ü in every terminal.
const KEYS: dict<string> = {
  accept: '<Tab>', accept_word: '<C-Right>', accept_sentence: '<M-Right>', accept_line: '<C-Down>', dismiss: '<C-]>',
  suggest: '<C-g>g', next: '<C-g>n', previous: '<C-g>p', continue: '<C-g>c', expand: '<C-g>',
}
const REGISTER = 'z'
# Up to the marks that end a sentence, with the quotes and brackets closed behind them; those of other scripts than
# Latin, Greek and Cyrillic need no blank.
const SENTENCE = '\v^\_s*\_.{-}%([.!?…]["''”’»)\]]*\ze%(\_s|$)|[。！？｡؟۔।॥։።፧፨។៕။།༎᠃᠉܀⸮‼⁇⁈⁉‽]["''”’」』）)]*)'

var lent: dict<any> = {} # what the register held
var Then: func() = () => {
}

# The text is there, as one change.
export def Done()
  setreg(REGISTER, lent)
  document.Sync(bufnr())
  Then()
enddef

# An undo step of its own; CTRL-R CTRL-O puts it in as it is, whatever the indent and the text width. The register is
# lent: that of expressions would open the command line for a moment.
def Insert(text: string, After: func())
  document.Sync(bufnr())
  lent = getreginfo(REGISTER)
  setreg(REGISTER, text, 'c')
  Then = After
  feedkeys($"\<C-g>u\<C-r>\<C-o>{REGISTER}\<C-g>u" .. "\<Cmd>call shadowpen#accept#Done()\<CR>", 'in') # ahead of what is typed already
enddef

def Take(pattern: string): bool
  final shown = ghost.Current()
  if empty(shown)
    return false
  endif
  const [typed, rest] = ghost.Split()
  const matched = matchstr(rest, pattern)
  const taken = matched == '' ? rest : matched
  if strpart(rest, strlen(taken)) !~ '\S'
    final command = shown.item->get('command', {})
    ghost.Clear()
    Insert(rest, () => {
      if !empty(command)
        client.Execute(command.command, command.arguments)
      endif
    })
  else
    final [item, length] = [shown.item, document.Units(typed .. taken)]
    Insert(taken, () => {
      client.Notify('textDocument/didPartiallyAcceptCompletion', {item: item, acceptedLength: length})
    })
  endif
  return true
enddef

const PIECES: dict<string> = {
  accept: '^\_.*$', accept_word: '^\_s*\S\+', accept_sentence: SENTENCE, accept_line: '^\_s*[^\n]\+',
}

# False: the key is to do what it always did.
def Act(action: string): bool
  if PIECES->has_key(action)
    return Take(PIECES[action])
  elseif action == 'dismiss'
    return ghost.Dismiss()
  elseif action == 'suggest'
    ghost.Trigger()
  elseif action == 'continue'
    paragraph.Continue()
  else
    ghost.Alternative(action == 'next' ? 1 : -1)
  endif
  return true
enddef

# What a key of that action does in insert mode.
export def Key(action: string)
  if !Act(action)
    feedkeys(substitute(KeyOf(action), '<[^>]\+>', (found) => eval('"\' .. found[0] .. '"'), 'g'), 'in')
  endif
enddef

def KeyOf(action: string): string
  return get(g:, 'shadowpen', {})->get('keys', {})->get(action, KEYS[action])
enddef

def IsFree(key: string, mode: string): bool
  const found = maparg(key, mode, false, true)
  return empty(found) || found.rhs =~ 'shadowpen'
enddef

# Map the keys in the current buffer.
export def Map()
  for action in filter(keys(KEYS), (_, name) => name != 'expand')
    const key = KeyOf(action)
    if key != '' && IsFree(key, 'i')
      execute $'inoremap <buffer> <silent> {key} <Cmd>call shadowpen#accept#Key("{action}")<CR>'
    endif
  endfor
  const expand = KeyOf('expand')
  if expand != '' && IsFree(expand, 'x')
    execute $'xnoremap <buffer> <silent> {expand} <Cmd>call shadowpen#paragraph#Selection()<CR>'
  endif
enddef
