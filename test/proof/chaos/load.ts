import { setTimeout as sleep } from 'node:timers/promises';
import { type ClientHost, LOST } from './client-host.ts';
import { ChaosError } from './errors.ts';
import type { KeyWatch } from './keys.ts';
import type { ChaosLedger, Known, Ticket } from './ledger.ts';
import { type CallerRequest, isNew, type NewCall } from './messages.ts';
import type { EndingLine, Line, RefundLine } from './script.ts';

interface CallersOptions {
  readonly clients: readonly ClientHost[];
  readonly callersPerClient: number;
  readonly callsPerSecond: number;
  readonly ledger: ChaosLedger;
  readonly keys: KeyWatch;
  /** Gives the script of a caller. */
  readonly openScript: (caller: number) => () => Line;
  /** Called when a client could not connect to a Region. */
  readonly onRefused: (region: string) => void;
  /** Ends the load. Calls that are under way by then are waited for. */
  readonly signal: AbortSignal;
}

/** Between two looks at whether a client process is back. */
const LOOK_EVERY_MS = 20;

/** Has all callers ask until the signal is aborted, each one thing at a time. */
export async function runLoad(parts: CallersOptions): Promise<void> {
  const callers = parts.clients.flatMap((client) =>
    Array.from({ length: parts.callersPerClient }, (_, index) => runCaller(client, index, parts)),
  );
  await Promise.all(callers);
}

async function runCaller(client: ClientHost, index: number, parts: CallersOptions): Promise<void> {
  const { ledger, keys, signal, callersPerClient, callsPerSecond } = parts;
  const next = parts.openScript(client.number * callersPerClient + index);
  const asker = { process: `client-${client.number + 1}.${index + 1}`, client: client.number };
  const intervalMs = 1000 / callsPerSecond;
  while (!signal.aborted) {
    if (!client.isReady) {
      await sleep(LOOK_EVERY_MS);
      continue;
    }
    const startedMs = performance.now();
    const { asked, known } = choose(next(), client.number, ledger);
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
    // Without a key, a client that was killed has sent nothing.
    else if (reply !== LOST) {
      throw new ChaosError('client_broken', `${asker.process} did not report its key.`);
    }
    if (reply !== LOST) {
      for (const { region, reason } of reply.failures) {
        if (reason === 'cannot_connect') {
          parts.onRefused(region);
        }
      }
    }
    const restMs = intervalMs - (performance.now() - startedMs);
    if (restMs > 0) {
      await sleep(restMs);
    }
  }
}

/** Makes of a line what is asked: about a key that is open by now, or a new call. */
function choose(
  line: Line,
  client: number,
  ledger: ChaosLedger,
): { readonly asked: CallerRequest | NewCall; readonly known?: Known } {
  switch (line.kind) {
    case 'end':
      return { asked: endingOf(line, ledger) };
    case 'refund_one':
      return { asked: refundOf(line, ledger) };
    case 'again':
    case 'retry':
    case 'cancel': {
      const candidates = line.kind === 'again' ? ledger.answered : ledger.unknown;
      const preferred = candidates.filter(({ owner }) => (owner === client) === (line.whose === 'own'));
      const some = preferred.length > 0 ? preferred : candidates;
      const known = some[Math.floor(line.pick * some.length)];
      if (known === undefined) {
        return { asked: { kind: 'balance', account: line.account } };
      }
      const { move } = known;
      return { asked: line.kind === 'cancel' ? { kind: 'cancel', move } : move, known };
    }
    default:
      return { asked: line };
  }
}

function refundOf({ amountMinor, pick, otherwise }: RefundLine, { refundable }: ChaosLedger): NewCall {
  const made = refundable[Math.floor(pick * refundable.length)];
  return made === undefined
    ? otherwise
    : { kind: 'refund', ...made, amountMinor: amountMinor ?? made.amountMinor, keyAgeMs: 0 };
}

function endingOf(
  { ending, amountMinor, isFinal, to, pick, otherwise }: EndingLine,
  { holds }: ChaosLedger,
): NewCall {
  const hold = holds[Math.floor(pick * holds.length)];
  if (hold === undefined) {
    return otherwise;
  }
  if (ending === 'void') {
    return { kind: 'void', ...hold, keyAgeMs: 0 };
  }
  return {
    kind: 'capture',
    ...hold,
    keyAgeMs: 0,
    ...(amountMinor === undefined ? {} : { amountMinor }),
    ...(isFinal ? {} : { final: false }),
    ...(to === undefined ? {} : { to }),
  };
}
