import { expect, test } from 'vitest';
import { mintKey } from '../../client/index.ts';
import {
  type CallRow,
  doubtOf,
  type PanelAnswer,
  type PanelCall,
} from '../../infra/local/screen/page/state.ts';

const key = mintKey();
const DEPOSIT: PanelCall = { what: 'deposit', account: 'joe', amount: 10n, key };
const CANCEL: PanelCall = { what: 'cancel', account: 'joe', key };
const UNKNOWN: PanelAnswer = { kind: 'unanswered', code: 'outcome_unknown', message: '' };
const UNAVAILABLE: PanelAnswer = { kind: 'unanswered', code: 'unavailable', message: '' };
const CANCELLED: PanelAnswer = { kind: 'cancelled', region: 'us-east-1' };
const REFUSED: PanelAnswer = { kind: 'refused', code: 'not_enough_money', message: '', replayed: false };
const MOVED: PanelAnswer = {
  kind: 'balance',
  balance: 10n,
  at: new Date(0),
  region: 'us-east-1',
  replayed: true,
};

/** The doubt after calls with the key, the oldest first. A call without an answer is under way. */
function after(...calls: readonly (readonly [PanelCall, (PanelAnswer | undefined)?])[]) {
  const rows = calls.map(
    ([call, answer], index): CallRow => ({
      number: index + 1,
      call,
      isRetry: false,
      startedMs: 0,
      attempts: [],
      lines: [],
      ended: answer && { answer, atMs: 1 },
    }),
  );
  return doubtOf(rows.toReversed(), key);
}

test('the outcome of a key was never unknown where its first call was answered, or certainly not executed', () => {
  for (const answer of [undefined, MOVED, REFUSED, UNAVAILABLE]) {
    expect(after([DEPOSIT, answer])).toBe('none');
  }
});

test('the outcome of a key stays unknown while no call with it is answered', () => {
  expect(after([DEPOSIT, UNKNOWN])).toBe('open');
  expect(after([DEPOSIT, UNKNOWN], [CANCEL])).toBe('open');
  for (const answer of [UNKNOWN, UNAVAILABLE]) {
    expect(after([DEPOSIT, UNKNOWN], [CANCEL, answer])).toBe('open');
    expect(after([DEPOSIT, UNKNOWN], [DEPOSIT, answer])).toBe('open');
  }
});

test('the doubt is over once the call was cancelled, refused or found executed', () => {
  for (const answer of [CANCELLED, REFUSED, MOVED]) {
    expect(after([DEPOSIT, UNKNOWN], [CANCEL, answer])).toBe('over');
  }
  expect(after([DEPOSIT, UNKNOWN], [{ ...DEPOSIT, key: mintKey() }, MOVED])).toBe('open');
});
