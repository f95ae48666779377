;;; shadowpen-paragraph.el --- Whole paragraphs: made of notes, or written on  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The Shadowpen authors
;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:

;; What takes seconds is shown below the text while it is written.  Nothing in the
;; buffer changes before the writer takes a paragraph; that is one undo step, and
;; not done when the text is no longer what the server read.  Knows nothing of how
;; paragraphs are made.

;;; Code:

(require 'cl-lib)
(require 'shadowpen-client)
(require 'shadowpen-document)
(require 'shadowpen-ghost)
(require 'shadowpen-words)

(defface shadowpen-hint
  '((t :inherit font-lock-comment-face :weight bold))
  "The line above a paragraph that says which keys there are."
  :group 'shadowpen)

(defconst shadowpen-paragraph--candidates 3
  "How many paragraphs are asked for at a time.")

(cl-defstruct (shadowpen-paragraph (:copier nil))
  "A paragraph of BUFFER that the server writes under TOKEN, shown by OVERLAY.
BEG and END are the notes, nil for a continuation; CANDIDATES are (TEXT . MISSING),
SHOWN is the number of the one on the screen, SEED made the newest, WRITING is
non-nil while more comes, CHANGED once the text is not what the server read."
  buffer token overlay beg end candidates (shown 0) (seed 0) (writing t) changed)

(defconst shadowpen-paragraph--turns
  '("shorter" "longer" "another beginning" "another wording" "less formal" "more formal" "mention ")
  "What the built-in model can do with a paragraph; a server's takes any words.")

(defvar shadowpen-paragraph--job nil
  "The paragraph that is being made, or nil.")

(defvar shadowpen-paragraph--count 0
  "How many orders were given, to name each.")

(defvar shadowpen-paragraph--putting nil
  "Non-nil while a paragraph is put into the buffer.")

(defvar shadowpen-preview-mode-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "TAB") #'shadowpen-preview-take)
    (define-key map (kbd "<tab>") #'shadowpen-preview-take)
    (define-key map (kbd "C-n") #'shadowpen-preview-next)
    (define-key map (kbd "M-n") #'shadowpen-preview-next)
    (define-key map (kbd "C-t") #'shadowpen-preview-change)
    (define-key map [remap keyboard-quit] #'shadowpen-preview-discard)
    (define-key map (kbd "C-g") #'shadowpen-preview-discard)
    map)
  "Keys while a paragraph is shown that is not taken yet.")

(define-minor-mode shadowpen-preview-mode
  "Keys for a paragraph that is shown and not taken yet."
  :group 'shadowpen
  :interactive nil
  (if shadowpen-preview-mode
      (add-hook 'after-change-functions #'shadowpen-paragraph--touched nil t)
    (remove-hook 'after-change-functions #'shadowpen-paragraph--touched t)))

(add-hook 'shadowpen-ghost-welcome-functions (lambda () (not shadowpen-preview-mode)))

;;; Drawing

(defun shadowpen-paragraph--hint (job)
  "Return the line above the paragraph of JOB."
  (let* ((continuing (not (shadowpen-paragraph-beg job)))
         (writing (shadowpen-paragraph-writing job))
         (missing (cdr (nth (shadowpen-paragraph-shown job) (shadowpen-paragraph-candidates job)))))
    (concat (if writing (shadowpen-words "writing …")
              (format (shadowpen-words "%d of %d") (1+ (shadowpen-paragraph-shown job))
                      (length (shadowpen-paragraph-candidates job))))
            (cond ((or writing continuing) "")
                  ((shadowpen-paragraph-changed job) (shadowpen-words "  copy: TAB"))
                  (t (shadowpen-words "  take: TAB  next: C-n  change: C-t")))
            (shadowpen-words "  discard: C-g")
            (if missing (format (shadowpen-words "  left out: %s") (mapconcat #'identity missing ", ")) ""))))

(defun shadowpen-paragraph--draw (job &optional text)
  "Show TEXT, or the chosen paragraph of JOB, below its place."
  (let ((text (or text (car (nth (shadowpen-paragraph-shown job) (shadowpen-paragraph-candidates job))))))
    (overlay-put (shadowpen-paragraph-overlay job) 'after-string
                 (concat "\n" (propertize (shadowpen-paragraph--hint job) 'face 'shadowpen-hint)
                         (if (string-empty-p text) "" "\n")
                         (propertize text 'face 'shadowpen-ghost)))))

(defun shadowpen-paragraph--close ()
  "Take the preview off the screen; return what it was."
  (let ((job shadowpen-paragraph--job))
    (setq shadowpen-paragraph--job nil)
    (when job
      (delete-overlay (shadowpen-paragraph-overlay job))
      (when (buffer-live-p (shadowpen-paragraph-buffer job))
        (with-current-buffer (shadowpen-paragraph-buffer job)
          (shadowpen-preview-mode -1))))
    job))

(defun shadowpen-paragraph--stop (job)
  "Tell the server that nobody waits for the text of JOB any more."
  (when (and job (shadowpen-paragraph-writing job))
    (shadowpen-client-notify 'window/workDoneProgress/cancel
                             (list :token (shadowpen-paragraph-token job)))))

(defun shadowpen-preview-discard ()
  "Drop the paragraph, and stop what is being written."
  (interactive)
  (shadowpen-paragraph--stop (shadowpen-paragraph--close)))

(defun shadowpen-paragraph-discard-buffer ()
  "Drop the paragraph if it is one of the current buffer."
  (when (and shadowpen-paragraph--job (eq (current-buffer) (shadowpen-paragraph-buffer shadowpen-paragraph--job)))
    (shadowpen-preview-discard)))

(defun shadowpen-paragraph--touched (&rest _)
  "The text is no longer what the server read: nothing can be put there any more."
  (let ((job shadowpen-paragraph--job))
    (when (and job (not shadowpen-paragraph--putting) (eq (current-buffer) (shadowpen-paragraph-buffer job)))
      (setf (shadowpen-paragraph-changed job) t)
      (cond ((null (shadowpen-paragraph-candidates job))
             (shadowpen-preview-discard)
             (message (shadowpen-words "Shadowpen: the text changed, so the paragraph was dropped.")))
            (t (shadowpen-paragraph--stop job)
               (setf (shadowpen-paragraph-writing job) nil)
               (shadowpen-paragraph--draw job))))))

(defun shadowpen-paragraph--lost ()
  "The server is gone, and all that it was writing."
  (when (and shadowpen-paragraph--job (shadowpen-paragraph-writing shadowpen-paragraph--job))
    (shadowpen-paragraph--close)))

(add-hook 'shadowpen-client-gone-hook #'shadowpen-paragraph--lost)

(defun shadowpen-paragraph--progress (method params)
  "Draw the text so far, if METHOD is progress of ours; PARAMS hold it."
  (let ((job shadowpen-paragraph--job) (value (plist-get params :value)))
    (when (and job (eq method '$/progress)
               (equal (plist-get params :token) (shadowpen-paragraph-token job))
               (shadowpen-paragraph-writing job)
               (equal (plist-get value :kind) "report"))
      (shadowpen-paragraph--draw job (plist-get value :message)))))

(add-hook 'shadowpen-client-notification-functions #'shadowpen-paragraph--progress)

;;; Orders

(defun shadowpen-paragraph--begin (place &optional beg end)
  "Make room for a paragraph below PLACE, of the notes from BEG to END if given."
  (unless (shadowpen-document-open-p)
    (user-error (shadowpen-words "Shadowpen is not at work in this buffer; M-x shadowpen-status says why")))
  (barf-if-buffer-read-only)
  (shadowpen-preview-discard)
  (shadowpen-ghost-clear)
  (shadowpen-document-check)
  (setq shadowpen-paragraph--job
        (make-shadowpen-paragraph :buffer (current-buffer)
                                  :overlay (let ((end (save-excursion (goto-char place) (line-end-position))))
                                             (make-overlay end end))
                                  :beg (and beg (copy-marker beg))
                                  :end (and end (copy-marker end))))
  (shadowpen-preview-mode 1)
  shadowpen-paragraph--job)

(defun shadowpen-paragraph--ask (job command arguments)
  "Have the server run COMMAND with ARGUMENTS for JOB."
  (setf (shadowpen-paragraph-writing job) t
        (shadowpen-paragraph-token job) (format "%s.%d" command (cl-incf shadowpen-paragraph--count)))
  (let ((token (shadowpen-paragraph-token job)))
    (shadowpen-paragraph--draw job "")
    (shadowpen-client-execute command arguments
                              (lambda (result) (shadowpen-paragraph--arrived job token result))
                              token
                              (lambda (problem)
                                (shadowpen-paragraph--arrived job token (list :reason problem))))))

(defun shadowpen-paragraph--arrived (job token result)
  "Show what came of the order TOKEN of JOB: RESULT."
  (when (and (eq job shadowpen-paragraph--job) (equal token (shadowpen-paragraph-token job)))
    (setf (shadowpen-paragraph-writing job) nil)
    (let ((known (length (shadowpen-paragraph-candidates job)))
          (fresh (cl-mapcar (lambda (text missing) (cons text (append missing nil)))
                            (append (plist-get result :candidates) nil)
                            (append (plist-get result :missing) nil)))
          (reason (plist-get result :reason)))
      (setf (shadowpen-paragraph-candidates job) (append (shadowpen-paragraph-candidates job) fresh))
      (when (and (null fresh) reason (not (string-empty-p reason)))
        (message (shadowpen-words "Shadowpen: %s") reason))
      (if (null (shadowpen-paragraph-candidates job))
          (shadowpen-paragraph--close)
        (when fresh
          (setf (shadowpen-paragraph-shown job) known))
        (shadowpen-paragraph--draw job)))))

(defun shadowpen-paragraph--expand (job &optional turn)
  "Have paragraphs made of the notes of JOB.
TURN says what to change in the one that is shown."
  (with-current-buffer (shadowpen-paragraph-buffer job)
    (shadowpen-paragraph--ask
     job "shadowpen.expand"
     (list shadowpen-document-held-uri
           (list :start (shadowpen-document-position (shadowpen-paragraph-beg job))
                 :end (shadowpen-document-position (shadowpen-paragraph-end job)))
           (append (list :preview t
                         :seed (shadowpen-paragraph-seed job)
                         :candidates shadowpen-paragraph--candidates)
                   (and turn
                        (list :turn turn
                              :shown (car (nth (shadowpen-paragraph-shown job)
                                               (shadowpen-paragraph-candidates job))))))))))

(defun shadowpen-expand (beg end)
  "Make a paragraph of the notes from BEG to END: of the region, else of the line."
  (interactive (if (use-region-p)
                   (list (region-beginning) (region-end))
                 (list (line-beginning-position) (line-end-position))))
  (deactivate-mark)
  (save-excursion
    (goto-char beg)
    (skip-chars-forward " \t\n" end)
    (setq beg (point))
    (goto-char end)
    (skip-chars-backward " \t\n" beg)
    (setq end (point)))
  (when (= beg end)
    (user-error (shadowpen-words "There are no notes to expand: select some words first")))
  (shadowpen-paragraph--expand (shadowpen-paragraph--begin end beg end)))

(defun shadowpen-continue ()
  "Write the paragraph on from point; the server puts it there when it is whole."
  (interactive)
  (let ((job (shadowpen-paragraph--begin (point))))
    (shadowpen-paragraph--ask job "shadowpen.continue"
                              (list shadowpen-document-held-uri (shadowpen-document-position (point))))))

(defun shadowpen-write ()
  "Make a paragraph of the region; without one, write the paragraph on."
  (interactive)
  (call-interactively (if (use-region-p) #'shadowpen-expand #'shadowpen-continue)))

;;; Taking

(defmacro shadowpen-paragraph--as-one-step (&rest body)
  "Change the buffer by BODY in one undo step."
  (declare (indent 0) (debug t))
  `(let ((shadowpen-paragraph--putting t))
     (undo-boundary)
     (atomic-change-group ,@body)
     (undo-boundary)))

(defun shadowpen-preview-take ()
  "Put the paragraph in the place of its notes; where they changed, copy it."
  (interactive)
  (let ((job shadowpen-paragraph--job))
    (when (or (null job) (shadowpen-paragraph-writing job))
      (user-error (shadowpen-words "The paragraph is still being written")))
    (let ((text (car (nth (shadowpen-paragraph-shown job) (shadowpen-paragraph-candidates job)))))
      (shadowpen-paragraph--close)
      (if (shadowpen-paragraph-changed job)
          (progn (kill-new text)
                 (message (shadowpen-words "Shadowpen: the text changed meanwhile; yank inserts the paragraph.")))
        (shadowpen-paragraph--as-one-step
          (shadowpen-paragraph--replace (shadowpen-paragraph-beg job) (shadowpen-paragraph-end job) text))))))

(defun shadowpen-preview-next ()
  "Show the next paragraph; behind the last of them, ask for more."
  (interactive)
  (let ((job shadowpen-paragraph--job))
    (when (or (null job) (shadowpen-paragraph-writing job))
      (user-error (shadowpen-words "The paragraph is still being written")))
    (cond ((< (1+ (shadowpen-paragraph-shown job)) (length (shadowpen-paragraph-candidates job)))
           (cl-incf (shadowpen-paragraph-shown job))
           (shadowpen-paragraph--draw job))
          ((shadowpen-paragraph-changed job)
           (message (shadowpen-words "Shadowpen: the text changed, so there are no more paragraphs of it.")))
          (t (cl-incf (shadowpen-paragraph-seed job))
             (shadowpen-paragraph--expand job)))))

(defun shadowpen-preview-change (turn)
  "Change the paragraph that is shown by TURN, such as \"shorter\"."
  (interactive (list (completing-read (shadowpen-words "Change the paragraph: ") shadowpen-paragraph--turns)))
  (let ((job shadowpen-paragraph--job)
        (turn (string-trim turn)))
    (cond ((or (null job) (shadowpen-paragraph-writing job))
           (user-error (shadowpen-words "The paragraph is still being written")))
          ((shadowpen-paragraph-changed job)
           (message (shadowpen-words "Shadowpen: the text changed, so there are no more paragraphs of it.")))
          ((not (string-empty-p turn))
           (shadowpen-paragraph--expand job turn)))))

(defun shadowpen-paragraph--replace (beg end text)
  "Put TEXT in the place of what is between BEG and END; leave point behind it."
  (goto-char beg)
  (delete-region beg end)
  (insert text))

(defun shadowpen-paragraph--put (uri version edits)
  "Make EDITS in the buffer of URI, which was at VERSION; return non-nil if done.
Point goes behind a text that is put where it is, and else stays there."
  (let ((buffer (cl-find-if (lambda (buffer) (equal uri (buffer-local-value 'shadowpen-document-held-uri buffer)))
                            (buffer-list))))
    (when buffer
      (with-current-buffer buffer
        (shadowpen-document-check)
        (unless (or buffer-read-only (and version (/= version (shadowpen-document-version))))
          (let ((at-end (mapcar (lambda (edit)
                                  (let ((range (plist-get edit :range)))
                                    (list (copy-marker (shadowpen-document-place (plist-get range :start)))
                                          (copy-marker (shadowpen-document-place (plist-get range :end)))
                                          (plist-get edit :newText))))
                                (append edits nil))))
            (shadowpen-paragraph--as-one-step
              (pcase-dolist (`(,beg ,end ,text) at-end)
                (if (<= beg (point) end)
                    (shadowpen-paragraph--replace beg end text)
                  (save-excursion (shadowpen-paragraph--replace beg end text)))))
            t))))))

(defun shadowpen-paragraph--apply-edit (method params)
  "Carry out the server's edit, if METHOD is one; PARAMS hold it.
An edit for a text that has changed is refused."
  (when (eq method 'workspace/applyEdit)
    (let* ((edit (plist-get params :edit))
           (changes (append (plist-get edit :documentChanges) nil))
           (done (and changes
                      (cl-every (lambda (change)
                                  (let ((document (plist-get change :textDocument)))
                                    (shadowpen-paragraph--put (plist-get document :uri)
                                                              (plist-get document :version)
                                                              (plist-get change :edits))))
                                changes))))
      (list :applied (if done t :json-false)))))

(add-hook 'shadowpen-client-request-functions #'shadowpen-paragraph--apply-edit)

(provide 'shadowpen-paragraph)
;;; shadowpen-paragraph.el ends here
