;;; shadowpen-ghost.el --- One ghost text: asked for, drawn, typed along, taken  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The Shadowpen authors
;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:

;; A ghost is anchored where the server's answer began.  What is grey is always
;; worked out from the buffer: the text between anchor and point must be the
;; beginning of the answer, and the line around it as it was.  So typing along,
;; deleting again and taking a word are one rule, and a ghost is never drawn over
;; text it was not made for.  It belongs to the selected window's buffer: every
;; way out of that takes it off the screen.  Knows nothing of processes.

;;; Code:

(require 'cl-lib)
(require 'shadowpen-client)
(require 'shadowpen-document)
(require 'shadowpen-words)

(defcustom shadowpen-throttle-ms 25
  "Least time between two requests for ghost text, in milliseconds."
  :group 'shadowpen
  :type 'integer)

(defface shadowpen-ghost
  '((t :inherit shadow :slant italic))
  "Ghost text, and paragraphs that are not taken yet."
  :group 'shadowpen)

(defvar shadowpen-ghost-welcome-functions nil
  "Called without arguments where ghost text would be welcome; nil bars it.")

(cl-defstruct (shadowpen-ghost (:copier nil))
  "A ghost of BUFFER at ANCHOR, with the line's HEAD before it and TAIL after point.
ITEM of ITEMS, as the server sent them, is shown by OVERLAY; INVOKED if a key
asked for it."
  buffer anchor head tail items item invoked overlay)

(defvar shadowpen-ghost--shown nil
  "The ghost on the screen, or nil.")

(defvar-local shadowpen-ghost--active nil
  "Whether the keys for ghost text are in force in this buffer.")

(defvar shadowpen-ghost--sequence 0
  "The number of the newest request: older answers are dropped.")

(defvar shadowpen-ghost--timer nil
  "Where a request waits for its time.")

(defvar shadowpen-ghost--asked-s 0.0
  "When the newest request was sent.")

(defvar shadowpen-ghost--invoked-at nil
  "Where the writer's own request is under way, or nil.")

(defvar-local shadowpen-ghost--seen nil
  "The text and place of this buffer last dealt with.")

(defun shadowpen-ghost--here ()
  "Return the text and place of the current buffer, to be compared later."
  (list (current-buffer) (buffer-chars-modified-tick) (point)))

(defun shadowpen-ghost--welcome-p ()
  "Return non-nil if somebody types here who may want ghost text.
That is not so in a menu, a selection, a search, or a keyboard macro."
  (and (shadowpen-document-open-p)
       (eq (current-buffer) (window-buffer (selected-window)))
       (zerop (minibuffer-depth))
       (not (or buffer-read-only executing-kbd-macro defining-kbd-macro
                (region-active-p)
                (bound-and-true-p isearch-mode)
                (bound-and-true-p completion-in-region-mode)
                (bound-and-true-p company-candidates)
                (bound-and-true-p multiple-cursors-mode)))
       (or (not (bound-and-true-p evil-local-mode))
           (memq (bound-and-true-p evil-state) '(insert emacs replace)))
       (run-hook-with-args-until-failure 'shadowpen-ghost-welcome-functions)))

;;; What is left of it

(defun shadowpen-ghost--blank-p (text)
  "Return non-nil if there is nothing to read in TEXT."
  (not (string-match-p "[^ \t\r\n]" text)))

(defun shadowpen-ghost--line-before (place)
  "Return the text of the line before PLACE."
  (save-excursion
    (goto-char place)
    (let ((inhibit-field-text-motion t))
      (buffer-substring-no-properties (line-beginning-position) place))))

(defun shadowpen-ghost--line-after-point ()
  "Return the text of the line after point."
  (let ((inhibit-field-text-motion t))
    (buffer-substring-no-properties (point) (line-end-position))))

(defun shadowpen-ghost--split ()
  "Return (TYPED . REST) of the ghost, or nil where buffer and ghost do not agree."
  (let ((ghost shadowpen-ghost--shown))
    (when (and ghost (eq (current-buffer) (shadowpen-ghost-buffer ghost)))
      (let* ((text (plist-get (shadowpen-ghost-item ghost) :insertText))
             (anchor (marker-position (shadowpen-ghost-anchor ghost)))
             (length (- (point) anchor)))
        (when (and (<= (point-min) anchor) (<= 0 length) (< length (length text))
                   (equal (shadowpen-ghost--line-before anchor) (shadowpen-ghost-head ghost))
                   (equal (shadowpen-ghost--line-after-point) (shadowpen-ghost-tail ghost)))
          (let ((typed (buffer-substring-no-properties anchor (point))) (rest (substring text length)))
            (and (string-prefix-p typed text)
                 (not (shadowpen-ghost--blank-p rest))
                 (cons typed rest))))))))

(defun shadowpen-ghost-rest ()
  "Return what of the ghost text is still to be written, or nil."
  (cdr (shadowpen-ghost--split)))

;;; Drawing

(defun shadowpen-ghost--draw (rest)
  "Show REST after point."
  (let ((overlay (shadowpen-ghost-overlay shadowpen-ghost--shown))
        (text (propertize rest 'face 'shadowpen-ghost)))
    (put-text-property 0 1 'cursor t text) ; keeps the cursor before it
    (move-overlay overlay (point) (point) (current-buffer))
    (overlay-put overlay 'after-string text)
    (overlay-put overlay 'window (selected-window))
    (setq shadowpen-ghost--active t)))

(defun shadowpen-ghost--hide ()
  "Take the ghost off the screen, and leave a request under way alone."
  (let ((ghost shadowpen-ghost--shown))
    (when ghost
      (setq shadowpen-ghost--shown nil)
      (delete-overlay (shadowpen-ghost-overlay ghost))
      (set-marker (shadowpen-ghost-anchor ghost) nil)
      (remove-hook 'post-command-hook #'shadowpen-ghost--leave)
      (remove-hook 'window-selection-change-functions #'shadowpen-ghost--leave)
      (remove-hook 'minibuffer-setup-hook #'shadowpen-ghost-clear)
      (when (buffer-live-p (shadowpen-ghost-buffer ghost))
        (with-current-buffer (shadowpen-ghost-buffer ghost)
          (setq shadowpen-ghost--active nil))))))

(defun shadowpen-ghost--leave (&rest _)
  "Take the ghost off the screen if its window or its buffer is left."
  (when (and shadowpen-ghost--shown
             (not (and (eq (selected-window) (overlay-get (shadowpen-ghost-overlay shadowpen-ghost--shown) 'window))
                       (eq (window-buffer) (shadowpen-ghost-buffer shadowpen-ghost--shown)))))
    (shadowpen-ghost-clear)))

(defun shadowpen-ghost--cancel ()
  "Drop the request under way, and the one that waits."
  (when shadowpen-ghost--timer
    (cancel-timer shadowpen-ghost--timer))
  (setq shadowpen-ghost--timer nil
        shadowpen-ghost--invoked-at nil)
  (cl-incf shadowpen-ghost--sequence))

(defun shadowpen-ghost-clear ()
  "Show no ghost, and have none under way."
  (shadowpen-ghost--hide)
  (shadowpen-ghost--cancel))

;;; Answers

(defun shadowpen-ghost-clear-buffer ()
  "Show no ghost in the current buffer."
  (when (and shadowpen-ghost--shown (eq (current-buffer) (shadowpen-ghost-buffer shadowpen-ghost--shown)))
    (shadowpen-ghost-clear)))

(defun shadowpen-ghost--drawable (result position)
  "Return the items of RESULT that can be drawn at POSITION, each text once."
  (let ((texts nil))
    (cl-remove-if-not
     (lambda (item)
       (let ((text (plist-get item :insertText)) (range (plist-get item :range)))
         (and (stringp text)
              (not (shadowpen-ghost--blank-p text))
              (or (null range)
                  (and (equal (plist-get range :start) position) (equal (plist-get range :end) position)))
              (not (member text texts))
              (push text texts))))
     (append (if (vectorp result) result (plist-get result :items)) nil))))

(defun shadowpen-ghost--tell-shown ()
  "Tell the server which item is on the screen."
  (shadowpen-client-notify 'textDocument/didShowCompletion
                           (list :item (shadowpen-ghost-item shadowpen-ghost--shown))))

(defun shadowpen-ghost--make (items invoked)
  "Anchor a ghost of ITEMS at point; INVOKED if a key asked for it."
  (setq shadowpen-ghost--shown
        (make-shadowpen-ghost :buffer (current-buffer)
                              :anchor (copy-marker (point))
                              :head (shadowpen-ghost--line-before (point))
                              :tail (shadowpen-ghost--line-after-point)
                              :items items
                              :item (car items)
                              :invoked invoked
                              :overlay (make-overlay (point) (point))))
  (add-hook 'post-command-hook #'shadowpen-ghost--leave)
  (add-hook 'window-selection-change-functions #'shadowpen-ghost--leave)
  (add-hook 'minibuffer-setup-hook #'shadowpen-ghost-clear))

(defun shadowpen-ghost--show (result position invoked &optional growing)
  "Show RESULT, which was asked for at POSITION, by a key if INVOKED.
GROWING means that more of it is on its way."
  (let* ((items (shadowpen-ghost--drawable result position))
         (text (plist-get (car items) :insertText))
         (rest (shadowpen-ghost-rest)))
    (cond
     ;; What is typed along may grow, but never change under the eyes.
     ((and rest (not invoked) (not (string-prefix-p rest (or text "")))))
     ((and text (equal text rest) (null (cdr items))))
     (t (shadowpen-ghost--hide)
        (when text
          (shadowpen-ghost--make items invoked)
          (shadowpen-ghost--draw text)
          (unless growing (shadowpen-ghost--tell-shown)))))))

(defun shadowpen-ghost--in-selected (function)
  "Call FUNCTION in the buffer of the selected window."
  (with-current-buffer (window-buffer (selected-window))
    (funcall function)))

(defun shadowpen-ghost--request (invoked &optional step)
  "Ask for ghost text here, by a key if INVOKED; then go STEP alternatives on."
  (shadowpen-ghost--cancel)
  (when (shadowpen-ghost--welcome-p)
    (shadowpen-document-check)
    (let ((mine shadowpen-ghost--sequence) (asked (shadowpen-ghost--here))
          (position (shadowpen-document-position (point))))
      (setq shadowpen-ghost--asked-s (float-time)
            shadowpen-ghost--seen asked
            shadowpen-ghost--invoked-at (and invoked asked))
      (shadowpen-client-request
       'textDocument/inlineCompletion
       (list :textDocument (list :uri shadowpen-document-held-uri)
             :position position
             :context (list :triggerKind (if invoked 1 2)))
       (lambda (result)
         (shadowpen-ghost--in-selected
          (lambda ()
            (when (and (= mine shadowpen-ghost--sequence)
                       (equal asked (shadowpen-ghost--here))
                       (shadowpen-ghost--welcome-p))
              (let ((before (shadowpen-ghost-rest)))
                (setq shadowpen-ghost--invoked-at nil)
                (shadowpen-ghost--show result position invoked)
                (when (and step before (string-prefix-p before (or (shadowpen-ghost-rest) "")))
                  (shadowpen-ghost--step step)))))))))))

(defun shadowpen-ghost--grow (method params)
  "Draw more of what a key asked for: PARAMS, if METHOD is that notification."
  (when (eq method 'shadowpen/growing)
    (shadowpen-ghost--in-selected
     (lambda ()
       (when (and shadowpen-ghost--invoked-at
                  (equal shadowpen-ghost--invoked-at (shadowpen-ghost--here))
                  (equal (plist-get (plist-get params :textDocument) :uri) shadowpen-document-held-uri)
                  (shadowpen-ghost--welcome-p))
         (shadowpen-ghost--show params (plist-get params :position) t t))))))

(add-hook 'shadowpen-client-notification-functions #'shadowpen-ghost--grow)
(add-hook 'shadowpen-client-gone-hook #'shadowpen-ghost-clear)

(defun shadowpen-ghost--request-soon ()
  "Ask at once if the last request is old enough, else as soon as it is."
  (unless (and shadowpen-ghost--invoked-at (equal shadowpen-ghost--invoked-at (shadowpen-ghost--here)))
    (shadowpen-ghost--cancel)
    (let ((wait-s (- (+ shadowpen-ghost--asked-s (/ shadowpen-throttle-ms 1000.0)) (float-time))))
      (if (<= wait-s 0)
          (shadowpen-ghost--request nil)
        (setq shadowpen-ghost--timer
              (run-at-time wait-s nil #'shadowpen-ghost--in-selected
                           (lambda () (shadowpen-ghost--request nil))))))))

(defun shadowpen-ghost-after-command ()
  "Deal with what a command did to the current buffer."
  (let ((before shadowpen-ghost--seen) (now (shadowpen-ghost--here)))
    (setq shadowpen-ghost--seen now)
    (cond ((not (shadowpen-ghost--welcome-p)) (shadowpen-ghost-clear))
          ((not (eql (nth 1 before) (nth 1 now)))
           (let ((rest (shadowpen-ghost-rest)))
             (if rest (shadowpen-ghost--draw rest) (shadowpen-ghost--hide)))
           ;; The first look at a buffer is no change of it.
           (when before (shadowpen-ghost--request-soon)))
          ((not (equal before now))
           (unless (shadowpen-ghost-rest) (shadowpen-ghost-clear))))))

;;; Keys

(defun shadowpen-ghost--insert (piece)
  "Insert PIECE as an undo step of its own, and as one change."
  (undo-boundary)
  (insert piece)
  (undo-boundary))

(defun shadowpen-ghost--take (pattern)
  "Insert what of the ghost text PATTERN matches, all of it where it does not."
  (let* ((split (or (shadowpen-ghost--split) (user-error (shadowpen-words "There is no ghost text here"))))
         (rest (cdr split))
         (item (shadowpen-ghost-item shadowpen-ghost--shown))
         (piece (save-match-data (if (string-match pattern rest) (match-string 0 rest) rest)))
         (left (substring rest (length piece))))
    (if (shadowpen-ghost--blank-p left)
        (let ((command (plist-get item :command)))
          (shadowpen-ghost-clear)
          (shadowpen-ghost--insert rest)
          (when command
            (shadowpen-client-execute (plist-get command :command)
                                      (append (plist-get command :arguments) nil))))
      (shadowpen-ghost--insert piece)
      (shadowpen-client-notify 'textDocument/didPartiallyAcceptCompletion
                               (list :item item
                                     :acceptedLength (shadowpen-document-units (concat (car split) piece)))))))

(defconst shadowpen-ghost--sentence
  (concat "\\`\\(?:.\\|\n\\)*?\\(?:[.!?…][]\"'”’»)]*\\(?:\\'\\|\\(?1:[ \t\n]\\)\\)"
          "\\|[。！？｡؟۔।॥։።፧፨។៕။།༎᠃᠉܀⸮‼⁇⁈⁉‽][]\"'”’」』）)]*\\)")
  "Up to the marks that end a sentence, and a blank behind them in group 1.")

(defun shadowpen-accept ()
  "Take all of the ghost text."
  (interactive)
  (shadowpen-ghost--take "\\`\\(?:.\\|\n\\)*\\'"))

(defun shadowpen-accept-word ()
  "Take one word of the ghost text."
  (interactive)
  (shadowpen-ghost--take "\\`[ \t\n]*[^ \t\n]+"))

(defun shadowpen-accept-sentence ()
  "Take the ghost text up to the end of its sentence; all of it where none ends."
  (interactive)
  (let* ((rest (or (shadowpen-ghost-rest) ""))
         (end (save-match-data
                (and (string-match shadowpen-ghost--sentence rest)
                     (or (match-beginning 1) (match-end 0))))))
    (shadowpen-ghost--take (if end (concat "\\`" (regexp-quote (substring rest 0 end))) "\\`\\'"))))

(defun shadowpen-accept-line ()
  "Take the ghost text up to the end of the line."
  (interactive)
  (shadowpen-ghost--take "\\`[ \t\n]*[^\n]+"))

(defun shadowpen-dismiss ()
  "Wave the ghost text away: it is never offered here again."
  (interactive)
  (let* ((shown (and (shadowpen-ghost-rest) shadowpen-ghost--shown))
         (command (and shown (plist-get (shadowpen-ghost-item shown) :command)))
         (arguments (append (plist-get command :arguments) nil)))
    (shadowpen-ghost-clear)
    (when shown
      (shadowpen-client-execute "shadowpen.dismiss" (list (car arguments))))))

(defun shadowpen-suggest ()
  "Ask for ghost text here, even in a pause.
Asked again at the same place, the server gives more of it."
  (interactive)
  (unless (shadowpen-document-open-p)
    (user-error (shadowpen-words "Shadowpen is not at work in this buffer; M-x shadowpen-status says why")))
  (shadowpen-ghost--request t))

(defun shadowpen-ghost--step (step)
  "Put the alternative STEP places on in the place of what is shown.
One that does not go on as the writer did is passed over.  Return nil if there
is no other."
  (let* ((split (shadowpen-ghost--split))
         (items (and split (shadowpen-ghost-items shadowpen-ghost--shown)))
         (count (length items))
         (at (and split (cl-position (shadowpen-ghost-item shadowpen-ghost--shown) items :test #'eq))))
    (cl-loop repeat (max 0 (1- count))
             do (setq at (mod (+ at step) count))
             for item = (nth at items)
             for text = (plist-get item :insertText)
             when (and (string-prefix-p (car split) text)
                       (not (shadowpen-ghost--blank-p (substring text (length (car split))))))
             return (progn (setf (shadowpen-ghost-item shadowpen-ghost--shown) item)
                           (shadowpen-ghost--draw (substring text (length (car split))))
                           (shadowpen-ghost--tell-shown)
                           t))))

(defun shadowpen-ghost--alternative (step)
  "Show another text, STEP places on; ask for one where only one is known."
  (unless (or (shadowpen-ghost--step step)
              (and (shadowpen-ghost-rest) (shadowpen-ghost-invoked shadowpen-ghost--shown)))
    (shadowpen-ghost--request t step)))

(defun shadowpen-next ()
  "Show another text in the place of the ghost text."
  (interactive)
  (shadowpen-ghost--alternative 1))

(defun shadowpen-previous ()
  "Show the text before in the place of the ghost text."
  (interactive)
  (shadowpen-ghost--alternative -1))

(provide 'shadowpen-ghost)
;;; shadowpen-ghost.el ends here
