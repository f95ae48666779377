vim9script
# Shadowpen's ghost text in Vim: which buffers have it, highlight groups, and the functions behind commands. See
# |shadowpen|.

import autoload './shadowpen/accept.vim'
import autoload './shadowpen/client.vim'
import autoload './shadowpen/document.vim'
import autoload './shadowpen/ghost.vim'
import autoload './shadowpen/paragraph.vim'
import autoload './shadowpen/words.vim'

const SILENT_MS = 150 # a cursor that stands so long is not on its way

var resting = 0

# --- buffers -----------------------------------------------------------------------------------------

# Open or close the buffer, as it is wanted now.
export def Refresh(buf: number)
  if !bufloaded(buf)
    return
  endif
  if document.WhyNot(buf) != ''
    if document.IsOpen(buf)
      ghost.Clear()
      paragraph.Discard()
      document.Close(buf)
    endif
    return
  endif
  if buf == bufnr()
    accept.Map()
  endif
  client.Start()
  document.Open(buf)
enddef

# The buffer has another name now, and is another document.
export def Renamed(buf: number)
  document.Close(buf)
  Refresh(buf)
enddef

# Its file changed on the disk, and may have been read anew.
export def Reread(buf: number)
  document.Reread(buf)
enddef

def RefreshAll()
  for info in getbufinfo({bufloaded: 1})
    Refresh(info.bufnr)
  endfor
enddef

# A buffer that is entered, loaded, or has a filetype now; after the writer's own autocommands, which may switch it off.
export def Entered(buf: number)
  timer_start(0, (_) => {
    Refresh(buf)
    document.Focus()
  })
enddef

export def Unloaded(buf: number)
  document.Close(buf)
enddef

# The cursor moved without a key that writes: once it rests, what stands before it is read ahead of the first key.
export def Moved()
  timer_stop(resting)
  resting = timer_start(SILENT_MS, (_) => document.Focus())
enddef

client.OnReady(() => {
  paragraph.Discard() # loads what answers the server's edits
  RefreshAll()
  document.Focus()
})
client.OnGone(() => {
  document.CloseAll()
})

# Ghost text has a colour of its own, unless the colour scheme or the writer gives it another.
export def Highlights()
  highlight default ShadowpenGhost term=italic cterm=italic ctermfg=244 gui=italic guifg=#808080
  highlight default ShadowpenHint term=bold cterm=bold ctermfg=244 gui=bold guifg=#808080
enddef

# --- commands ----------------------------------------------------------------------------------------

# Give the server an order that belongs to no document.
def Order(command: string, arguments: list<any>, OnResult: func(any) = null_function)
  if !client.Execute(command, arguments, OnResult)
    client.Tell(words.Say('no server is running here.'))
  endif
enddef

# Flip ghost text, everywhere or in this buffer alone.
export def Toggle(scope: string)
  if scope == 'buffer'
    b:shadowpen_enabled = !get(b:, 'shadowpen_enabled', true)
  else
    g:shadowpen_enabled = !get(g:, 'shadowpen_enabled', true)
  endif
  RefreshAll()
  const on = scope == 'buffer' ? b:shadowpen_enabled : g:shadowpen_enabled
  echo words.Say($'Shadowpen is {on ? "on" : "off"}{scope == "buffer" ? " in this buffer" : ""}.')
enddef

# Say what the server made of an order about all editors.
def Confirm(answer: any)
  if type(answer) == v:t_dict
    echo words.Say('In all editors: %s', answer.message == '' ? words.Say('Ghost text is on.') : answer.message)
  endif
enddef

# Several lines, which Vim would wipe if they were echoed from here; they go when the cursor moves.
def Why(answer: any)
  const text = type(answer) == v:t_dict ? answer.text : words.Say('Shadowpen: no suggestion has been requested yet.')
  popup_atcursor(split(text, "\n"), {padding: [0, 1, 0, 1]})
enddef

def Rated(answer: any)
  const noted = type(answer) == v:t_dict && answer.rated
  echo words.Say(noted ? 'Shadowpen: noted.' : 'Shadowpen: there is nothing to rate.')
enddef

# :Shadowpen pause [minutes]|tomorrow, resume, manual on|off, rate good|bad|1-5, why
export def Command(subcommand: string, given = '')
  if subcommand == 'pause' && given =~ '^\%(\d\+\|tomorrow\)\?$'
    ghost.Clear()
    Order('shadowpen.pause', [given == '' ? 'on' : given == 'tomorrow' ? given : str2nr(given)], Confirm)
  elseif subcommand == 'resume' && given == ''
    Order('shadowpen.resume', [], Confirm)
  elseif subcommand == 'manual' && index(['on', 'off'], given) >= 0
    ghost.Clear()
    Order('shadowpen.manual', [given], Confirm)
  elseif subcommand == 'rate' && given =~ '^\%(good\|bad\|[1-5]\)$'
    Order('shadowpen.rate', [given], Rated)
  elseif subcommand == 'why' && given == ''
    Order('shadowpen.why', [], Why)
  else
    client.Tell(words.Say('unknown subcommand, see :help :Shadowpen'))
  endif
enddef

const SUBCOMMANDS: dict<list<string>> = {
  pause: ['15', '30', '60', 'tomorrow'], resume: [], manual: ['on', 'off'], rate: ['good', 'bad', '1', '2', '3', '4', '5'],
  why: [],
}

export def Complete(begun: string, line: string, _: number): list<string>
  const name = matchstr(line, '^\s*\S\+\s\+\zs\S\+\ze\s')
  const choices = name == '' ? keys(SUBCOMMANDS) : SUBCOMMANDS->get(name, [])
  return sort(copy(choices))->filter((_, choice) => stridx(choice, begun) == 0)
enddef

# Whether it may keep what is accepted and typed over, and learn from it; or a folder to learn from.
export def Learn(given: string)
  if given =~ '^add\s\+\S'
    Order('shadowpen.addFolder', [fnamemodify(expand(substitute(given, '^add\s\+', '', '')), ':p')])
  elseif given =~ '^\%(off\|on\%(\s\+\%(both\|accepted\|written\)\)\?\)$'
    Order('shadowpen.learn', split(given))
  else
    client.Tell(words.Say('use :ShadowpenLearn on|off, see :help :ShadowpenLearn'))
  endif
enddef

export def Restart()
  client.Stop()
  RefreshAll()
enddef

# Stop a continuation or an expansion, and drop its preview.
export def Cancel()
  paragraph.Discard()
enddef

# For 'statusline': '' where Shadowpen is not meant, else e.g. "shadowpen: ready".
export def Status(): string
  if document.WhyNot(bufnr()) != ''
    return ''
  endif
  const status = client.Status()
  const here = client.DocumentStatus(document.Uri(bufnr()))
  if here->get('state', '') == 'inactive' && status.state != 'error'
    return 'shadowpen: inactive'
  endif
  const manual = status.state == 'ready' && status->get('manual', false) == true
  return 'shadowpen: ' .. (manual ? 'manual' : status.state)
enddef

# What it is doing, and if nothing, why.
export def Report(): string
  const [status, buf] = [client.Status(), bufnr()]
  const parts = mapnew(['message', 'hint', 'question'], (_, name) => status->get(name, ''))
    ->filter((_, part) => type(part) == v:t_string && part != '')
  const reason = document.WhyNot(buf)
  const told = client.DocumentStatus(document.Uri(buf))
  const here = reason != '' ? words.Say('off, %s.', reason)
    : !document.IsOpen(buf) ? words.Say('waiting for the server.')
    : told->get('state', '') == 'inactive' ? words.Say('inactive. %s', told.reason) : words.Say('on.')
  const last = client.LastTold()
  const now = words.Say('Shadowpen: %s. %s', words.Say(status.state), join(parts))
  return join([now, words.Say('This buffer: %s', here)]
    + (last == '' || join(parts) =~ '\V' .. escape(last, '\') ? [] : [words.Say('Last message: %s', last)]), "\n")
enddef
