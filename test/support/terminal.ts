import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, onTestFinished, vi } from 'vitest';
import { PROJECT_FOLDER } from '../../infra/local/folders.ts';

/** `script` of util-linux gives a program a terminal; others of this name take other arguments. */
export const HAS_TERMINAL = process.platform === 'linux' && existsSync('/usr/bin/script');

/** A program of the project on a terminal of its own, which ends with the test. */
export class Terminal {
  readonly #child;
  /** Its exit code. */
  readonly ended: Promise<unknown>;
  /** What the terminal has received since the start, or since something was typed. */
  text = '';

  constructor(words: string, environment: NodeJS.ProcessEnv = {}) {
    const line = `exec ${process.execPath} --import tsx ${words}`;
    this.#child = spawn('/usr/bin/script', ['-qec', line, '/dev/null'], {
      cwd: PROJECT_FOLDER,
      env: { ...process.env, TERM: 'xterm', NO_COLOR: '', ...environment },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child.stdout.setEncoding('utf8').on('data', (part: string) => {
      this.text += part;
    });
    onTestFinished(() => void this.#child.kill());
    this.ended = new Promise((resolve) => this.#child.once('close', resolve));
  }

  get pid(): number {
    return Number(this.#child.pid);
  }

  until(part: string | RegExp): Promise<void> {
    return vi.waitFor(() => expect(this.text).toMatch(part), { timeout: 60_000, interval: 50 });
  }

  press(keys: string): void {
    this.text = '';
    this.#child.stdin.write(keys);
  }
}
