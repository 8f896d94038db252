import { setTimeout as sleep } from 'node:timers/promises';
import { type ClientHost, LOST } from './client-host.ts';
import type { Known, Ledger } from './ledger.ts';
import type { Asked, Minting } from './messages.ts';
import { keyOf, mintingAt } from './minting.ts';
import type { Line } from './script.ts';

export interface LoadParts {
  readonly clients: readonly ClientHost[];
  readonly callersPerClient: number;
  readonly callsPerSecond: number;
  readonly ledger: Ledger;
  /** Gives the script of a caller. */
  readonly openScript: (caller: number) => () => Line;
  /** Hears that a client could not connect to a Region. */
  readonly onRefused: (region: string) => void;
  /** Ends the load. Calls that are under way by then are waited for. */
  readonly signal: AbortSignal;
}

/** Between two looks at whether a client process is back. */
const LOOK_EVERY_MS = 20;

/** Has all callers ask until the signal is aborted, each one thing at a time. */
export async function runLoad(parts: LoadParts): Promise<void> {
  const callers = parts.clients.flatMap((client) =>
    Array.from({ length: parts.callersPerClient }, (_, index) => runCaller(client, index, parts)),
  );
  await Promise.all(callers);
}

async function runCaller(client: ClientHost, index: number, parts: LoadParts): Promise<void> {
  const { ledger, signal, callersPerClient, callsPerSecond } = parts;
  const next = parts.openScript(client.number * callersPerClient + index);
  const asker = { process: `client-${client.number + 1}.${index + 1}`, client: client.number };
  const intervalMs = 1000 / callsPerSecond;
  while (!signal.aborted) {
    if (!client.isReady) {
      await sleep(LOOK_EVERY_MS);
      continue;
    }
    const startedMs = performance.now();
    const { asked, known, minting } = choose(next(), client.number, ledger);
    const ticket = ledger.begin(asker, asked, known);
    const told = await client.ask(index, asked, minting);
    ledger.end(ticket, told);
    if (told !== LOST) {
      for (const { region, reason } of told.failures)
        if (reason === 'cannot_connect') parts.onRefused(region);
    }
    const restMs = intervalMs - (performance.now() - startedMs);
    if (restMs > 0) await sleep(restMs);
  }
}

/** Makes of a line what is asked: with the keys that are open by now, or a new one. */
function choose(
  line: Line,
  client: number,
  ledger: Ledger,
): { readonly asked: Asked; readonly known?: Known; readonly minting?: Minting } {
  switch (line.kind) {
    case 'deposit':
    case 'withdraw': {
      const { kind, account, amountMinor, keyAgeMs, isGivenBack } = line;
      const minting = mintingAt(Date.now() - keyAgeMs);
      const asked = { kind, account, amountMinor, key: keyOf(minting) };
      return isGivenBack ? { asked, minting } : { asked };
    }
    case 'balance':
      return { asked: line };
    default: {
      const candidates = line.kind === 'again' ? ledger.answered : ledger.unknown;
      const wished = candidates.filter(({ owner }) => (owner === client) === (line.whose === 'own'));
      const some = wished.length > 0 ? wished : candidates;
      const known = some[Math.floor(line.pick * some.length)];
      if (known === undefined) return { asked: { kind: 'balance', account: line.account } };
      const { move } = known;
      return { asked: line.kind === 'cancel' ? { kind: 'cancel', move } : move, known };
    }
  }
}
