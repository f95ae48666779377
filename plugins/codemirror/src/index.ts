/** Ghost text for an editor made with CodeMirror 6: `shadowpen(source)` is the extension. */
import type { Extension } from '@codemirror/state';
import { asking, ghostSource, type Source } from './asking';
import { ghostField, ghostTheme } from './ghost';
import { ghostKeys } from './keys';

export { askHere, type Source, type Wanted } from './asking';
export { ghostField } from './ghost';
export { acceptAll, acceptLine, acceptSentence, acceptWord, dismiss } from './keys';
export { replaceIfUnchanged } from './paragraph';
export { say, speak } from './words';
export { type Send, type Server, Writer } from './writer';

export function shadowpen(source: Source): Extension {
  return [ghostSource.of(source), ghostField, ghostTheme, asking, ghostKeys];
}
