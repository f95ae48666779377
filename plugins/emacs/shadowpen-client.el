;;; shadowpen-client.el --- The language server's process, and what it says of itself  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The Shadowpen authors
;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:

;; One server per Emacs, over Emacs's own JSONRPC library.  It runs beside any
;; other client (Eglot, lsp-mode), so that a buffer may have another server for
;; links or spelling.  Knows neither documents nor ghost text.

;;; Code:

(require 'cl-lib)
(require 'jsonrpc)
(require 'subr-x)
(require 'shadowpen-words)

(defgroup shadowpen nil
  "Ghost text that writes like its author."
  :group 'text
  :prefix "shadowpen-")

(defcustom shadowpen-command nil
  "Command line of the language server, a list of strings.
If nil, it is the program that installed this package, else \"shadowpen lsp\"."
  :type '(choice (const :tag "The program that installed this package" nil)
                 (repeat string)))

(defconst shadowpen-client--stored
  (expand-file-name "command.json" (file-name-directory (or load-file-name buffer-file-name default-directory)))
  "Where the program that installed this package left its command line.
An Emacs started from a desktop need not have the PATH of the shell.")

(defconst shadowpen-client-nothing (make-hash-table :size 1)
  "An empty JSON object.")

(defconst shadowpen-client--patience-s 60
  "How long an answer may take; the server's own limits are shorter.")

(defvar shadowpen-client-ready-hook nil
  "Run when the server has begun to answer.")

(defvar shadowpen-client-gone-hook nil
  "Run when the server has ended.")

(defvar shadowpen-client-notification-functions nil
  "Called with the method (a symbol) and the parameters of each notification.")

(defvar shadowpen-client-request-functions nil
  "Called with the method (a symbol) and the parameters of each request.
The first that returns non-nil gives the result.")

(defvar shadowpen-client--connection nil
  "The connection to the running server, or nil.")

(defvar shadowpen-client--ready nil
  "Whether the server has answered the handshake.")

(defvar shadowpen-client--status nil
  "What the server last said about itself, a property list.")

(defvar shadowpen-client--documents (make-hash-table :test #'equal)
  "What the server said about each document, by URI.")

(defun shadowpen-client-command ()
  "Return the language server's command line."
  (or shadowpen-command
      (ignore-errors
        (with-temp-buffer
          (insert-file-contents shadowpen-client--stored)
          (let ((command (append (json-parse-buffer) nil)))
            (and (stringp (car command)) command))))
      '("shadowpen" "lsp")))

(defun shadowpen-client-ready-p ()
  "Return non-nil if the server answers."
  shadowpen-client--ready)

;;; Status

(defun shadowpen-client-status ()
  "Return what the server last said about itself, a property list."
  (or shadowpen-client--status '(:state "off")))

(defun shadowpen-client-document-status (uri)
  "Return what the server said about the document at URI, or nil."
  (gethash uri shadowpen-client--documents))

(defun shadowpen-client--set-status (status)
  "Take over STATUS, and show it in the mode lines."
  (setq shadowpen-client--status status)
  (let ((document (plist-get status :documentState)))
    (when document
      (puthash (plist-get document :uri) document shadowpen-client--documents)))
  (force-mode-line-update t))

(defun shadowpen-client--fail (text hint)
  "Say that there is no server: TEXT, and HINT what to do about it."
  (shadowpen-client--set-status (list :state "error" :message text :hint hint))
  (message (shadowpen-words "Shadowpen: %s %s") text hint))

;;; Process

(defun shadowpen-client--on-notification (connection method params)
  "Deal with the notification METHOD with PARAMS from CONNECTION."
  (when (eq connection shadowpen-client--connection)
    (pcase method
      ('shadowpen/status (shadowpen-client--set-status params))
      ('window/showMessage (shadowpen-client--show (plist-get params :message))))
    (run-hook-with-args 'shadowpen-client-notification-functions method params)))

(defun shadowpen-client--show (text)
  "Show TEXT in the echo area, under our name."
  (message "%s%s" (if (string-prefix-p "Shadowpen" text) "" (shadowpen-words "Shadowpen: ")) text))

(defun shadowpen-client--on-request (_connection method params)
  "Return the result of the server's request METHOD with PARAMS."
  (if (eq method 'workspace/configuration)
      (make-vector (length (plist-get params :items)) nil)
    (run-hook-with-args-until-success 'shadowpen-client-request-functions method params)))

(defun shadowpen-client--on-shutdown (connection)
  "Note that the server behind CONNECTION has ended."
  (when (eq connection shadowpen-client--connection)
    (setq shadowpen-client--connection nil
          shadowpen-client--ready nil)
    (clrhash shadowpen-client--documents)
    (run-hooks 'shadowpen-client-gone-hook)
    (shadowpen-client--fail "The server stopped." "M-x shadowpen-restart starts it again.")))

(defun shadowpen-client--make-process (command)
  "Start COMMAND in a process that does not keep Emacs from exiting."
  (make-process :name "shadowpen"
                :command command
                :connection-type 'pipe
                :coding 'utf-8-emacs-unix
                :noquery t
                :stderr (get-buffer-create " *shadowpen stderr*")))

(defun shadowpen-client--initialize-params ()
  "Return the parameters of the handshake."
  (list :processId (emacs-pid)
        :clientInfo (list :name "Emacs" :version emacs-version)
        :rootUri nil
        :capabilities
        (list :general '(:positionEncodings ["utf-16"])
              :workspace '(:applyEdit t :workspaceEdit (:documentChanges t) :configuration t)
              :textDocument '(:synchronization (:didSave :json-false)
                              :inlineCompletion (:dynamicRegistration :json-false)))))

(defun shadowpen-client-start ()
  "Start the server unless there is one, or it has failed; it answers later."
  (unless (or shadowpen-client--connection (equal (plist-get (shadowpen-client-status) :state) "error"))
    (let ((command (shadowpen-client-command)))
      (if (not (executable-find (car command)))
          (shadowpen-client--fail (format (shadowpen-words "\"%s\" cannot be run.") (car command))
                                  (shadowpen-words
                                   "See `shadowpen-command', and run `shadowpen doctor' in a terminal."))
        (shadowpen-client--set-status '(:state "starting"))
        (setq shadowpen-client--connection
              (make-instance 'jsonrpc-process-connection
                             :name "shadowpen"
                             ;; No log of the messages: they hold the writer's text.
                             :events-buffer-scrollback-size 0
                             :process (lambda () (shadowpen-client--make-process command))
                             :notification-dispatcher #'shadowpen-client--on-notification
                             :request-dispatcher #'shadowpen-client--on-request
                             :on-shutdown #'shadowpen-client--on-shutdown))
        (shadowpen-client--initialize shadowpen-client--connection)))))

(defun shadowpen-client--initialize (connection)
  "Shake hands with the server behind CONNECTION."
  (jsonrpc-async-request
   connection 'initialize (shadowpen-client--initialize-params)
   :timeout shadowpen-client--patience-s
   :success-fn (lambda (result)
                 (when (eq connection shadowpen-client--connection)
                   (jsonrpc-notify connection 'initialized shadowpen-client-nothing)
                   (setq shadowpen-client--ready
                         (and (plist-member (plist-get result :capabilities) :inlineCompletionProvider) t))
                   (if shadowpen-client--ready
                       (run-hooks 'shadowpen-client-ready-hook)
                     (shadowpen-client--fail (shadowpen-words "The server offers no ghost text.")
                                             (shadowpen-words "Update Shadowpen.")))))
   :error-fn (lambda (problem)
               (shadowpen-client--fail (format (shadowpen-words "The server refused: %s") (plist-get problem :message))
                                       (shadowpen-words "Run `shadowpen doctor' in a terminal.")))))

(defun shadowpen-client-stop ()
  "End the server if there is one."
  (let ((connection shadowpen-client--connection))
    (setq shadowpen-client--connection nil
          shadowpen-client--ready nil
          shadowpen-client--status nil)
    (clrhash shadowpen-client--documents)
    (when (and connection (jsonrpc-running-p connection))
      (run-hooks 'shadowpen-client-gone-hook)
      (jsonrpc-async-request connection 'shutdown nil
                             :success-fn (lambda (_) (ignore-errors (jsonrpc-notify connection 'exit nil)))))))

;;; Messages

(defmacro shadowpen-client--unless-dead (&rest body)
  "Do BODY, which sends something; return nil if the server has just ended.
Emacs itself tells that a little later.  An error here would take the functions
out of the hooks that called, those of other packages too."
  (declare (indent 0) (debug t))
  `(condition-case problem
       (progn ,@body)
     (error (when (jsonrpc-running-p shadowpen-client--connection)
              (signal (car problem) (cdr problem))))))

(defun shadowpen-client-notify (method params)
  "Send the notification METHOD with PARAMS, if the server answers."
  (when shadowpen-client--ready
    (shadowpen-client--unless-dead
      (jsonrpc-notify shadowpen-client--connection method params))))

(defun shadowpen-client-request (method params on-result &optional on-error)
  "Send the request METHOD with PARAMS; return nil if there is no server.
ON-RESULT is called with the result, ON-ERROR with a message."
  (when shadowpen-client--ready
    (shadowpen-client--unless-dead
      (jsonrpc-async-request shadowpen-client--connection method params
                             :timeout shadowpen-client--patience-s
                             :success-fn on-result
                             :error-fn (lambda (problem)
                                         (when on-error (funcall on-error (plist-get problem :message))))
                             :timeout-fn (lambda ()
                                           (when on-error
                                             (funcall on-error (shadowpen-words "There was no answer.")))))
      t)))

(defun shadowpen-client-execute (command arguments &optional on-result token on-error)
  "Run COMMAND of the server with ARGUMENTS (a list); ON-RESULT gets the result.
TOKEN names its progress, ON-ERROR is called with a message."
  (shadowpen-client-request
   'workspace/executeCommand
   (append (list :command command :arguments (vconcat arguments))
           (and token (list :workDoneToken token)))
   (or on-result #'ignore)
   (or on-error (lambda (problem) (shadowpen-client--show problem)))))

(provide 'shadowpen-client)
;;; shadowpen-client.el ends here
