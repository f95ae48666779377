vim9script
# One ghost text: requested, drawn after the cursor, kept while the writer types along it.
#
# A ghost is anchored where the server's answer began. What is grey is always worked out from the buffer: the text
# between anchor and cursor must be the beginning of the answer, and the line around it as it was. So typing along,
# deleting again and accepting a word are one rule, and a ghost is never drawn over text it was not made for. Knows
# nothing of keys and processes.

import autoload './client.vim'
import autoload './document.vim'

const INVOKED = 1
const AUTOMATIC = 2
const TYPE = 'ShadowpenGhost'

var ghost: dict<any> = {} # buf, lnum, col, head, tail, item, items, invoked; {} for none
var pending = false
var sequence = 0 # of the newest request: older answers are dropped
var seen: list<any> = [] # the text and place last dealt with
var asked_at: list<any> = reltime()
var invoked_at: list<any> = [] # where the writer's own request is under way
var waiting = 0 # the timer of a request that waits for its time

if empty(prop_type_get(TYPE))
  prop_type_add(TYPE, {highlight: 'ShadowpenGhost'})
endif

# Ghost text is for a person who types: not for a popup menu's choice, a recorded or a replayed macro.
def Welcome(): bool
  return mode() =~ '^[iR]' && !pumvisible() && reg_recording() == '' && reg_executing() == ''
enddef

def Here(): list<any>
  return [bufnr(), b:changedtick, line('.'), col('.')]
enddef

def IsBlank(text: string): bool
  return text !~ '\S'
enddef

# What of the ghost is written already, and what is still to be; [] when buffer and ghost do not agree.
export def Split(): list<string>
  if empty(ghost) || bufnr() != ghost.buf
    return []
  endif
  const text = ghost.item.insertText
  const [lnum, col] = [line('.'), col('.')]
  if lnum < ghost.lnum || lnum == ghost.lnum && col < ghost.col || lnum > ghost.lnum + count(text, "\n")
    return []
  endif
  const first = getline(ghost.lnum)
  if strpart(first, 0, ghost.col - 1) !=# ghost.head || strpart(getline('.'), col - 1) !=# ghost.tail
    return []
  endif
  final lines = getline(ghost.lnum, lnum)
  lines[-1] = strpart(lines[-1], 0, col - 1)
  lines[0] = strpart(lines[0], ghost.col - 1)
  const typed = join(lines, "\n")
  const rest = strpart(text, strlen(typed))
  return strpart(text, 0, strlen(typed)) ==# typed && !IsBlank(rest) ? [typed, rest] : []
enddef

export def Rest(): string
  return Split()->get(1, '')
enddef

# The ghost on the screen, {} for none.
export def Current(): dict<any>
  return Rest() != '' ? ghost : {}
enddef

# --- drawing -----------------------------------------------------------------------------------------

def Erase(buf: number)
  if bufloaded(buf)
    prop_remove({type: TYPE, bufnr: buf, all: true})
  endif
enddef

def Draw(rest: string)
  Erase(bufnr())
  const lines = split(substitute(rest, '\t', ' ', 'g'), "\n", true)
  if lines[0] != ''
    prop_add(line('.'), col('.'), {type: TYPE, text: lines[0]})
  endif
  for below in lines[1 :]
    prop_add(line('.'), 0, {type: TYPE, text: below == '' ? ' ' : below, text_align: 'below', text_wrap: 'wrap'})
  endfor
enddef

# Take the ghost off the screen; a request under way goes on.
def Hide()
  if !empty(ghost)
    Erase(ghost.buf)
    ghost = {}
  endif
enddef

def Cancel()
  timer_stop(waiting)
  [pending, invoked_at] = [false, []]
  sequence += 1
enddef

# No ghost, and none under way.
export def Clear()
  Hide()
  Cancel()
enddef

# Vim waits for the next key: where that is not one of insert mode any more, there is no ghost.
export def InsertLeft()
  if (!empty(ghost) || pending) && mode() !~ '^[iR]'
    Clear()
  endif
enddef

# --- answers -----------------------------------------------------------------------------------------

# The answers that can be drawn at `position`, each text once.
def Drawable(result: any, position: dict<any>): list<dict<any>>
  final found: list<dict<any>> = []
  final known: dict<bool> = {}
  final told = type(result) == v:t_dict ? result->get('items', []) : type(result) == v:t_list ? result : []
  for item in told
    const text = item->get('insertText', '')
    const span = item->get('range', v:null)
    const fits = type(span) != v:t_dict || span.start == position && span.end == position
    if type(text) == v:t_string && !IsBlank(text) && fits && !known->has_key(text)
      known[text] = true
      found->add(item)
    endif
  endfor
  return found
enddef

def TellShown()
  client.Notify('textDocument/didShowCompletion', {item: ghost.item})
enddef

def Show(result: any, position: dict<any>, kind: number, growing = false)
  final items = Drawable(result, position)
  const text = empty(items) ? '' : items[0].insertText
  const rest = Rest()
  if rest != '' && kind == AUTOMATIC && stridx(text, rest) != 0
    return # the writer types along what is shown: it may grow, but never change under the eyes
  endif
  if text != '' && text ==# rest && len(items) < 2
    return
  endif
  Hide()
  if text == ''
    return
  endif
  const col = col('.')
  ghost = {
    buf: bufnr(), lnum: line('.'), col: col, item: items[0], items: items, invoked: kind == INVOKED,
    head: strpart(getline('.'), 0, col - 1), tail: strpart(getline('.'), col - 1),
  }
  Draw(text)
  if !growing
    TellShown()
  endif
enddef

# Put the alternative `step` places further on in the place of what is shown; one that does not go on as the writer did
# is passed over. False where there is no other.
def StepOn(step: number): bool
  const split = Split()
  if empty(split)
    return false
  endif
  const typed = split[0]
  var at = index(ghost.items, ghost.item)
  for _ in range(len(ghost.items) - 1)
    at = (at + step + len(ghost.items)) % len(ghost.items)
    const text = ghost.items[at].insertText
    if stridx(text, typed) == 0 && !IsBlank(strpart(text, strlen(typed)))
      ghost.item = ghost.items[at]
      Draw(strpart(text, strlen(typed)))
      TellShown()
      return true
    endif
  endfor
  return false
enddef

def Request(kind: number, step = 0)
  Cancel()
  const buf = bufnr()
  if !document.IsOpen(buf) || !Welcome()
    return
  endif
  document.Sync(buf)
  asked_at = reltime()
  seen = Here()
  final [mine, asked] = [sequence, seen]
  const position = document.Position(line('.'), col('.'))
  invoked_at = kind == INVOKED ? asked : []
  pending = client.Request('textDocument/inlineCompletion', {
    textDocument: {uri: document.Uri(buf)}, position: position, context: {triggerKind: kind},
  }, (result) => {
    if mine != sequence
      return
    endif
    pending = false
    if asked == Here() && Welcome()
      const before = Rest()
      invoked_at = []
      Show(result, position, kind)
      if step != 0 && before != '' && stridx(Rest(), before) == 0
        StepOn(step)
      endif
    endif
  })
enddef

# More of the text that the writer asked for by a key: it is drawn while the rest is still being made.
client.OnNotification((method, params) => {
  if method == 'shadowpen/growing' && !empty(invoked_at) && invoked_at == Here() && Welcome()
      && params.textDocument.uri == document.Uri(bufnr())
    Show(params, params.position, INVOKED, true)
  endif
})

client.OnGone(() => {
  Clear()
})

# Ask at once when the last request is old enough, else as soon as it is: a key is never kept waiting for the next one,
# and a burst costs one request.
def RequestSoon()
  if !empty(invoked_at) && invoked_at == Here()
    return # the text that is told of now is the one that the writer asked about already
  endif
  Cancel()
  const throttle_ms = get(g:, 'shadowpen', {})->get('throttle_ms', 25)
  const wait_ms = float2nr(ceil(throttle_ms - reltimefloat(reltime(asked_at)) * 1000))
  if wait_ms <= 0
    Request(AUTOMATIC)
  else
    waiting = timer_start(wait_ms, (_) => Request(AUTOMATIC))
  endif
enddef

# --- what happens in insert mode ---------------------------------------------------------------------

export def TextChanged()
  seen = Here()
  const rest = Welcome() ? Rest() : ''
  if rest != ''
    Draw(rest)
  else
    Hide()
  endif
  RequestSoon()
enddef

# The cursor moved; when the text changed too, TextChanged() follows at once.
export def CursorMoved()
  final before = seen
  seen = Here()
  if !empty(before) && before[: 1] == seen[: 1] && before != seen && Rest() == ''
    Clear()
  endif
enddef

# Insert mode begins: at the end of a line the writer means to go on, elsewhere to mend.
export def InsertEntered()
  const tick = b:changedtick
  timer_start(0, (_) => { # during InsertEnter the mode is still the old one
    if tick == b:changedtick && col('.') == col('$')
      RequestSoon()
    endif
  })
enddef

# The writer asks for ghost text here and now; asked again at the same place the server gives more of it.
export def Trigger()
  Request(INVOKED)
enddef

# The writer wants something else than what is shown, `step` places further on.
export def Alternative(step: number)
  if !StepOn(step) && !(Rest() != '' && ghost.invoked)
    Request(INVOKED, step)
  endif
enddef

# The writer waves it away: it goes, and the server, which is told, does not offer it here again. False for none.
export def Dismiss(): bool
  final shown = Current()
  Clear()
  if empty(shown)
    return false
  endif
  const arguments = shown.item->get('command', {})->get('arguments', [v:null])
  client.Execute('shadowpen.dismiss', [arguments[0]])
  return true
enddef
