vim9script
# The language server's process, and its status. Knows neither documents nor ghost text.
#
# One server per Vim, over a channel of Vim's own in LSP mode; it runs beside any other client.

import autoload './words.vim'

const STORED = expand('<script>:p:h:h:h') .. '/command.json'
const PATIENCE_MS = 2000
const DOCTOR = 'Run `shadowpen doctor` in a terminal.'

var server: job
var ready = false
var stopping = false
var status: dict<any> = {state: 'off'}
var documents: dict<dict<any>> = {}
var last_told = ''
var on_notification: list<func(string, dict<any>)> = []
var on_request: dict<func(dict<any>): any> = {}
var on_ready: list<func()> = []
var on_gone: list<func()> = []

# --- who wants to hear of what -----------------------------------------------------------------------

export def OnNotification(Callback: func(string, dict<any>))
  on_notification->add(Callback)
enddef

export def OnRequest(method: string, Callback: func(dict<any>): any)
  on_request[method] = Callback
enddef

export def OnReady(Callback: func())
  on_ready->add(Callback)
enddef

export def OnGone(Callback: func())
  on_gone->add(Callback)
enddef

# --- status ------------------------------------------------------------------------------------------

export def Status(): dict<any>
  return status
enddef

# What the server said about the document of that URI, {} for nothing.
export def DocumentStatus(uri: string): dict<any>
  return documents->get(uri, {})
enddef

export def LastTold(): string
  return last_told
enddef

# Say something in one line: a longer message would stop the typing with a prompt.
export def Tell(text: string)
  last_told = text
  var line = substitute(text, '\s*\n\s*', ' ', 'g')
  if line !~ '^Shadowpen'
    line = words.Say('Shadowpen: %s', line)
  endif
  const room = v:echospace
  if strdisplaywidth(line) > room
    const more = ' … :ShadowpenStatus'
    line = strcharpart(line, 0, room - strdisplaywidth(more)) .. more
  endif
  echohl WarningMsg
  echomsg line
  echohl None
enddef

def SetStatus(told: dict<any>)
  if type(told->get('documentState', v:null)) == v:t_dict
    documents[told.documentState.uri] = told.documentState
  endif
  status = told
  silent! doautocmd <nomodeline> User ShadowpenStatus
  silent! redrawstatus!  # the writer's own statusline may fail
enddef

def Fail(message: string, hint: string)
  SetStatus({state: 'error', message: message, hint: hint})
  Tell(message .. ' ' .. hint)
enddef

# --- process -----------------------------------------------------------------------------------------

# The language server's command line: the writer's own, else that of the program that put this plug-in here, since an
# editor started from a desktop need not have the PATH of the shell.
export def Command(): list<string>
  const own = get(g:, 'shadowpen', {})->get('cmd', [])
  if !empty(own)
    return own
  endif
  try
    const stored = json_decode(join(readfile(STORED), "\n"))
    if type(stored) == v:t_list && !empty(stored) && type(stored[0]) == v:t_string
      return stored
    endif
  catch
  endtry
  return ['shadowpen', 'lsp']
enddef

# Whether `shadowpen install vim` put this plug-in here.
export def Stored(): bool
  return filereadable(STORED)
enddef

export def Ready(): bool
  return ready
enddef

def Running(): bool
  return type(server) == v:t_job && job_status(server) == 'run'
enddef

# Start the server unless there is one, or it has failed; it answers later.
export def Start()
  if Running() || status.state == 'error'
    return
  endif
  const command = Command()
  if !executable(command[0])
    Fail(words.Say("'%s' cannot be run.", command[0]), words.Say(DOCTOR))
    return
  endif
  SetStatus({state: 'starting'})
  stopping = false
  server = job_start(command, {
    in_mode: 'lsp', out_mode: 'lsp', err_io: 'null', noblock: true, stoponexit: 'term',
    out_cb: OnMessage, exit_cb: OnExit,
  })
  if !Running()
    Fail(words.Say('The server could not be started.'), words.Say(DOCTOR))
    return
  endif
  Send({method: 'initialize', params: {
    processId: getpid(),
    clientInfo: {name: 'Vim', version: string(v:versionlong)},
    rootUri: v:null,
    capabilities: {
      general: {positionEncodings: ['utf-16']},
      workspace: {applyEdit: true, workspaceEdit: {documentChanges: true}},
      textDocument: {inlineCompletion: {dynamicRegistration: false}},
    },
  }}, OnInitialized)
enddef

def OnInitialized(answer: dict<any>)
  if answer->has_key('error')
    Fail(words.Say('The server refused: %s', answer.error.message), words.Say(DOCTOR))
  elseif !answer.result.capabilities->has_key('inlineCompletionProvider')
    Fail(words.Say('The server offers no ghost text.'), words.Say('Update Shadowpen.'))
  else
    ready = true
    Notify('initialized', {})
    for Callback in on_ready
      Callback()
    endfor
  endif
enddef

def OnMessage(_: channel, message: any)
  if type(message) != v:t_dict || !message->has_key('method')
    return
  endif
  const params = message->get('params', {})
  if message->has_key('id')
    const Answer = on_request->get(message.method, (_) => v:null)
    # Not by ch_sendexpr(): before 9.0.1927 it refuses the server's ids, which are strings.
    const body = json_encode({jsonrpc: '2.0', id: message.id, result: Answer(params)})
    ch_sendraw(job_getchannel(server), $"Content-Length: {strlen(body)}\r\n\r\n{body}")
    return
  endif
  if message.method == 'shadowpen/status'
    SetStatus(params)
  elseif message.method == 'window/showMessage'
    Tell(params.message)
  endif
  for Callback in on_notification
    Callback(message.method, params)
  endfor
enddef

OnRequest('workspace/configuration', (params) => mapnew(params.items, (_, _) => v:null))

def Forget()
  ready = false
  documents = {}
  for Callback in on_gone
    Callback()
  endfor
enddef

def OnExit(ended: job, code: number)
  if ended == server && !stopping && v:exiting == v:null
    Forget()
    Fail(words.Say('The server stopped (exit code %d).', code), ':ShadowpenRestart')
  endif
enddef

# End the server if there is one.
export def Stop()
  stopping = true
  if Running()
    const ended = server
    Send({method: 'shutdown'}, (_) => {
      if job_status(ended) == 'run'
        ch_sendexpr(job_getchannel(ended), {method: 'exit'})
      endif
    })
    timer_start(PATIENCE_MS, (_) => job_stop(ended))
  endif
  Forget()
  server = null_job
  status = {state: 'off'}
enddef

# --- messages ----------------------------------------------------------------------------------------

def Send(message: dict<any>, Callback: func(dict<any>))
  ch_sendexpr(job_getchannel(server), message, {callback: (_, answer) => Callback(answer)})
enddef

export def Notify(method: string, params: dict<any>)
  if ready && Running()
    ch_sendexpr(job_getchannel(server), {method: method, params: params})
  endif
enddef

# Send a request; false when there is no server. `OnResult` gets the result, `OnError` a message.
export def Request(method: string, params: dict<any>, OnResult: func(any), OnError: func(string) = null_function): bool
  if !ready || !Running()
    return false
  endif
  Send({method: method, params: params}, (answer) => {
    if !answer->has_key('error')
      OnResult(answer->get('result', v:null))
    elseif OnError != null_function
      OnError(answer.error.message)
    endif
  })
  return true
enddef

# Run a command of the server; `token` names its progress.
export def Execute(command: string, arguments: list<any>, OnResult: func(any) = null_function, token = '', OnError: func(string) = null_function): bool
  final params: dict<any> = {command: command, arguments: arguments}
  if token != ''
    params.workDoneToken = token
  endif
  return Request('workspace/executeCommand', params, (result) => {
    if OnResult != null_function
      OnResult(result)
    endif
  }, (problem) => {
    if OnError == null_function
      Tell(problem)
    else
      OnError(problem)
    endif
  })
enddef
