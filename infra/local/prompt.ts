import { createInterface, type Interface } from 'node:readline';
import { complete } from './commands.ts';
import type { RegionStatus } from './region.ts';

/** Standard input, line by line. On a terminal it has a prompt, and completes commands and Regions with the tab key. */
export class Prompt {
  readonly #isTerminal: boolean;
  #lines: Interface | undefined;

  /** `isTerminal`: a person types, and reads what is printed. */
  constructor(isTerminal: boolean) {
    this.#isTerminal = isTerminal;
  }

  /** Prints a line above the prompt, with what has been typed so far. */
  print(stream: NodeJS.WriteStream, line: string): void {
    if (this.#lines === undefined || !this.#isTerminal) {
      stream.write(`${line}\n`);
      return;
    }
    process.stdout.write(`\r\x1b[J`);
    stream.write(`${line}\n`);
    this.#lines.prompt(true);
  }

  /** Reads lines until the end of the input. `interrupt` is called for Ctrl-C, which is no signal while a terminal is read. */
  async *read(regions: () => readonly RegionStatus[], interrupt: () => void): AsyncGenerator<string> {
    const lines = this.#isTerminal
      ? createInterface({
          input: process.stdin,
          output: process.stdout,
          prompt: '> ',
          completer: (line: string) => complete(line, regions()),
        })
      : createInterface({ input: process.stdin });
    this.#lines = lines;
    lines.on('SIGINT', () => {
      interrupt();
      lines.close();
    });
    try {
      this.#prompt();
      for await (const line of lines) {
        yield line;
        this.#prompt();
      }
    } finally {
      this.#lines = undefined;
      lines.close();
    }
  }

  #prompt(): void {
    if (this.#isTerminal) {
      this.#lines?.prompt();
    }
  }
}
