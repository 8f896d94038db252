import { describe, expect, test } from 'vitest';
import type { CallOutcome } from '../../../client/load/call.ts';
import { resolutionOf } from '../../../client/load/report.ts';
import { keyAt } from '../../support/keys.ts';
import { ChaosLedger, THE_RUN } from './ledger.ts';
import { type CallerRequest, LOST, type Reply } from './messages.ts';

const ONE = { process: 'client-1.1', client: 0 };
const OTHER = { process: 'client-2.1', client: 1 };
const RUN = { process: 'resolver-1', client: THE_RUN };

const deposit = (account = 'joe') =>
  ({ kind: 'deposit', account, amountMinor: 10n, key: keyAt(Date.now()) }) as const;

function reply(outcome: CallOutcome, region = 'us-east-1'): Reply {
  const answered = outcome.kind === 'unknown' || outcome.kind === 'not_executed' ? undefined : region;
  return {
    answer: { outcome, region: answered, key: undefined, replayed: false },
    durationMs: 5,
    failoverMs: undefined,
  };
}

function openLedger(): ChaosLedger {
  let nowMs = 0;
  return new ChaosLedger(() => {
    nowMs += 1;
    return nowMs;
  });
}

/** All records of the ledger with a key that was lost with its process, and that another caller then asked about. */
function resolvedBy(
  asker: typeof ONE,
  asked: (move: ReturnType<typeof deposit>) => CallerRequest,
  outcome: CallOutcome,
) {
  const ledger = openLedger();
  const move = deposit();
  ledger.end(ledger.begin(ONE, move), LOST);
  const [known] = ledger.unknown;
  ledger.end(ledger.begin(asker, asked(move), known), reply(outcome));
  return ledger;
}

describe('the ledger', () => {
  test('remembers a call that was lost with its process, until it is resolved', () => {
    const executed = { kind: 'executed', balanceMinor: 10n } as const;
    const cancelled = { kind: 'refused', code: 'cancelled', detail: '' } as const;
    const own = resolvedBy(ONE, (move) => move, executed);
    expect(own.unknown).toEqual([]);
    expect(own.resolved).toEqual([{ with: 'retry', by: 'own' }]);
    expect(resolutionOf(own.calls.records)).toMatchObject({ unknown: 1, executed: 1, unresolved: 0 });
    const other = resolvedBy(OTHER, (move) => ({ kind: 'cancel', move }), cancelled);
    expect(other.resolved).toEqual([{ with: 'cancel', by: 'other' }]);
    expect(resolutionOf(other.calls.records)).toMatchObject({ unknown: 1, cancelled: 1, unresolved: 0 });
    const end = resolvedBy(RUN, (move) => move, { kind: 'refused', code: 'key_expired', detail: '' });
    expect(end.resolved).toEqual([{ with: 'retry', by: 'end' }]);
    expect(end.ended).toHaveLength(1);
  });

  test.each([
    { kind: 'unknown' },
    { kind: 'not_executed' },
    { kind: 'refused', code: 'key_in_future', detail: '' },
  ] as const)('does not take $kind $code for the end of the matter', (outcome) => {
    const ledger = resolvedBy(OTHER, (move) => move, outcome);
    expect(ledger.unknown).toHaveLength(1);
    expect(resolutionOf(ledger.calls.records)).toMatchObject({ unknown: 1, unresolved: 1 });
  });

  test('remembers what was answered, to retry it', () => {
    const ledger = openLedger();
    ledger.end(ledger.begin(ONE, deposit()), reply({ kind: 'executed', balanceMinor: 10n }));
    expect(ledger.answered.map(({ move }) => move.account)).toEqual(['joe']);
  });
});
