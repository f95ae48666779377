/** What the plug-ins for Obsidian and JupyterLab say: English stands in the code, Chinese here. Knows no host. */

const CHINESE: Readonly<Record<string, string>> = {
  // Of both.
  'The token is wrong: `shadowpen serve --token` prints it.': '令牌不对：`shadowpen serve --token` 会输出正确的令牌。',
  'Shadowpen is busy with other texts.': 'Shadowpen 正忙于其他文稿。',
  'Shadowpen gave no answer.': 'Shadowpen 没有回答。',
  'Enter the token of `shadowpen serve --token` in the settings of Shadowpen.':
    '请在 Shadowpen 的设置中填写 `shadowpen serve --token` 输出的令牌。',
  'Nothing answers on port {0}: start `shadowpen serve` in a terminal.':
    '端口 {0} 没有回答：请在终端中启动 `shadowpen serve`。',
  'Shadowpen answered with the error {0}.': 'Shadowpen 的回答是错误 {0}。',
  'Ghost text': '幽灵文本',
  Token: '令牌',
  Port: '端口',
  'The port of `shadowpen serve` on this machine.': '`shadowpen serve` 在这台电脑上的端口。',
  // Of Obsidian.
  'Suggest here': '在这里联想',
  'Continue the paragraph': '续写段落',
  'Expand the selected notes': '将所选要点扩写成段',
  'Select your notes first.': '请先选中要点。',
  'Show suggestions while you type. Without it they appear on the command “Suggest here” alone.':
    '打字时显示联想。关闭后，只有使用命令“在这里联想”时才显示。',
  'Run `shadowpen serve --token` in a terminal and paste what it prints. It is kept in this vault.':
    '在终端中运行 `shadowpen serve --token`，把输出粘贴到这里。它保存在这个笔记库中。',
  // Of JupyterLab.
  'Accept the suggestion': '接受联想',
  'Dismiss the suggestion': '拒绝联想',
  'Suggest Text Here': '在这里联想',
  'Expand the Selected Notes or Continue the Paragraph': '扩写所选要点或续写段落',
  'Shadowpen is writing …': 'Shadowpen 正在写…',
  'The text changed meanwhile, so nothing was put into it.': '文稿已改动，没有放入写好的内容。',
  'Ghost text that writes like you, from a model on your own machine.':
    '像你一样写作的幽灵文本，来自你自己电脑上的模型。',
  'Show suggestions while you type in Markdown cells and files of prose. Without it they appear on the key for them alone.':
    '在 Markdown 单元格和文稿文件中打字时显示联想。关闭后，只有按键请求时才显示。',
  'What `shadowpen serve --token` prints in a terminal.': '在终端中运行 `shadowpen serve --token` 得到的输出。',
};

let words: Readonly<Record<string, string>> = {};

/** From now on say everything in the language of a locale such as "zh-CN"; in English where there is no other. */
export function speak(locale: string): void {
  words = /^zh(?![a-z])/iu.test(locale) ? CHINESE : {};
}

/** `text` in the language that is spoken; {0} is the first of the values. */
export function say(text: string, ...values: readonly unknown[]): string {
  return (words[text] ?? text).replace(/\{(\d)\}/gu, (_, place) => String(values[Number(place)]));
}
