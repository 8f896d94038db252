import { type FileHandle, open } from 'node:fs/promises';
import type { CallSeen } from './news.ts';

/** Most that is read at once. What a Region logs beyond that is read the next time. */
const MAX_CHUNK_BYTES = 256 * 1024;

/** Follows the log of a Region from its present end, and picks the calls out of it. */
export class LogTail {
  readonly #region: string;
  readonly #file: FileHandle;
  #offset: number;

  private constructor(region: string, file: FileHandle, offset: number) {
    this.#region = region;
    this.#file = file;
    this.#offset = offset;
  }

  static async atEnd(region: string, path: string): Promise<LogTail> {
    const file = await open(path, 'r');
    const { size } = await file.stat();
    return new LogTail(region, file, size);
  }

  /** The calls that were logged since the last time. */
  async read(): Promise<readonly CallSeen[]> {
    const { buffer, bytesRead } = await this.#file.read(
      Buffer.alloc(MAX_CHUNK_BYTES),
      0,
      MAX_CHUNK_BYTES,
      this.#offset,
    );
    const end = buffer.subarray(0, bytesRead).lastIndexOf('\n') + 1;
    // A line that is still being written is left for the next time; one that fills the whole chunk is nobody's call.
    this.#offset += end === 0 && bytesRead === MAX_CHUNK_BYTES ? bytesRead : end;
    const lines = buffer.toString('utf8', 0, end).split('\n');
    return lines.flatMap((line) => callOf(this.#region, line));
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** Reads the call, or the sweep that changed something, from a line of the log. Other lines, such as the stack of a crash, have none. */
export function callOf(region: string, line: string): readonly CallSeen[] {
  const { message, operation, account, key, outcome, durationMs, transfers, expired } = parse(line);
  if (message === 'sweep' && (transfers !== undefined || expired !== undefined)) {
    return [{ region, operation: 'sweep', account: '', key: '', outcome: 'answered', durationMs: 0 }];
  }
  if (message !== 'call') {
    return [];
  }
  return [
    {
      region,
      operation: String(operation),
      account: String(account ?? ''),
      key: String(key ?? ''),
      outcome: String(outcome),
      durationMs: Number(durationMs),
    },
  ];
}

function parse(line: string): Record<string, unknown> {
  if (!line.startsWith('{')) {
    return {};
  }
  try {
    return Object(JSON.parse(line)) as Record<string, unknown>;
  } catch {
    return {};
  }
}
