--- The plug-in's messages in English and Chinese. What the language server says comes in that language already. Knows
--- no message's place.
local M = {}

-- Values stand in the same order in both.
local CHINESE = {
  ["Shadowpen needs Neovim 0.10 or newer."] = "Shadowpen 需要 Neovim 0.10 或更新的版本。",
  ["Shadowpen is on."] = "Shadowpen 已开启。",
  ["Shadowpen is off."] = "Shadowpen 已关闭。",
  ["Shadowpen is on in this buffer."] = "Shadowpen 在这个缓冲区中已开启。",
  ["Shadowpen is off in this buffer."] = "Shadowpen 在这个缓冲区中已关闭。",
  ["In all editors: %s"] = "所有编辑器：%s",
  ["Ghost text is on."] = "幽灵文本已开启。",
  ["Shadowpen: noted as %s."] = "Shadowpen：已记为 %s。",
  ["Shadowpen: there is nothing to rate."] = "Shadowpen：没有保留可以评价的内容。",
  ["Shadowpen: no suggestion has been requested yet."] = "Shadowpen：还没有请求过联想。",
  ["Answer with :ShadowpenLearn on, :ShadowpenLearn on accepted, or :ShadowpenLearn off."] = "请用 :ShadowpenLearn on、:ShadowpenLearn on accepted 或 :ShadowpenLearn off 回答。",
  ["Shadowpen: %s"] = "Shadowpen：%s",
  ["Shadowpen: %s%s. %s"] = "Shadowpen：%s%s。%s",
  ["off"] = "已关闭",
  ["starting"] = "正在启动",
  ["ready"] = "就绪",
  ["busy"] = "忙碌",
  ["inactive"] = "不工作",
  ["paused"] = "已暂停",
  ["error"] = "出错",
  ["This buffer: off, %s."] = "这个缓冲区：已关闭，%s。",
  ["This buffer: inactive. %s"] = "这个缓冲区：不工作。%s",
  ["This buffer: on."] = "这个缓冲区：已开启。",
  ["This buffer: waiting for the server."] = "这个缓冲区：正在等待语言服务器。",
  ["Last message: %s"] = "上一条消息：%s",
  ["turned off (:ShadowpenToggle)"] = "已关闭（:ShadowpenToggle）",
  ["turned off for this buffer (:ShadowpenToggle buffer)"] = "在这个缓冲区中已关闭（:ShadowpenToggle buffer）",
  ["not an ordinary file"] = "不是普通文件",
  ["it has no name, and only one such buffer at a time is served"] = "它没有名称，这样的缓冲区一次只支持一个",
  ["nothing is written in it yet"] = "里面还没有写内容",
  ["filetype '%s' is not among the filetypes of setup()"] = "文件类型 '%s' 不在 setup() 的 filetypes 中",
  ["the server stopped (signal %s)."] = "语言服务器停止了（信号 %s）。",
  ["the server stopped (exit code %s)."] = "语言服务器停止了（退出代码 %s）。",
  ["'%s' cannot be run."] = "无法运行 '%s'。",
  ["the server could not be started."] = "无法启动语言服务器。",
  ["the server is not ready"] = "语言服务器没有就绪",
  ["the server is not ready."] = "语言服务器没有就绪。",
  ["this does not work here: %s."] = "这在这里不可用：%s。",
  ["this does not work here: 'nomodifiable' is set."] = "这在这里不可用：设置了 'nomodifiable'。",
  ["no expansion here: %s."] = "无法在这里扩写：%s。",
  ["no expansion here: 'nomodifiable' is set."] = "无法在这里扩写：设置了 'nomodifiable'。",
  ["no continuation here: %s."] = "无法在这里续写：%s。",
  ["there are no notes to expand: select some words first."] = "没有可以扩写的要点：请先选中一些文字。",
  ["the paragraph is still being written."] = "段落还在书写。",
  ["the text is still being read."] = "文字还在读取。",
  ["the text changed, so the paragraph was dropped."] = "文稿已改动，段落没有采用。",
  ["the text changed, so its continuation was dropped."] = "文稿已改动，续写的内容没有采用。",
  ["the text changed, so the changes were dropped."] = "文稿已改动，这些修改没有采用。",
  ["the text changed, so there are no more paragraphs of it."] = "文稿已改动，不再有别的段落。",
  ["the text changed meanwhile; p inserts the paragraph."] = "文稿已改动；按 p 可以放入段落。",
  ["there is nothing to change here."] = "这里没有要改的。",
  ["%d of them changed meanwhile and were left as they are."] = "其中 %d 处后来有改动，没有修改。",
  ["%d correction"] = "%d 处纠正",
  ["%d corrections"] = "%d 处纠正",
  ["%d change"] = "%d 处修改",
  ["%d changes"] = "%d 处修改",
  ["take all"] = "全部修改",
  ["take sentence"] = "修改这一句",
  ["leave sentence"] = "不改这一句",
  ["leave all"] = "全部不改",
  ["writing …"] = "正在写…",
  ["%d of %d"] = "第 %d 个，共 %d 个",
  ["left out: %s"] = "没有写到：%s",
  ["take"] = "接受",
  ["next"] = "换一个",
  ["change"] = "修改",
  ["discard"] = "放弃",
  ["yank"] = "复制",
  ["shorter"] = "更短",
  ["longer"] = "更长",
  ["another beginning"] = "换一个开头",
  ["another wording"] = "换一种说法",
  ["less formal"] = "更随意",
  ["more formal"] = "更正式",
  ["mention …"] = "提到…",
  ["something else …"] = "其他…",
  ["Change the paragraph:"] = "修改这一段：",
  ["Mention: "] = "提到：",
  ["Change it like this: "] = "这样修改：",
  -- Of :checkhealth.
  ["Neovim is older than 0.10."] = "Neovim 的版本低于 0.10。",
  ["Ghost text needs inline virtual text: update Neovim."] = "幽灵文本需要行内虚拟文本：请更新 Neovim。",
  ["Ghost text has a colour of its own (ShadowpenGhost)."] = "幽灵文本有自己的颜色（ShadowpenGhost）。",
  ["Ghost text looks like typed text: the group ShadowpenGhost has no colour of its own here."] = "幽灵文本与打出的文字看起来一样：高亮组 ShadowpenGhost 在这里没有自己的颜色。",
  [":highlight ShadowpenGhost %s, in your configuration after :colorscheme."] = ":highlight ShadowpenGhost %s，放在你的配置中 :colorscheme 之后。",
  ["Install Shadowpen as its README says, then run `shadowpen setup` and `shadowpen install neovim`."] = "请按 README 安装 Shadowpen，然后运行 `shadowpen setup` 和 `shadowpen install neovim`。",
  ["Or set `cmd` in setup() to its path."] = "或者把 setup() 中的 `cmd` 设为它的路径。",
  ["Language server: %s (%s)"] = "语言服务器：%s（%s）",
  ["The language server is running, with 1 buffer."] = "语言服务器正在运行，有 1 个缓冲区。",
  ["The language server is running, with %d buffers."] = "语言服务器正在运行，有 %d 个缓冲区。",
  ["The language server reports an error."] = "语言服务器报告了错误。",
  ["No language server is running. It starts with the first buffer of a prose filetype."] = "语言服务器没有运行。打开第一个文稿类文件时会启动。",
  ["Two clients named shadowpen are running."] = "有两个名为 shadowpen 的客户端在运行。",
  ["Use either this plugin or vim.lsp.enable('shadowpen')."] = "这个插件和 vim.lsp.enable('shadowpen') 请只用其中之一。",
  ["`%s` failed: %s"] = "`%s` 失败：%s",
  ["Run `shadowpen doctor`."] = "请运行 `shadowpen doctor`。",
  ["No daemon is running. The language server starts it when needed."] = "守护进程没有运行。需要时语言服务器会启动它。",
  ["The daemon cannot serve: %s"] = "守护进程无法工作：%s",
  ["The daemon is running, with %s."] = "守护进程正在运行，模型为 %s。",
  ["The daemon is running."] = "守护进程正在运行。",
  ["%s: no key"] = "%s：没有按键",
  ["%s: %s, while an expansion is shown"] = "%s：%s，在显示扩写时",
  ["%s: %s is mapped by your own configuration (%s), which was left alone."] = "%s：%s 已由你自己的配置映射（%s），没有改动它。",
  ["a Lua function"] = "一个 Lua 函数",
  ['Call require("shadowpen").%s() from it, or set another key: keys.%s in setup().'] = '请在其中调用 require("shadowpen").%s()，或在 setup() 中用 keys.%s 设置另一个按键。',
  ["setup() was not called."] = "没有调用 setup()。",
  ['Put require("shadowpen").setup() into your configuration.'] = '请在你的配置中加入 require("shadowpen").setup()。',
  ["shadowpen: keys"] = "shadowpen：按键",
}

--- The locale that counts for messages, by the same variables as for the language server.
local function locale()
  for _, name in ipairs({ "LC_ALL", "LC_MESSAGES", "LANG" }) do
    local value = vim.env[name]
    if value and value ~= "" then
      return value
    end
  end
  return vim.v.lang or ""
end

local words = vim.startswith(locale():lower(), "zh") and CHINESE or {}

--- `text` in the writer's language, with values as of string.format.
---@param text string
function M.say(text, ...)
  local said = words[text] or text
  return select("#", ...) > 0 and said:format(...) or said
end

return M
