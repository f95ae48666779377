vim9script
# The plug-in's messages in English and Chinese. What the language server says comes in that language already. Knows no
# message's place.

# Values stand in the same order in both.
const CHINESE: dict<string> = {
  'Shadowpen: %s': 'Shadowpen：%s',
  'Shadowpen is on.': 'Shadowpen 已开启。',
  'Shadowpen is off.': 'Shadowpen 已关闭。',
  'Shadowpen is on in this buffer.': 'Shadowpen 在这个缓冲区中已开启。',
  'Shadowpen is off in this buffer.': 'Shadowpen 在这个缓冲区中已关闭。',
  'In all editors: %s': '所有编辑器：%s',
  'Ghost text is on.': '幽灵文本已开启。',
  'Shadowpen: no suggestion has been requested yet.': 'Shadowpen：还没有请求过联想。',
  'Shadowpen: noted.': 'Shadowpen：已记下。',
  'Shadowpen: there is nothing to rate.': 'Shadowpen：没有保留可以评价的内容。',
  'no server is running here.': '语言服务器没有运行。',
  'unknown subcommand, see :help :Shadowpen': '没有这个子命令，见 :help :Shadowpen',
  'use :ShadowpenLearn on|off, see :help :ShadowpenLearn': '请用 :ShadowpenLearn on|off，见 :help :ShadowpenLearn',
  'Shadowpen: %s. %s': 'Shadowpen：%s。%s',
  'starting': '正在启动',
  'ready': '就绪',
  'busy': '忙碌',
  'inactive': '不工作',
  'paused': '已暂停',
  'error': '出错',
  'off': '已关闭',
  'This buffer: %s': '这个缓冲区：%s',
  'off, %s.': '已关闭，%s。',
  'waiting for the server.': '正在等待语言服务器。',
  'inactive. %s': '不工作。%s',
  'on.': '已开启。',
  'Last message: %s': '上一条消息：%s',
  "'%s' cannot be run.": "无法运行 '%s'。",
  'Run `shadowpen doctor` in a terminal.': '请在终端中运行 `shadowpen doctor`。',
  'The server could not be started.': '无法启动语言服务器。',
  'The server refused: %s': '语言服务器拒绝了：%s',
  'The server offers no ghost text.': '语言服务器不提供幽灵文本。',
  'Update Shadowpen.': '请更新 Shadowpen。',
  'The server stopped (exit code %d).': '语言服务器停止了（退出代码 %d）。',
  'turned off (:ShadowpenToggle)': '已关闭（:ShadowpenToggle）',
  'turned off for this buffer (:ShadowpenToggle buffer)': '在这个缓冲区中已关闭（:ShadowpenToggle buffer）',
  'not an ordinary file': '不是普通文件',
  "filetype '%s' is not among those that Shadowpen is for": "文件类型 '%s' 不在 Shadowpen 支持的类型中",
  'it has no name yet: save it first, as NAME.md or NAME.txt': '它还没有名称：请先保存为 NAME.md 或 NAME.txt',
  'its file is on another machine': '它的文件在另一台电脑上',
  'writing …': '正在写…',
  '%d of %d': '第 %d 个，共 %d 个',
  'left out: %s': '没有写到：%s',
  'take': '接受',
  'next': '换一个',
  'change': '修改',
  'discard': '放弃',
  'yank': '复制',
  'the text changed, so the paragraph was dropped.': '文稿已改动，段落没有采用。',
  'not here: %s.': '在这里不可用：%s。',
  'the server is not ready': '语言服务器没有就绪',
  "not here: 'nomodifiable' is set.": "在这里不可用：设置了 'nomodifiable'。",
  'there are no notes to expand: select some words first.': '没有可以扩写的要点：请先选中一些文字。',
  'the text changed meanwhile; p inserts the paragraph.': '文稿已改动；按 p 可以放入段落。',
  'the text changed, so there are no more paragraphs of it.': '文稿已改动，不再有别的段落。',
  'Change the paragraph (Tab for a list): ': '修改这一段（Tab 列出）：',
  'the paragraph is still being written.': '段落还在书写。',
}

# The locale that counts for messages, by the same variables as for the language server.
def Locale(): string
  for value in [$LC_ALL, $LC_MESSAGES, $LANG]
    if value != ''
      return value
    endif
  endfor
  return v:lang
enddef

const WORDS: dict<string> = Locale() =~? '^zh' ? CHINESE : {}

# `text` in the writer's language, with values as of printf().
export def Say(text: string, ...values: list<any>): string
  const said = WORDS->get(text, text)
  return empty(values) ? said : call('printf', [said] + values)
enddef
