/** What a note asks of `shadowpen serve` on this machine, and what it answers. Knows no editor. */
import { requestUrl } from 'obsidian';

export interface Server {
  readonly port: number;
  readonly token: string;
}

/** One sentence for the user about why nothing comes. */
export class NoAnswer extends Error {}

const HINTS: Record<number, string> = {
  401: 'The token is wrong: `shadowpen serve --token` prints it.',
  429: 'Shadowpen is busy with other texts.',
};

/** The text that a model of `shadowpen serve` puts between `prompt` and `suffix`. */
export async function complete(server: Server, model: string, prompt: string, suffix: string): Promise<string> {
  const answer = await ask(server, 'completions', { model, prompt, suffix });
  return answer.choices[0]?.text ?? '';
}

/** The paragraph that is made of notes. */
export async function expand(server: Server, notes: string): Promise<string> {
  const answer = await ask(server, 'chat/completions', { model: 'shadowpen-expand', messages: [{ role: 'user', content: notes }] });
  return answer.choices[0]?.message?.content ?? '';
}

interface Answer {
  choices: { text?: string; message?: { content?: string } }[];
}

async function ask({ port, token }: Server, path: string, body: object): Promise<Answer> {
  if (!token) {
    throw new NoAnswer('Enter the token of `shadowpen serve --token` in the settings of Shadowpen.');
  }
  let status = 0;
  try {
    // Not fetch: it would ask for leave across origins, which the server grants no page.
    const answer = await requestUrl({
      url: `http://127.0.0.1:${port}/v1/${path}`,
      method: 'POST',
      contentType: 'application/json',
      headers: { Authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
      throw: false,
    });
    status = answer.status;
    if (status === 200) {
      return answer.json as Answer;
    }
  } catch {
    throw new NoAnswer(`Nothing answers on port ${port}: start \`shadowpen serve\` in a terminal.`);
  }
  throw new NoAnswer(HINTS[status] ?? `Shadowpen answered with the error ${status}.`);
}
