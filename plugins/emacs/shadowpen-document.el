;;; shadowpen-document.el --- Keep the server's copy of a buffer exact, change by change  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The Shadowpen authors
;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:

;; What the writer takes is read off the text, so each change is told at once and
;; as it was made.  A change that Emacs does not announce rightly (some code
;; inhibits the hooks) is noticed by the buffer's size; the whole text is then sent.
;; Off means closed: the server does not hold the text at all.  Knows nothing of
;; ghost text.

;;; Code:

(require 'cl-lib)
(require 'url-util)
(require 'shadowpen-client)
(require 'shadowpen-words)

(defcustom shadowpen-languages
  '((message-mode . "mail")
    (mail-mode . "mail")
    (git-commit-elisp-text-mode . "git-commit")
    (log-edit-mode . "git-commit")
    (org-mode . "org")
    (rst-mode . "restructuredtext")
    (adoc-mode . "asciidoc")
    (typst-ts-mode . "typst")
    (markdown-mode . "markdown")
    (markdown-ts-mode . "markdown")
    (LaTeX-mode . "latex")
    (latex-mode . "latex")
    (tex-mode . "latex")
    ("/\\(?:COMMIT_EDITMSG\\|MERGE_MSG\\|TAG_EDITMSG\\)\\'" . "git-commit")
    ("\\.\\(?:md\\|markdown\\|mkd\\|qmd\\)\\'" . "markdown")
    ("\\.\\(?:adoc\\|asciidoc\\)\\'" . "asciidoc")
    ("\\.typ\\'" . "typst")
    ("\\.txt\\'" . "plaintext")
    (text-mode . "plaintext"))
  "Where ghost text is meant, and the name of the language there.
Each key is a major mode, which goes for modes derived from it too, or a regular
expression for the file's name.  The first that fits is used; with nil in the
place of the name there is no ghost text."
  :group 'shadowpen
  :type '(alist :key-type (choice symbol regexp) :value-type (choice string (const nil))))

(defconst shadowpen-document--instead
  '(("[^\u0000-\ud7ff\ue000-\U0010ffff]" . "\ufffd") ; raw bytes and the like, which JSON cannot hold
    ("\r" . " ")) ; within a line here, it would end one in the server
  "What a buffer may hold that the server is not told, and what it is told instead.
Both are one unit of UTF-16.")

(defconst shadowpen-document--two-units "[\U00010000-\U0010ffff]"
  "Characters that are two units of UTF-16.")

(defvar-local shadowpen-document-held-uri nil
  "The URI of this buffer in the server, or nil where it is not open there.")

(defvar-local shadowpen-document--version 0
  "The number of the newest text that the server was told.")

(defvar-local shadowpen-document--size nil
  "The size of the text that the server holds.")

(defvar-local shadowpen-document--announced nil
  "The change that is about to come: (BEG END START-POSITION END-POSITION).")

(defun shadowpen-document-open-p ()
  "Return non-nil if the current buffer is open in the server."
  (and shadowpen-document-held-uri (shadowpen-client-ready-p)))

(defun shadowpen-document-uri ()
  "Return the URI of the current buffer's file."
  (concat "file://" (if (eq system-type 'windows-nt) "/" "")
          (url-hexify-string (expand-file-name buffer-file-name) url-path-allowed-chars)))

(defun shadowpen-document-language ()
  "Return the name of the current buffer's language, or nil where it is not prose."
  (cdr (cl-find-if (lambda (entry)
                     (if (stringp (car entry))
                         (and buffer-file-name (string-match-p (car entry) buffer-file-name))
                       (derived-mode-p (car entry))))
                   shadowpen-languages)))

(defun shadowpen-document-why-not ()
  "Return why the current buffer cannot have ghost text, or nil if it can."
  (cond ((not (shadowpen-document-language))
         (format (shadowpen-words "%s is not in `shadowpen-languages'") major-mode))
        ((not buffer-file-name) (shadowpen-words "it visits no file"))
        ((file-remote-p buffer-file-name) (shadowpen-words "its file is on another machine"))))

;;; Positions

(defun shadowpen-document-units (text)
  "Return the length of TEXT in units of UTF-16."
  (let ((count (length text)) (start 0))
    (while (string-match shadowpen-document--two-units text start)
      (setq count (1+ count)
            start (match-end 0)))
    count))

(defun shadowpen-document-position (place)
  "Return PLACE in the current buffer as a position of the protocol."
  (save-excursion
    (save-restriction
      (save-match-data
        (widen)
        (goto-char place)
        (let ((inhibit-field-text-motion t))
          (list :line (1- (line-number-at-pos place t))
                :character (shadowpen-document-units
                            (buffer-substring-no-properties (line-beginning-position) place))))))))

(defun shadowpen-document-place (position)
  "Return the place in the current buffer of POSITION, as the protocol counts."
  (save-excursion
    (save-restriction
      (save-match-data
        (widen)
        (goto-char (point-min))
        (forward-line (plist-get position :line))
        (let ((inhibit-field-text-motion t) (left (plist-get position :character)) (end (line-end-position)))
          (while (and (> left 0) (< (point) end))
            (setq left (- left (if (<= #x10000 (char-after) #x10ffff) 2 1)))
            (forward-char))
          (point))))))

(defun shadowpen-document--text (beg end)
  "Return the text from BEG to END as JSON can hold it, as many units long."
  (save-restriction
    (widen)
    (let ((text (buffer-substring-no-properties beg end)))
      (pcase-dolist (`(,odd . ,instead) shadowpen-document--instead)
        (save-match-data
          (when (string-match-p odd text)
            (setq text (replace-regexp-in-string odd instead text t t)))))
      text)))

(defun shadowpen-document--whole-text ()
  "Return the text of the current buffer as JSON can hold it."
  (shadowpen-document--text 1 (1+ (buffer-size))))

;;; Opening and closing

(defun shadowpen-document-open ()
  "Open the current buffer in the server, if that can be."
  (when (and (shadowpen-client-ready-p) (not shadowpen-document-held-uri) (not (shadowpen-document-why-not)))
    (setq shadowpen-document-held-uri (shadowpen-document-uri)
          shadowpen-document--version 0
          shadowpen-document--announced nil
          shadowpen-document--size (buffer-size))
    (shadowpen-client-notify 'textDocument/didOpen
                             (list :textDocument (list :uri shadowpen-document-held-uri
                                                       :languageId (shadowpen-document-language)
                                                       :version 0
                                                       :text (shadowpen-document--whole-text))))
    (add-hook 'before-change-functions #'shadowpen-document--before-change nil t)
    (add-hook 'after-change-functions #'shadowpen-document--after-change nil t)))

(defun shadowpen-document-close ()
  "Have the server let go of the current buffer."
  (when shadowpen-document-held-uri
    (remove-hook 'before-change-functions #'shadowpen-document--before-change t)
    (remove-hook 'after-change-functions #'shadowpen-document--after-change t)
    (shadowpen-client-notify 'textDocument/didClose
                             (list :textDocument (list :uri shadowpen-document-held-uri)))
    (setq shadowpen-document-held-uri nil)))

(defun shadowpen-document-focus ()
  "Tell the server which buffer has the writer's eyes, and where in it."
  (when (shadowpen-document-open-p)
    (shadowpen-client-notify 'textDocument/didFocus
                             (list :textDocument (list :uri shadowpen-document-held-uri)
                                   :position (shadowpen-document-position (point))))))

(defun shadowpen-document-version ()
  "Return the number of the text that the server was told last."
  shadowpen-document--version)

;;; Changes

(defun shadowpen-document--tell (change)
  "Send CHANGE, a property list, as the next version of the current buffer."
  (setq shadowpen-document--size (buffer-size))
  (shadowpen-client-notify 'textDocument/didChange
                           (list :textDocument (list :uri shadowpen-document-held-uri
                                                     :version (cl-incf shadowpen-document--version))
                                 :contentChanges (vector change))))

(defun shadowpen-document-check ()
  "Send the whole text if part of it was changed unannounced."
  (when (and (shadowpen-document-open-p) (/= shadowpen-document--size (buffer-size)))
    (setq shadowpen-document--announced nil)
    (shadowpen-document--tell (list :text (shadowpen-document--whole-text)))))

(defun shadowpen-document--before-change (beg end)
  "Note where the text from BEG to END stands in the server's copy."
  (setq shadowpen-document--announced
        (when (and (shadowpen-document-open-p) (= shadowpen-document--size (buffer-size)))
          (let ((start (shadowpen-document-position beg)))
            (list beg end start (if (= beg end) start (shadowpen-document-position end)))))))

(defun shadowpen-document--after-change (beg end length)
  "Tell the server of the text from BEG to END, which was LENGTH long before.
What commands announce beyond that is sent too."
  (when (shadowpen-document-open-p)
    (pcase shadowpen-document--announced
      ((and `(,first ,last ,from ,to) (guard (<= first beg)) (guard (<= (+ beg length) last)))
       (let ((new-last (+ last (- end beg length))))
         (shadowpen-document--tell (list :range (list :start from :end to)
                                         :text (shadowpen-document--text first new-last)))
         (setq shadowpen-document--announced
               (unless (and (= first beg) (= last (+ beg length)))
                 (list first new-last from (shadowpen-document-position new-last))))))
      (_ (setq shadowpen-document--announced nil)
         (shadowpen-document--tell (list :text (shadowpen-document--whole-text)))))))

(provide 'shadowpen-document)
;;; shadowpen-document.el ends here
