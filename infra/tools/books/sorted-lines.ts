import { createHash } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Lines that are kept in memory before they are written. */
const WAITING_LINES = 20_000;

/** Sorts lines into parts, which are files of a temporary folder. All lines of a key are in the same part, and one part fits into memory. */
export class SortedLines implements AsyncDisposable {
  readonly parts: number;
  readonly #folder: string;
  #waiting = new Map<number, string>();
  #count = 0;
  #writing: Promise<void> = Promise.resolve();

  private constructor(folder: string, parts: number) {
    this.#folder = folder;
    this.parts = parts;
  }

  static async open(name: string, parts: number): Promise<SortedLines> {
    return new SortedLines(await mkdtemp(join(tmpdir(), `twinbank-${name}-${process.pid}-`)), parts);
  }

  async add(key: string, line: string): Promise<void> {
    const part = this.partOf(key);
    this.#waiting.set(part, `${this.#waiting.get(part) ?? ''}${line}\n`);
    this.#count += 1;
    if (this.#count % WAITING_LINES === 0) {
      await this.#write();
    }
  }

  /** The part that has the lines of a key. */
  partOf(key: string): number {
    return createHash('md5').update(key).digest().readUInt32BE() % this.parts;
  }

  /** The lines of a part, each key's in the order in which they came. */
  async read(part: number): Promise<readonly string[]> {
    await this.#write();
    const written = (await readIfThere(this.#fileOf(part))) ?? '';
    return written.split('\n').filter((line) => line !== '');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Work that was given up may still write.
    await this.#writing.catch(() => undefined);
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }

  #fileOf(part: number): string {
    return join(this.#folder, String(part));
  }

  /** One write after another: two at once could mix their lines. */
  async #write(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = new Map();
    this.#writing = this.#writing.then(async () => {
      for (const [part, lines] of waiting) {
        await appendFile(this.#fileOf(part), lines);
      }
    });
    await this.#writing;
  }
}

/** The text of a file; undefined if there is none. */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}
