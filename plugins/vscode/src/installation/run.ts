/** Run a program line by line, where it can be cancelled. Knows nothing of what it does. */
import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { CancellationToken } from 'vscode';

/** How pip and uv say that an address cannot be reached, among the last lines. */
const OFFLINE = /name resolution|new connection|network is unreachable|no route to host|connect to proxy|dns error/i;
const LAST_LINES = 12;

/** A program failed: it did not start, or it ended; then with its last complaint, if any, or for want of a network. */
export class Failed extends Error {
  constructor(
    readonly program: string,
    readonly how: { unstarted: string } | { code: number | null; complaint: string | undefined; offline: boolean },
  ) {
    super(program);
  }
}

/** Ends with the program; throws Failed where it failed or was cancelled. `onLine` gets each line that it prints. */
export function run(
  [program = '', ...args]: readonly string[],
  onLine: (line: string) => unknown,
  token?: CancellationToken,
  environment: NodeJS.ProcessEnv = {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { ...process.env, ...environment }, windowsHide: true });
    const said: string[] = [];
    const cancelling = token?.onCancellationRequested(() => child.kill());
    const hear = (line: string) => {
      said.push(line);
      onLine(line);
    };
    for (const stream of [child.stdout, child.stderr]) {
      byLine(stream.setEncoding('utf8'), hear);
    }
    child.on('error', (error) => reject(new Failed(program, { unstarted: error.message })));
    child.on('close', (code) => {
      cancelling?.dispose();
      if (code === 0) {
        resolve();
      } else {
        reject(new Failed(program, { code, complaint: complaint(said), offline: isOffline(said) }));
      }
    });
  });
}

/** Calls `hear` with each line that is not blank, once it is whole: a program may write it in pieces. */
function byLine(stream: Readable, hear: (line: string) => void): void {
  let begun = '';
  const tell = (lines: readonly string[]) => lines.map((line) => line.trim()).filter(Boolean).forEach(hear);
  stream.on('data', (chunk: string) => {
    const lines = (begun + chunk).split(/[\r\n]/);
    begun = lines.pop() ?? '';
    tell(lines);
  });
  stream.on('end', () => tell([begun]));
}

/** What a program prints. */
export async function output(command: readonly string[]): Promise<string> {
  const lines: string[] = [];
  await run(command, (line) => lines.push(line));
  return lines.join('\n');
}

function complaint(lines: readonly string[]): string | undefined {
  const error = lines.findLast((line) => /^error\b/i.test(line)) ?? lines.at(-1);
  return error?.replace(/^error:\s*/i, '').replace(/^\[Errno \d+\] /, '');
}

/** What pip says last where it gets nothing is that there is no such package; that it got nothing it says before. */
function isOffline(lines: readonly string[]): boolean {
  return lines.slice(-LAST_LINES).some((line) => OFFLINE.test(line));
}
