;;; shadowpen.el --- Ghost text that writes like its author  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The Shadowpen authors

;; Author: The Shadowpen authors
;; Version: 0.1.0
;; Package-Requires: ((emacs "28.1"))
;; Keywords: convenience, wp
;; URL: https://github.com/shadowpen/shadowpen
;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:

;; Grey text appears behind point while you write prose.  TAB takes it, C-<right>
;; takes a word, C-g waves it away; any other key goes on without it.  A small
;; language model on your own machine makes it: run `shadowpen setup' once in a
;; terminal, then
;;
;;     (shadowpen-global-mode)
;;
;; M-x shadowpen-status says what it is doing, and if nothing, why.

;;; Code:

(require 'shadowpen-client)
(require 'shadowpen-document)
(require 'shadowpen-ghost)
(require 'shadowpen-paragraph)
(require 'shadowpen-words)

(defvar shadowpen-ghost-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "TAB") #'shadowpen-accept)
    (define-key map (kbd "<tab>") #'shadowpen-accept)
    (define-key map (kbd "C-<right>") #'shadowpen-accept-word)
    (define-key map (kbd "M-<right>") #'shadowpen-accept-sentence)
    (define-key map (kbd "C-<down>") #'shadowpen-accept-line)
    (define-key map (kbd "C-g") #'shadowpen-dismiss)
    (define-key map (kbd "M-n") #'shadowpen-next)
    (define-key map (kbd "M-p") #'shadowpen-previous)
    map)
  "Keys while ghost text is shown.")

(defvar shadowpen-mode-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "C-c \\") #'shadowpen-suggest)
    (define-key map (kbd "C-c _") #'shadowpen-write)
    map)
  "Keys in every buffer that may have ghost text.")

(defvar shadowpen--key-maps `((shadowpen-ghost--active . ,shadowpen-ghost-map))
  "Puts the keys for ghost text before those of all minor modes.")

;;; Modes

(defun shadowpen--state ()
  "Return the state for the mode line: \"\" where all is well."
  (let* ((status (shadowpen-client-status))
         (state (plist-get status :state))
         (document (and shadowpen-document-held-uri (shadowpen-client-document-status shadowpen-document-held-uri))))
    (cond ((equal state "error") ":error")
          ((shadowpen-document-why-not) ":off")
          ((equal (plist-get document :state) "inactive") ":inactive")
          ((and (equal state "ready") (eq t (plist-get status :manual))) ":manual")
          ((equal state "ready") "")
          (t (concat ":" state)))))

(defun shadowpen--rename ()
  "Follow the buffer's file to its new name."
  (shadowpen-document-close)
  (shadowpen-document-open))

(defun shadowpen--reverted ()
  "Clear what was shown of a text that was read anew."
  (shadowpen-ghost-clear)
  (shadowpen-document-check))

(defun shadowpen--leave ()
  "Let go of the current buffer, and of what is shown in it."
  (shadowpen-ghost-clear-buffer)
  (shadowpen-paragraph-discard-buffer)
  (shadowpen-document-close))

(defconst shadowpen--hooks
  '((post-command-hook . shadowpen-ghost-after-command)
    (after-set-visited-file-name-hook . shadowpen--rename)
    (after-revert-hook . shadowpen--reverted)
    (change-major-mode-hook . shadowpen--leave)
    (kill-buffer-hook . shadowpen--leave))
  "What a buffer with ghost text reacts to.")

;;;###autoload
(define-minor-mode shadowpen-mode
  "Show ghost text behind point while you write.
\\<shadowpen-ghost-map>\\[shadowpen-accept] takes it, \\[shadowpen-accept-word] takes a word, \\[shadowpen-dismiss] waves it away."
  :lighter (" Shadowpen" (:eval (shadowpen--state)))
  :keymap shadowpen-mode-map
  :group 'shadowpen
  (if (not shadowpen-mode)
      (progn (pcase-dolist (`(,hook . ,function) shadowpen--hooks) (remove-hook hook function t))
             (shadowpen--leave))
    (add-to-ordered-list 'emulation-mode-map-alists 'shadowpen--key-maps 50)
    (pcase-dolist (`(,hook . ,function) shadowpen--hooks) (add-hook hook function nil t))
    (unless (shadowpen-document-why-not)
      (shadowpen-client-start)
      (shadowpen-document-open))))

(defun shadowpen--turn-on ()
  "Turn on ghost text in the current buffer if it is prose in a file."
  (when (and (not (minibufferp)) (not (shadowpen-document-why-not)))
    (shadowpen-mode 1)))

;;;###autoload
(define-globalized-minor-mode shadowpen-global-mode shadowpen-mode shadowpen--turn-on
  :group 'shadowpen)

(defun shadowpen--each (function)
  "Call FUNCTION in every buffer with ghost text."
  (dolist (buffer (buffer-list))
    (with-current-buffer buffer
      (when shadowpen-mode (funcall function)))))

(defun shadowpen--begin ()
  "Have a server that is ready hold all buffers that may have ghost text."
  (shadowpen--each #'shadowpen-document-open)
  (with-current-buffer (window-buffer (selected-window))
    (shadowpen-document-focus)))

(defun shadowpen--forget ()
  "Note that no buffer is open in a server that is gone."
  (shadowpen--each #'shadowpen-document-close))

(add-hook 'shadowpen-client-ready-hook #'shadowpen--begin)
(add-hook 'shadowpen-client-gone-hook #'shadowpen--forget)
(add-hook 'kill-emacs-hook #'shadowpen-client-stop)

;;; Commands

(defun shadowpen--order (command arguments &optional on-result)
  "Run COMMAND of the server with ARGUMENTS; ON-RESULT gets the result."
  (unless (shadowpen-client-execute command arguments on-result)
    (user-error (shadowpen-words "Shadowpen: no server is running"))))

(defun shadowpen--confirm (status)
  "Show the message of STATUS, which is that of all editors."
  (let ((text (plist-get status :message)))
    (message (shadowpen-words "In all editors: %s")
             (if (or (null text) (string-empty-p text)) (shadowpen-words "Ghost text is on.") text))))

(defun shadowpen-pause (&optional minutes)
  "Pause ghost text in every editor for MINUTES, until further notice without them.
What a key asks for comes all the same."
  (interactive "P")
  (shadowpen-ghost-clear)
  (shadowpen--order "shadowpen.pause" (list (if minutes (prefix-numeric-value minutes) "on"))
                    #'shadowpen--confirm))

(defun shadowpen-resume ()
  "End a pause in every editor."
  (interactive)
  (shadowpen--order "shadowpen.resume" nil #'shadowpen--confirm))

(defun shadowpen-manual ()
  "Turn manual mode on or off in every editor: ghost text comes by a key only."
  (interactive)
  (shadowpen-ghost-clear)
  (shadowpen--order "shadowpen.manual" nil #'shadowpen--confirm))

(defun shadowpen-why ()
  "Say why the last ghost text was offered, and from which texts; or why none was."
  (interactive)
  (shadowpen--order "shadowpen.why" nil
                    (lambda (answer)
                      (message "%s" (or (plist-get answer :text)
                                        (shadowpen-words "Shadowpen: no suggestion has been requested yet."))))))

(defun shadowpen-rate (mark)
  "Rate what was taken last: MARK is \"good\", \"bad\", or \"1\" to \"5\"."
  (interactive (list (completing-read (shadowpen-words "Rate what you accepted last: ")
                                      '("good" "bad" "1" "2" "3" "4" "5") nil t)))
  (shadowpen--order "shadowpen.rate" (list mark)
                    (lambda (answer)
                      (if (eq t (plist-get answer :rated))
                          (message (shadowpen-words "Shadowpen: noted as %s.") mark)
                        (message (shadowpen-words "Shadowpen: there is nothing to rate."))))))

(defun shadowpen-learn (answer)
  "Answer whether Shadowpen may keep what you accept and type instead.
ANSWER is \"on\" or \"off\".  What is kept stays on this machine."
  (interactive (list (completing-read (shadowpen-words "Keep what you accept and type instead? ")
                                      '("on" "off") nil t)))
  (shadowpen--order "shadowpen.learn" (list answer)
                    (lambda (result)
                      (message (shadowpen-words (if (equal (plist-get result :learning) "on")
                                                    "Shadowpen: learning is on."
                                                  "Shadowpen: learning is off."))))))

(defun shadowpen-learn-add (folder)
  "Learn from the texts in FOLDER, and be told what is read of them."
  (interactive "DLearn from the texts in: ")
  (shadowpen--order "shadowpen.addFolder" (list (expand-file-name folder))))

(defun shadowpen-restart ()
  "Restart the language server."
  (interactive)
  (shadowpen-client-stop)
  (shadowpen-client-start))

(defun shadowpen-status ()
  "Say what Shadowpen is doing in this buffer, and if nothing, why."
  (interactive)
  (let* ((status (shadowpen-client-status))
         (document (and shadowpen-document-held-uri (shadowpen-client-document-status shadowpen-document-held-uri)))
         (question (plist-get status :question))
         (asked (and question (not (string-empty-p question)) (concat question " M-x shadowpen-learn")))
         (parts (list (plist-get status :message) (plist-get status :hint) asked))
         (here (cond ((shadowpen-document-why-not) (format (shadowpen-words "off, %s.") (shadowpen-document-why-not)))
                     ((not shadowpen-mode) (shadowpen-words "off (M-x shadowpen-mode)."))
                     ((not (shadowpen-document-open-p)) (shadowpen-words "waiting for the server."))
                     ((equal (plist-get document :state) "inactive")
                      (format (shadowpen-words "inactive. %s") (plist-get document :reason)))
                     (t (shadowpen-words "on.")))))
    (message (shadowpen-words "Shadowpen: %s. %s\nThis buffer: %s")
             (shadowpen-words (or (plist-get status :state) "off"))
             (mapconcat #'identity (seq-remove (lambda (part) (or (null part) (string-empty-p part))) parts) " ")
             here)))

(provide 'shadowpen)
;;; shadowpen.el ends here
