import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientHost } from './client-host.ts';
import { ChaosError } from './errors.ts';
import type { ChaosLedger, Ticket } from './ledger.ts';
import { isNew, LOST } from './messages.ts';
import type { ChaosOptions } from './options.ts';
import type { Made, Question } from './script.ts';
import type { KeyWatch } from './watches.ts';

interface LoadOptions extends Pick<ChaosOptions, 'callers' | 'pace'> {
  readonly hosts: readonly ClientHost[];
  readonly ledger: ChaosLedger;
  readonly keys: KeyWatch;
  /** Gives the script of a caller of a client. */
  readonly openScript: (caller: number, client: number) => (made: Made) => Question;
  /** Ends the load. Calls that are under way by then are waited for. */
  readonly signal: AbortSignal;
}

/** How often a caller checks whether its client process is back. */
const LOOK_EVERY_MS = 20;

/** All callers make calls until the signal is aborted, each one call at a time. */
export async function runLoad(parts: LoadOptions): Promise<void> {
  const callers = parts.hosts.flatMap((client) =>
    Array.from({ length: parts.callers }, (_, index) => runCaller(client, index, parts)),
  );
  await Promise.all(callers);
}

async function runCaller(client: ClientHost, index: number, parts: LoadOptions): Promise<void> {
  const { ledger, keys, signal } = parts;
  const next = parts.openScript(client.number * parts.callers + index, client.number);
  const asker = { process: `client-${client.number + 1}.${index + 1}`, client: client.number };
  const intervalMs = 1000 / parts.pace;
  while (!signal.aborted) {
    if (!client.isReady) {
      await sleep(LOOK_EVERY_MS);
      continue;
    }
    const startedMs = performance.now();
    const { asked, known } = next(ledger);
    let ticket: Ticket | undefined = isNew(asked) ? undefined : ledger.begin(asker, asked, known);
    const reply = await client.ask(index, asked, (key) => {
      if (!isNew(asked) || ticket !== undefined) {
        return;
      }
      const { keyAgeMs: _, ...move } = asked;
      keys.add(key);
      ticket = ledger.begin(asker, { ...move, key });
    });
    if (ticket !== undefined) {
      ledger.end(ticket, reply);
    }
    // A client that was killed before it reported a key has sent nothing.
    else if (reply !== LOST) {
      throw new ChaosError('client_broken', `${asker.process} did not report its key.`);
    }
    const restMs = intervalMs - (performance.now() - startedMs);
    if (restMs > 0) {
      await sleep(restMs);
    }
  }
}
