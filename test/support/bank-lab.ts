import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../infra/local/free-ports.ts';
import { newKey } from './keys.ts';
import { call, StartedBank } from './started-bank.ts';

export const FIRST = 'us-east-1';
export const SECOND = 'us-east-2';

/** Starts banks in folders of their own, and leaves neither behind. */
export class BankLab {
  readonly #folders: string[] = [];
  readonly #banks: StartedBank[] = [];

  async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'twinbank-local-'));
    this.#folders.push(folder);
    return folder;
  }

  /** Starts a bank with `--json`, in a folder or in memory, on free ports unless `args` names some. */
  async start(
    folder: string | null,
    args: readonly string[] = [],
    environment: NodeJS.ProcessEnv = {},
  ): Promise<StartedBank> {
    const ports = args.includes('--ports') ? [] : ['--ports', (await freePorts()).join()];
    // Its own DynamoDB, whatever this run uses: what it starts is what it has to stop.
    const own = { DYNAMODB_ENDPOINT: '', ...environment };
    const data = folder === null ? [] : ['--data', folder];
    return this.run(['--json', ...data, ...ports, ...args], own);
  }

  run(args: readonly string[], environment: NodeJS.ProcessEnv = {}): StartedBank {
    const bank = new StartedBank(args, environment);
    this.#banks.push(bank);
    return bank;
  }

  async close(): Promise<void> {
    for (const bank of this.#banks) {
      bank.signal('SIGKILL');
    }
    await Promise.all(this.#banks.map((bank) => bank.exit));
    await Promise.all(
      this.#folders.map((folder) =>
        rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 }),
      ),
    );
  }
}

export async function deposit(url: string, amount: string): Promise<unknown> {
  const { body } = await call('POST', `${url}/accounts/joe/deposits`, { key: newKey(), body: { amount } });
  return (body as { balance?: string }).balance;
}

export async function balance(url: string): Promise<unknown> {
  const { body } = await call('GET', `${url}/accounts/joe`);
  return (body as { balance?: string }).balance;
}
