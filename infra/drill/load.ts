import type { Environment } from '../../client/environment.ts';
import { follow } from '../../client/follow.ts';
import { KeyMinter } from '../../client/key.ts';
import type { BankClientOptions } from '../../client/options.ts';
import type { Books, Phase } from './books.ts';
import { Caller } from './caller.ts';
import { chanceFrom } from './chance.ts';
import { accountsOf, nextRequest } from './mix.ts';
import type { Traffic } from './traffic.ts';

/** What the load of a drill is made of. */
export interface LoadParts {
  readonly run: string;
  readonly seed: number;
  readonly clients: number;
  /** Of each client. */
  readonly callsPerSecond: number;
  readonly options: BankClientOptions;
  /** Region that all clients prefer. */
  readonly region: string;
  readonly books: Books;
  readonly traffic: Traffic;
  readonly phase: () => Phase;
  readonly environment: Environment;
}

/** Clients that call the bank. */
export interface Load {
  /** Aborted when a client cannot go on, which is a fault of the drill's own. */
  readonly broken: AbortSignal;
  /** Ends the load, and waits for the calls that are under way. Rejects when a client could not go on. */
  stop(): Promise<void>;
}

/** Begins to call. Each client draws from chance by itself, so that what one asks does not depend on how fast others are. */
export function startLoad(parts: LoadParts): Load {
  const { run, seed, clients, callsPerSecond, environment } = parts;
  const accounts = accountsOf(run);
  const minter = new KeyMinter(environment);
  const ending = new AbortController();
  const broken = new AbortController();
  const running = Array.from({ length: clients }, (_, index) => {
    const number = index + 1;
    const chance = chanceFrom(seed + number * 0x9e3779b9);
    const caller = new Caller({
      ...parts,
      number,
      chance,
      intervalMs: 1000 / callsPerSecond,
      next: () => nextRequest(number, accounts, { chance, mint: () => minter.mint() }),
    });
    // A signal of its own for each: runtimes take many that listen to one for a leak.
    const { signal, release } = follow([ending.signal]);
    return caller
      .run(signal)
      .catch((error: unknown) => broken.abort(error))
      .finally(release);
  });
  const ended = Promise.all(running);
  return {
    broken: broken.signal,
    stop: async () => {
      ending.abort();
      await ended;
      broken.signal.throwIfAborted();
    },
  };
}
