/** The settings of the plug-in: where `shadowpen serve` listens, and its token. */
import { type App, type Plugin, PluginSettingTab, Setting } from 'obsidian';
import { say, type Server } from '../../codemirror/src';

export interface Settings extends Server {
  readonly ghostText: boolean;
}

export const DEFAULTS: Settings = { port: 8017, token: '', ghostText: true };

export interface Host extends Plugin {
  settings: Settings;
  change(settings: Partial<Settings>): Promise<void>;
}

export class ShadowpenSettingTab extends PluginSettingTab {
  constructor(
    app: App,
    private readonly host: Host,
  ) {
    super(app, host);
  }

  override display(): void {
    const { containerEl, host } = this;
    containerEl.empty();
    new Setting(containerEl)
      .setName(say('Ghost text'))
      .setDesc(say('Show suggestions while you type. Without it they appear on the command “Suggest here” alone.'))
      .addToggle((toggle) => toggle.setValue(host.settings.ghostText).onChange((ghostText) => host.change({ ghostText })));
    new Setting(containerEl)
      .setName(say('Token'))
      .setDesc(say('Run `shadowpen serve --token` in a terminal and paste what it prints. It is kept in this vault.'))
      .addText((text) => {
        text.inputEl.type = 'password';
        text.setValue(host.settings.token).onChange((token) => host.change({ token: token.trim() }));
      });
    new Setting(containerEl)
      .setName(say('Port'))
      .setDesc(say('The port of `shadowpen serve` on this machine.'))
      .addText((text) =>
        text.setValue(String(host.settings.port)).onChange((typed) => {
          const port = Number(typed);
          return Number.isInteger(port) && port > 0 && port < 65536 ? host.change({ port }) : undefined;
        }),
      );
  }
}
