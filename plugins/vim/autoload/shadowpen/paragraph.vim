vim9script
# Whole paragraphs, expanded or continued, and the keys of their preview below the text.
#
# Nothing in the buffer changes before the writer takes a paragraph; that is one undo step, and not done when the text is
# no longer what the server read. Knows nothing of how paragraphs are made.

import autoload './client.vim'
import autoload './document.vim'
import autoload './ghost.vim'
import autoload './words.vim'

const CANDIDATES = 3 # at a time
const TYPES = ['ShadowpenHint', 'ShadowpenGhost']
const KEYS: dict<string> = {take: '<Tab>', next: '<C-n>', change: '<C-t>', discard: '<Esc>'}
# What the built-in model can do with a paragraph; a server's model takes any words.
const TURNS = ['shorter', 'longer', 'another beginning', 'another wording', 'less formal', 'more formal', 'mention ']

# buf, tick, lnum (below which it is shown), span, token, candidates, shown, seed, writing, lent; {} for none
var job: dict<any> = {}
var count = 0
var returning: list<any> = []

for type in TYPES
  if empty(prop_type_get(type))
    prop_type_add(type, {highlight: type})
  endif
endfor

# --- drawing -----------------------------------------------------------------------------------------

def Erase()
  if bufloaded(job.buf)
    prop_remove({types: TYPES, bufnr: job.buf, all: true})
  endif
enddef

def Changed(): bool
  return getbufvar(job.buf, 'changedtick') != job.tick
enddef

def Label(action: string, key: string): string
  return $'{words.Say(action)}: {key}'
enddef

def Hint(): string
  var parts = [job.writing ? words.Say('writing …') : words.Say('%d of %d', job.shown + 1, len(job.candidates))]
  if !job.writing && !empty(job.span)
    parts += [Label(Changed() ? 'yank' : 'take', KEYS.take), Label('next', KEYS.next)]
    parts += Changed() ? [] : [Label('change', KEYS.change)]
  endif
  parts->add(Label('discard', KEYS.discard))
  const missing = job.writing ? [] : job.candidates[job.shown].missing
  if !empty(missing)
    parts->add(words.Say('left out: %s', join(missing, ', ')))
  endif
  return join(parts, '  ')
enddef

def Draw(text: string)
  Erase()
  const lnum = min([job.lnum, getbufinfo(job.buf)[0].linecount])
  prop_add(lnum, 0, {type: TYPES[0], bufnr: job.buf, text: Hint(), text_align: 'below', text_wrap: 'wrap'})
  for below in text == '' ? [] : split(substitute(text, '\t', ' ', 'g'), "\n", true)
    prop_add(lnum, 0, {
      type: TYPES[1], bufnr: job.buf, text: below == '' ? ' ' : below, text_align: 'below', text_wrap: 'wrap',
    })
  endfor
enddef

# --- keys --------------------------------------------------------------------------------------------

# Keys that mean something else in one buffer for a while: the mappings that were there before.
def Lend(): list<any>
  final before: list<any> = []
  for [action, key] in items(KEYS)
    const there = maparg(key, 'n', false, true)
    before->add(get(there, 'buffer', 0) == 1 ? there : key)
    execute $'nnoremap <buffer> <nowait> <silent> {key} <Cmd>call shadowpen#paragraph#Key("{action}")<CR>'
  endfor
  return before
enddef

def GiveBack(lent: list<any>)
  for key in lent
    if type(key) == v:t_dict
      mapset('n', false, key)
    else
      execute $'silent! nunmap <buffer> {key}'
    endif
  endfor
enddef

def Close(): dict<any>
  final closed = job
  if !empty(job)
    Erase()
    job = {}
    if bufloaded(closed.buf) && bufnr() == closed.buf
      GiveBack(closed.lent)
    elseif bufloaded(closed.buf)
      const window = bufwinid(closed.buf)
      returning = closed.lent
      win_execute(window, 'call shadowpen#paragraph#GiveBackHere()')
    endif
  endif
  return closed
enddef

export def GiveBackHere()
  GiveBack(returning)
enddef

# Drop the preview, and stop what is being written; false where there is none.
export def Discard(): bool
  final closed = Close()
  if !empty(closed) && closed.writing
    client.Notify('window/workDoneProgress/cancel', {token: closed.token})
  endif
  return !empty(closed)
enddef

# The text is no longer what the server read: what is being written is dropped, what is there may still be yanked.
export def Touched()
  if empty(job) || bufnr() != job.buf || !Changed()
    return
  endif
  if job.writing && empty(job.candidates)
    Discard()
    client.Tell(words.Say('the text changed, so the paragraph was dropped.'))
  elseif !job.writing
    Draw(job.candidates[job.shown].text)
  endif
enddef

client.OnGone(() => {
  if !empty(job) && job.writing
    Close()
  endif
})

client.OnNotification((method, params) => {
  if method == '$/progress' && !empty(job) && job.writing && params.token == job.token && params.value.kind == 'report'
    Draw(params.value.message)
  endif
})

# --- orders ------------------------------------------------------------------------------------------

def Arrived(token: string, reason: string, result: any)
  if empty(job) || job.token != token
    return
  endif
  job.writing = false
  const known = len(job.candidates)
  final texts = type(result) == v:t_dict ? result->get('candidates', []) : []
  for at in range(len(texts))
    job.candidates->add({text: texts[at], missing: result.missing[at]})
  endfor
  if empty(texts) && reason != ''
    client.Tell(reason)
  endif
  if empty(job.candidates)
    Close()
  else
    job.shown = empty(texts) ? job.shown : known
    Draw(job.candidates[job.shown].text)
  endif
enddef

def Ask(command: string, arguments: list<any>)
  count += 1
  const token = $'{command}.{count}'
  [job.token, job.writing] = [token, true]
  Draw('')
  client.Execute(command, arguments, (result) => {
    Arrived(token, type(result) == v:t_dict ? result->get('reason', '') : '', result)
  }, token, (problem) => {
    Arrived(token, problem, {})
  })
enddef

def Begin(lnum: number, span: list<number>): bool
  const buf = bufnr()
  if !document.IsOpen(buf)
    const reason = document.WhyNot(buf)
    client.Tell(words.Say('not here: %s.', reason == '' ? words.Say('the server is not ready') : reason))
    return false
  elseif !&modifiable
    client.Tell(words.Say("not here: 'nomodifiable' is set."))
    return false
  endif
  Discard()
  ghost.Clear()
  document.Sync(buf)
  job = {
    buf: buf, tick: b:changedtick, lnum: lnum, span: span, candidates: [], shown: 0, seed: 0, writing: true, lent: Lend(),
  }
  return true
enddef

# Write the paragraph on from the cursor; the server puts it there when it is whole.
export def Continue()
  const position = document.Position(line('.'), col('.') + (mode() == 'n' && col('$') > 1 ? strlen(CharHere()) : 0))
  if Begin(line('.'), [])
    Ask('shadowpen.continue', [document.Uri(bufnr()), position])
  endif
enddef

def CharHere(): string
  return matchstr(getline('.'), '.', col('.') - 1)
enddef

# Ask for paragraphs; `turn` says what to change in the one that is shown.
def Expand(turn = '')
  final options: dict<any> = {preview: true, seed: job.seed, candidates: CANDIDATES}
  if turn != ''
    [options.turn, options.shown] = [turn, job.candidates[job.shown].text]
  endif
  const [lnum, col, end_lnum, end_col] = job.span
  Ask('shadowpen.expand', [document.Uri(job.buf), {
    start: document.Position(lnum, col), end: document.Position(end_lnum, end_col),
  }, options])
enddef

# `span` (line and byte from 1, the end exclusive) without the blanks at its ends; [] when there is nothing else.
def WithoutBlanks(span: list<number>): list<number>
  var [lnum, col, end_lnum, end_col] = span
  while lnum <= end_lnum && strpart(getline(lnum), col - 1, lnum == end_lnum ? end_col - col : 99999) !~ '\S'
    [lnum, col] = [lnum + 1, 1]
  endwhile
  if lnum > end_lnum
    return []
  endif
  col += strlen(matchstr(strpart(getline(lnum), col - 1), '^\s*'))
  while strpart(getline(end_lnum), 0, end_col - 1) !~ '\S'
    end_lnum -= 1
    end_col = strlen(getline(end_lnum)) + 1
  endwhile
  end_col -= strlen(matchstr(strpart(getline(end_lnum), 0, end_col - 1), '\s*$'))
  return [lnum, col, end_lnum, end_col]
enddef

def Start(span: list<number>)
  const notes = WithoutBlanks(span)
  if empty(notes)
    client.Tell(words.Say('there are no notes to expand: select some words first.'))
  elseif Begin(notes[2], notes)
    Expand()
  endif
enddef

# Make a paragraph of lines; where they are the last selection, of what was selected of them.
export def Lines(first: number, last: number)
  var [col, end_col] = [1, strlen(getline(last)) + 1]
  const [from, to] = [getpos("'<"), getpos("'>")]
  if visualmode() ==# 'v' && from[1] == first && to[1] == last
    const character = &selection == 'exclusive' ? '' : matchstr(getline(last), '.', to[2] - 1)
    [col, end_col] = [from[2], min([to[2] + strlen(character), end_col])]
  endif
  Start([first, col, last, end_col])
enddef

# Make a paragraph of what is selected, leaving visual mode.
export def Selection()
  execute "normal! \<Esc>"
  Lines(line("'<"), line("'>"))
enddef

# --- taking ------------------------------------------------------------------------------------------

# Put `text` in the place of a span, as one undo step; where it ends, as line and byte from 1.
def Put(buf: number, span: list<number>, text: string): list<number>
  const [lnum, col, end_lnum, end_col] = span
  const before = strpart(Line(buf, lnum), 0, col - 1)
  const after = strpart(Line(buf, end_lnum), end_col - 1)
  const lines = split(before .. text .. after, "\n", true)
  CloseUndoBlock(buf)
  if len(lines) < end_lnum - lnum + 1
    deletebufline(buf, lnum + len(lines), end_lnum)
  elseif len(lines) > end_lnum - lnum + 1
    appendbufline(buf, end_lnum, repeat([''], len(lines) - (end_lnum - lnum + 1)))
  endif
  setbufline(buf, lnum, lines)
  CloseUndoBlock(buf)
  document.Sync(buf)
  return [lnum + len(lines) - 1, strlen(lines[-1]) - strlen(after) + 1]
enddef

def Line(buf: number, lnum: number): string
  return getbufline(buf, lnum)->get(0, '')
enddef

# Also in the middle of an insert.
def CloseUndoBlock(buf: number)
  setbufvar(buf, '&undolevels', getbufvar(buf, '&undolevels'))
enddef

# The cursor behind a place: on the character before it, but when text is typed.
def GoBehind(place: list<number>)
  cursor(place[0], place[1] - (mode() == 'i' ? 0 : 1))
enddef

def IsBefore(one: list<number>, other: list<number>): bool
  return one[0] < other[0] || one[0] == other[0] && one[1] < other[1]
enddef

# Where a place behind a span is once a text that ends at `ending` stands there.
def Shifted(place: list<number>, span: list<number>, ending: list<number>): list<number>
  const [_, _, end_lnum, end_col] = span
  return [place[0] + ending[0] - end_lnum, place[1] + (place[0] == end_lnum ? ending[1] - end_col : 0)]
enddef

# Put `text` in the place of a span. The cursor goes behind it if it is there, and else stays in its text.
def PutBesideCursor(span: list<number>, text: string)
  const place = [line('.'), col('.')]
  const gap = [place[0], place[1] + (mode() == 'i' ? 0 : strlen(CharHere()))]
  const [is_before, is_behind] = [IsBefore(gap, span[: 1]), IsBefore(span[2 :], place)]
  const ending = Put(bufnr(), span, text)
  if is_before
    cursor(place)
  elseif is_behind
    cursor(Shifted(place, span, ending))
  else
    GoBehind(ending)
  endif
enddef

def Take()
  final [changed, candidate] = [Changed(), job.candidates[job.shown]]
  final closed = Close()
  if changed || !&modifiable
    setreg('"', candidate.text)
    client.Tell(words.Say('the text changed meanwhile; p inserts the paragraph.'))
  else
    GoBehind(Put(bufnr(), closed.span, candidate.text))
  endif
enddef

def Next()
  if job.shown + 1 < len(job.candidates)
    job.shown += 1
    Draw(job.candidates[job.shown].text)
  elseif Changed()
    client.Tell(words.Say('the text changed, so there are no more paragraphs of it.'))
  else
    job.seed += 1
    Expand()
  endif
enddef

export def Turns(begun: string, line: string, at: number): list<string>
  return copy(TURNS)->filter((_, turn) => stridx(turn, begun) == 0)
enddef

# Let the writer say how the paragraph that is shown is to be changed.
def Change()
  if Changed()
    client.Tell(words.Say('the text changed, so there are no more paragraphs of it.'))
    return
  endif
  const turn = trim(input(words.Say('Change the paragraph (Tab for a list): '), '', 'customlist,shadowpen#paragraph#Turns'))
  if turn != '' && !empty(job) && !job.writing
    Expand(turn)
  endif
enddef

# What a key does to the preview.
export def Key(action: string)
  if empty(job) || job.buf != bufnr()
    GiveBack(values(KEYS)) # the preview was closed while no window showed its buffer
    feedkeys(eval('"\' .. KEYS[action] .. '"'), 'in')
  elseif action == 'discard'
    Discard()
  elseif job.writing
    client.Tell(words.Say('the paragraph is still being written.'))
  elseif action == 'take'
    Take()
  elseif action == 'change'
    Change()
  else
    Next()
  endif
enddef

# The server's own edit, one undo step; refused for a text that has changed.
def ApplyEdit(params: dict<any>): any
  for change in params.edit->get('documentChanges', [])
    const buf = document.OfUri(change.textDocument.uri)
    document.Sync(buf)
    if buf == 0 || !getbufvar(buf, '&modifiable') || change.textDocument.version != document.Version(buf)
      return {applied: false}
    endif
    Close()
    for edit in change.edits
      const span = document.Place(edit.range.start, buf) + document.Place(edit.range.end, buf)
      if buf == bufnr()
        PutBesideCursor(span, edit.newText)
      else
        Put(buf, span, edit.newText)
      endif
    endfor
  endfor
  return {applied: true}
enddef

client.OnRequest('workspace/applyEdit', ApplyEdit)
