;;; shadowpen-words.el --- What Shadowpen says, in the writer's language  -*- lexical-binding: t; coding: utf-8; -*-

;; Copyright (C) 2026 The Shadowpen authors
;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:

;; English stands in the code, Chinese here.  What the language server says
;; comes in that language already.  Knows no message's place.

;;; Code:

(require 'subr-x)

;; Values stand in the same order in both.
(defconst shadowpen-words--chinese
  '(("Shadowpen: %s" . "Shadowpen：%s")
    ("Shadowpen: %s %s" . "Shadowpen：%s%s")
    ("Shadowpen: " . "Shadowpen：")
    ("\"%s\" cannot be run." . "无法运行 \"%s\"。")
    ("See `shadowpen-command', and run `shadowpen doctor' in a terminal."
     . "请查看 `shadowpen-command'，并在终端中运行 `shadowpen doctor'。")
    ("The server offers no ghost text." . "语言服务器不提供幽灵文本。")
    ("Update Shadowpen." . "请更新 Shadowpen。")
    ("The server refused: %s" . "语言服务器拒绝了：%s")
    ("Run `shadowpen doctor' in a terminal." . "请在终端中运行 `shadowpen doctor'。")
    ("There was no answer." . "没有回答。")
    ("%s is not in `shadowpen-languages'" . "%s 不在 `shadowpen-languages' 中")
    ("it visits no file" . "它没有对应的文件")
    ("its file is on another machine" . "它的文件在另一台电脑上")
    ("There is no ghost text here" . "这里没有幽灵文本")
    ("Shadowpen is not at work in this buffer; M-x shadowpen-status says why"
     . "Shadowpen 在这个缓冲区中不工作；M-x shadowpen-status 说明原因")
    ("writing …" . "正在写…")
    ("%d of %d" . "第 %d 个，共 %d 个")
    ("  copy: TAB" . "  复制: TAB")
    ("  take: TAB  next: C-n  change: C-t" . "  接受: TAB  换一个: C-n  修改: C-t")
    ("  discard: C-g" . "  放弃: C-g")
    ("  left out: %s" . "  没有写到：%s")
    ("Shadowpen: the text changed, so the paragraph was dropped." . "Shadowpen：文稿已改动，段落没有采用。")
    ("There are no notes to expand: select some words first" . "没有可以扩写的要点：请先选中一些文字")
    ("The paragraph is still being written" . "段落还在书写")
    ("Shadowpen: the text changed meanwhile; yank inserts the paragraph."
     . "Shadowpen：文稿已改动；yank 可以插入段落。")
    ("Shadowpen: the text changed, so there are no more paragraphs of it." . "Shadowpen：文稿已改动，不再有别的段落。")
    ("Change the paragraph: " . "修改这一段：")
    ("Shadowpen: no server is running" . "Shadowpen：语言服务器没有运行")
    ("In all editors: %s" . "所有编辑器：%s")
    ("Ghost text is on." . "幽灵文本已开启。")
    ("Shadowpen: no suggestion has been requested yet." . "Shadowpen：还没有请求过联想。")
    ("Rate what you accepted last: " . "上次接受的内容：")
    ("Shadowpen: noted as %s." . "Shadowpen：已记为 %s。")
    ("Shadowpen: there is nothing to rate." . "Shadowpen：没有保留可以评价的内容。")
    ("Keep what you accept and type instead? " . "保留你接受和改写的内容吗？")
    ("Shadowpen: learning is on." . "Shadowpen：学习已开启。")
    ("Shadowpen: learning is off." . "Shadowpen：学习已关闭。")
    ("off, %s." . "已关闭，%s。")
    ("off (M-x shadowpen-mode)." . "已关闭（M-x shadowpen-mode）。")
    ("waiting for the server." . "正在等待语言服务器。")
    ("inactive. %s" . "不工作。%s")
    ("on." . "已开启。")
    ("Shadowpen: %s. %s\nThis buffer: %s" . "Shadowpen：%s。%s\n这个缓冲区：%s")
    ("off" . "已关闭")
    ("starting" . "正在启动")
    ("ready" . "就绪")
    ("busy" . "忙碌")
    ("inactive" . "不工作")
    ("paused" . "已暂停")
    ("error" . "出错"))
  "Our messages, and formats of them, with their Chinese.")

(defun shadowpen-words--locale ()
  "Return the locale for messages, named by the same variables as for the server."
  (or (seq-find (lambda (value) (and value (not (string-empty-p value))))
                (mapcar #'getenv '("LC_ALL" "LC_MESSAGES" "LANG")))
      ""))

(defun shadowpen-words (text)
  "Return TEXT, a message or a format of one, in the writer's language."
  (or (and (string-prefix-p "zh" (shadowpen-words--locale) t)
           (cdr (assoc text shadowpen-words--chinese)))
      text))

(provide 'shadowpen-words)
;;; shadowpen-words.el ends here
