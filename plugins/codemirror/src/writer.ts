/**
 * What a text asks of `shadowpen serve` on this machine. Why nothing comes is told in a sentence, once for each reason.
 * Knows no editor, nor how one sends a request.
 */
import type { Wanted } from './asking';
import { say } from './words';

export interface Server {
  readonly port: number;
  readonly token: string;
}

export interface Request {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly signal: AbortSignal | undefined;
}

/** Send JSON by POST; it throws where nothing answers. */
export type Send = (request: Request) => Promise<{ status: number; json: unknown }>;

interface Answer {
  choices: { text?: string; message?: { content?: string } }[];
}

const HINTS: Record<number, string> = {
  401: 'The token is wrong: `shadowpen serve --token` prints it.',
  429: 'Shadowpen is busy with other texts.',
};

class NoAnswer extends Error {}

/** Texts are cut by UTF-16 units, which may halve a character; the server refuses a half. */
function withoutHalves(_name: string, value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/\p{Surrogate}/gu, '') : value;
}

/** Each method returns "" where nothing is written. */
export class Writer {
  private told = '';

  constructor(
    private readonly server: () => Server,
    private readonly send: Send,
    private readonly tell: (sentence: string) => void,
  ) {}

  /** Text for the cursor, if it is likely to be accepted or was asked for. */
  ghost({ before, after, asked }: Wanted, signal?: AbortSignal): Promise<string> {
    return this.complete(asked ? 'shadowpen' : 'shadowpen-quiet', before, after, signal);
  }

  /** The rest of the paragraph. */
  goOn(before: string): Promise<string> {
    return this.complete('shadowpen-continue', before, '');
  }

  /** The paragraph that is made of notes. */
  async expand(notes: string): Promise<string> {
    const body = { model: 'shadowpen-expand', messages: [{ role: 'user', content: notes }] };
    return (await this.ask('chat/completions', body))?.choices[0]?.message?.content ?? '';
  }

  private async complete(model: string, prompt: string, suffix: string, signal?: AbortSignal): Promise<string> {
    return (await this.ask('completions', { model, prompt, suffix }, signal))?.choices[0]?.text ?? '';
  }

  private async ask(path: string, body: object, signal?: AbortSignal): Promise<Answer | undefined> {
    try {
      const answer = await this.answer(path, JSON.stringify(body, withoutHalves), signal);
      this.told = '';
      return answer;
    } catch (error) {
      if (!signal?.aborted) {
        this.tellOnce(error instanceof NoAnswer ? error.message : say('Shadowpen gave no answer.'));
      }
      return undefined;
    }
  }

  /** Say it, unless it was the last thing said and the settings are the same. */
  private tellOnce(reason: string): void {
    const told = JSON.stringify([reason, this.server()]);
    if (told !== this.told) {
      this.told = told;
      this.tell(reason);
    }
  }

  private async answer(path: string, body: string, signal?: AbortSignal): Promise<Answer> {
    const { port, token } = this.server();
    if (!token) {
      throw new NoAnswer(say('Enter the token of `shadowpen serve --token` in the settings of Shadowpen.'));
    }
    const headers = { Authorization: `Bearer ${token}` };
    const answer = await this.send({ url: `http://127.0.0.1:${port}/v1/${path}`, headers, body, signal }).catch(() => {
      throw new NoAnswer(say('Nothing answers on port {0}: start `shadowpen serve` in a terminal.', port));
    });
    if (answer.status !== 200) {
      throw new NoAnswer(say(HINTS[answer.status] ?? 'Shadowpen answered with the error {0}.', answer.status));
    }
    return answer.json as Answer;
  }
}
