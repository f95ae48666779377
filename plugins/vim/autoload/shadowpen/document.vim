vim9script
# Keep the server's copy of a buffer exact, change by change. Knows nothing of ghost text.
#
# What the writer takes is read off the text, so each change is told with its place and no more than changed. Vim tells
# of changed lines only; which characters of them changed is worked out from the lines that the server holds. Off means
# closed: the server does not hold the text at all.

import autoload './client.vim'
import autoload './words.vim'

const LANGUAGES: dict<string> = {
  asciidoc: 'asciidoc', gitcommit: 'git-commit', mail: 'mail', markdown: 'markdown', org: 'org', pandoc: 'markdown',
  plaintex: 'latex', quarto: 'markdown', rst: 'restructuredtext', tex: 'latex', text: 'plaintext', typst: 'typst',
}
# Where no filetype is detected, as in a configuration without `filetype on`.
const SUFFIXES: dict<string> = {
  md: 'markdown', markdown: 'markdown', qmd: 'markdown', txt: 'text', rst: 'rst', tex: 'tex', adoc: 'asciidoc', org: 'org',
  typ: 'typst',
}

var open: dict<dict<any>> = {} # by buffer: uri, version, lines, listener, touched (lines that changed; [] for none)

def Filetype(buf: number): string
  const set = getbufvar(buf, '&filetype')
  return set != '' ? set : SUFFIXES->get(fnamemodify(bufname(buf), ':e'), '')
enddef

# The protocol's name of the buffer's language; '' where it is not prose.
export def Language(buf: number): string
  const own = get(g:, 'shadowpen', {})->get('filetypes', {})
  for part in split(Filetype(buf), '\.')
    if own->has_key(part)
      return own[part] ? LANGUAGES->get(part, part) : ''
    elseif LANGUAGES->has_key(part)
      return LANGUAGES[part]
    endif
  endfor
  return ''
enddef

# Why the buffer cannot have ghost text; '' where it can.
export def WhyNot(buf: number): string
  if !get(g:, 'shadowpen_enabled', true)
    return words.Say('turned off (:ShadowpenToggle)')
  elseif !getbufvar(buf, 'shadowpen_enabled', true)
    return words.Say('turned off for this buffer (:ShadowpenToggle buffer)')
  elseif getbufvar(buf, '&buftype') != ''
    return words.Say('not an ordinary file')
  elseif Language(buf) == ''
    return words.Say("filetype '%s' is not among those that Shadowpen is for", Filetype(buf))
  elseif bufname(buf) == ''
    return words.Say('it has no name yet: save it first, as NAME.md or NAME.txt')
  elseif bufname(buf) =~ '^\a\+://'
    return words.Say('its file is on another machine')
  elseif &encoding != 'utf-8'
    return "'encoding' is not utf-8"
  endif
  return ''
enddef

export def IsOpen(buf: number): bool
  return open->has_key(buf) && client.Ready()
enddef

export def Uri(buf: number): string
  return open->get(buf, {})->get('uri', '')
enddef

export def Version(buf: number): number
  return open[buf].version
enddef

# The buffer of that URI, 0 for none.
export def OfUri(uri: string): number
  for [buf, document] in items(open)
    if document.uri == uri
      return str2nr(buf)
    endif
  endfor
  return 0
enddef

def UriOf(path: string): string
  const encoded = substitute(path, '[^A-Za-z0-9/._~-]', (found) => {
    return range(strlen(found[0]))->mapnew((_, at) => printf('%%%02X', char2nr(found[0][at : at], 0)))->join('')
  }, 'g')
  return 'file://' .. (path[0] == '/' ? '' : '/') .. encoded
enddef

# --- positions ---------------------------------------------------------------------------------------

# Length in units of UTF-16.
export def Units(text: string): number
  const count = strchars(text)
  return count == strlen(text) ? count : count + len(filter(str2list(text), (_, code) => code > 0xFFFF))
enddef

# A place as the protocol counts: `row` from 0, and the text of the line before it.
def At(row: number, before: string): dict<number>
  return {line: row, character: Units(before)}
enddef

# Line and byte from 1 in the current buffer.
export def Position(lnum: number, col: number): dict<number>
  return At(lnum - 1, strpart(getline(lnum), 0, col - 1))
enddef

# Line and byte from 1 in a buffer of a place as the protocol counts.
export def Place(position: dict<any>, buf = bufnr()): list<number>
  var left = position.character
  var bytes = 0
  for code in str2list(getbufline(buf, position.line + 1)->get(0, ''))
    if left <= 0
      break
    endif
    left -= code > 0xFFFF ? 2 : 1
    bytes += strlen(nr2char(code))
  endfor
  return [position.line + 1, bytes + 1]
enddef

# --- opening and closing -----------------------------------------------------------------------------

export def Open(buf: number)
  if open->has_key(buf) || !client.Ready() || !bufloaded(buf) || WhyNot(buf) != ''
    return
  endif
  final lines = Lines(buf, 1, getbufinfo(buf)[0].linecount)
  open[buf] = {
    uri: UriOf(fnamemodify(bufname(buf), ':p')), version: 0, lines: lines, listener: listener_add(OnChange, buf),
    touched: [],
  }
  client.Notify('textDocument/didOpen', {textDocument: {
    uri: open[buf].uri, languageId: Language(buf), version: 0, text: join(lines, "\n") .. "\n",
  }})
enddef

# Lines as the server is to see them: a carriage return or a NUL within one, which Vim has as "\n", would end it there.
def Lines(buf: number, first: number, last: number): list<string>
  return getbufline(buf, first, last)->map((_, line) => tr(line, "\r\n", '  '))
enddef

export def Close(buf: number)
  if open->has_key(buf)
    TellChanges(buf)
    final document = open->remove(buf)
    listener_remove(document.listener)
    client.Notify('textDocument/didClose', {textDocument: {uri: document.uri}})
  endif
enddef

export def CloseAll()
  for buf in keys(open)
    Close(str2nr(buf))
  endfor
enddef

# Tell the server which document the writer looks at, and where in it.
export def Focus()
  if IsOpen(bufnr())
    client.Notify('textDocument/didFocus', {textDocument: {uri: Uri(bufnr())}, position: Position(line('.'), col('.'))})
  endif
enddef

# --- changes -----------------------------------------------------------------------------------------

# Tell the server of all changes so far.
export def Sync(buf: number)
  listener_flush(buf)
  TellChanges(buf)
enddef

# The file was read anew, of which Vim tells no listener.
export def Reread(buf: number)
  if open->has_key(buf)
    open[buf].touched = All(buf)
    TellChanges(buf)
  endif
enddef

# All lines, as Touched() has them.
def All(buf: number): list<number>
  return [1, len(open[buf].lines) + 1, getbufinfo(buf)[0].linecount + 1]
enddef

# The lines that `changes` touched, and others before them, as [first, behind the last before, behind the last now],
# from 1.
def Touched(earlier: list<number>, changes: list<dict<any>>): list<number>
  var [first, before, now] = empty(earlier) ? [changes[0].lnum, changes[0].lnum, changes[0].lnum] : earlier
  for change in changes
    first = min([first, change.lnum])
    before += max([0, change.end - now])
    now = max([now, change.end]) + change.added
  endfor
  return [first, before, now]
enddef

# Note what changed. It is told a moment later: Vim comes here for each line that an undo changes.
def OnChange(buf: number, _: number, _: number, _: number, changes: list<dict<any>>)
  if open->has_key(buf)
    if empty(open[buf].touched)
      timer_start(0, (_) => TellChanges(buf))
    endif
    open[buf].touched = Touched(open[buf].touched, changes)
  endif
enddef

# Tell the server of the lines that changed.
def TellChanges(buf: number)
  if !open->has_key(buf) || empty(open[buf].touched) || !bufloaded(buf)
    return
  endif
  final document = open[buf]
  const count = getbufinfo(buf)[0].linecount
  var [first, before, now] = document.touched
  document.touched = []
  # Vim tells of a change late where another moves its lines meanwhile: then all lines are compared.
  if count - now != len(document.lines) - before
    [first, before, now] = All(buf)
  endif
  const old = document.lines[first - 1 : before - 2]
  const new = Lines(buf, first, now - 1)
  const change = Difference(first - 1, before > first ? old : [], now > first ? new : [])
  if before > first
    remove(document.lines, first - 1, before - 2)
  endif
  extend(document.lines, now > first ? new : [], first - 1)
  if !empty(change)
    document.version += 1
    client.Notify('textDocument/didChange', {
      textDocument: {uri: document.uri, version: document.version}, contentChanges: [change],
    })
  endif
enddef

# How many characters `one` and `other` have in common at their beginning.
def CommonStart(one: string, other: string): number
  var [low, high] = [0, min([strchars(one), strchars(other)])]
  while low < high
    const middle = (low + high + 1) / 2
    if strcharpart(one, 0, middle) ==# strcharpart(other, 0, middle)
      low = middle
    else
      high = middle - 1
    endif
  endwhile
  return low
enddef

def Reversed(text: string): string
  return list2str(reverse(str2list(text)))
enddef

# The change that makes the lines `new`, the first of which is `row`, of `old`; {} for none. Each line ends with "\n".
def Difference(row: number, old: list<string>, new: list<string>): dict<any>
  const [olds, news] = [len(old), len(new)]
  var head = 0
  while head < min([olds, news]) && old[head] ==# new[head]
    head += 1
  endwhile
  var tail = 0
  while tail < min([olds, news]) - head && old[olds - 1 - tail] ==# new[news - 1 - tail]
    tail += 1
  endwhile
  if head + tail == max([olds, news])
    return {}
  endif
  const removed = old[head : olds - tail - 1]
  const put = new[head : news - tail - 1]
  const gone = olds - tail > head ? join(removed, "\n") .. "\n" : ''
  const come = news - tail > head ? join(put, "\n") .. "\n" : ''
  const start = CommonStart(gone, come)
  const [gone_rest, come_rest] = [strcharpart(gone, start), strcharpart(come, start)]
  const shared = CommonStart(Reversed(gone_rest), Reversed(come_rest))
  const text = strcharpart(come_rest, 0, strchars(come_rest) - shared)
  const ahead = split(strcharpart(gone, 0, start), "\n", true)
  const through = split(strcharpart(gone, 0, strchars(gone) - shared), "\n", true)
  return {text: text, range: {
    start: At(row + head + max([0, len(ahead) - 1]), empty(ahead) ? '' : ahead[-1]),
    end: At(row + head + max([0, len(through) - 1]), empty(through) ? '' : through[-1]),
  }}
enddef
