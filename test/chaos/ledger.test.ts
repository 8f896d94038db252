import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../infra/drill/books.ts';
import { settlementOf } from '../../infra/drill/settle.ts';
import { checkHistory } from '../history/check.ts';
import { formatEvent, parseHistory } from '../history/event.ts';
import { keyAt } from '../support/keys.ts';
import { LOST } from './client-host.ts';
import { Ledger, THE_RUN } from './ledger.ts';
import type { Asked, Told } from './messages.ts';

const ONE = { process: 'client-1.1', client: 0 };
const OTHER = { process: 'client-2.1', client: 1 };
const RUN = { process: 'settler-1', client: THE_RUN };

const deposit = (account = 'joe') =>
  ({ kind: 'deposit', account, amountMinor: 10n, key: keyAt(Date.now()) }) as const;

function told(outcome: Outcome, region = 'us-east-1'): Told {
  const answered = outcome.kind === 'unknown' || outcome.kind === 'not_executed' ? undefined : region;
  return { answer: { outcome, region: answered }, durationMs: 5, failures: [], failoverMs: undefined };
}

function openLedger(): Ledger {
  let nowMs = 0;
  return new Ledger(() => {
    nowMs += 1;
    return nowMs;
  });
}

/** Everything that the ledger has of a key that was lost with its process and then asked about by somebody. */
function settledBy(asker: typeof ONE, asked: (move: ReturnType<typeof deposit>) => Asked, outcome: Outcome) {
  const ledger = openLedger();
  const move = deposit();
  ledger.end(ledger.begin(ONE, move), LOST);
  const [known] = ledger.unknown;
  ledger.end(ledger.begin(asker, asked(move), known), told(outcome));
  return ledger;
}

describe('the ledger', () => {
  it('writes a history that the checker can read and finds sound', () => {
    const ledger = openLedger();
    const move = deposit();
    const ticket = ledger.begin(ONE, move);
    const read = ledger.begin(OTHER, { kind: 'balance', account: 'joe' });
    ledger.end(ticket, told({ kind: 'executed', balanceMinor: 10n }));
    ledger.end(read, told({ kind: 'refused', code: 'no_such_account', detail: '' }));
    const lost = ledger.begin(OTHER, { kind: 'withdraw', account: 'joe', amountMinor: 3n, key: keyAt(0) });
    ledger.end(lost, LOST);
    const [known] = ledger.unknown;
    if (known === undefined) throw new Error('it is not known as unknown');
    ledger.end(
      ledger.begin(ONE, { kind: 'cancel', move: known.move }, known),
      told({ kind: 'executed', balanceMinor: 7n }),
    );
    const events = parseHistory(ledger.history.map(formatEvent).join(''));
    expect(events).toEqual(ledger.history);
    expect(events.map(({ type, operation }) => `${type} ${operation}`)).toEqual([
      ...['invoke deposit', 'invoke balance', 'ok deposit', 'refused balance'],
      ...['invoke withdraw', 'unknown withdraw', 'invoke cancel', 'ok cancel'],
    ]);
    expect(checkHistory(events)).toMatchObject({ ok: true });
  });

  it('keeps a call in mind that was lost with its process, until somebody settles it', () => {
    const executed = { kind: 'executed', balanceMinor: 10n } as const;
    const cancelled = { kind: 'refused', code: 'cancelled', detail: '' } as const;
    const own = settledBy(ONE, (move) => move, executed);
    expect(own.unknown).toEqual([]);
    expect(own.tallies.settledBy).toEqual({ own: 1, other: 0, end: 0 });
    expect(settlementOf(own.books)).toMatchObject({ unknown: 1, executed: 1, unsettled: 0 });
    const other = settledBy(OTHER, (move) => ({ kind: 'cancel', move }), cancelled);
    expect(other.tallies.settledBy).toEqual({ own: 0, other: 1, end: 0 });
    expect(other.tallies.settledWith).toEqual({ retry: 0, cancel: 1 });
    expect(settlementOf(other.books)).toMatchObject({ unknown: 1, cancelled: 1, unsettled: 0 });
    const end = settledBy(RUN, (move) => move, { kind: 'refused', code: 'key_expired', detail: '' });
    expect(end.tallies.settledBy).toEqual({ own: 0, other: 0, end: 1 });
    expect(end.tallies.calls).toBe(1);
  });

  it.each([
    { kind: 'unknown' },
    { kind: 'not_executed' },
    { kind: 'refused', code: 'key_in_future', detail: '' },
  ] as const)('does not take $kind $code for the end of the matter', (outcome) => {
    const ledger = settledBy(OTHER, (move) => move, outcome);
    expect(ledger.unknown).toHaveLength(1);
    expect(settlementOf(ledger.books)).toMatchObject({ unknown: 1, unsettled: 1 });
  });

  it('remembers what was answered, to retry it', () => {
    const ledger = openLedger();
    ledger.end(ledger.begin(ONE, deposit()), told({ kind: 'executed', balanceMinor: 10n }));
    expect(ledger.answered.map(({ move }) => move.account)).toEqual(['joe']);
  });
});
