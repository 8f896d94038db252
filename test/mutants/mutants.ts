/** A line that keeps a promise, taken away. */
export interface Mutant {
  /** What is taken away, in words. */
  readonly removes: string;
  /** The promise that it keeps, as the design numbers them, or `never stuck`; `the proof` where it makes others be noticed. */
  readonly keeps: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** What must go red: the simulation, or a file of tests. */
  readonly caughtBy: 'simulation' | `test/${string}`;
}

const DECIDE = 'functions/core/decide.ts';
const BANK = 'functions/core/bank.ts';
const SETTLE = 'functions/core/settle.ts';
const EXPRESSIONS = 'functions/store/expressions.ts';
const ACCOUNTS = 'functions/store/accounts.ts';

/** One line each. Whoever adds a line that keeps a promise adds its mutant here. */
export const MUTANTS: readonly Mutant[] = [
  {
    removes: 'the lookup of the reply in the item that a failed condition carries',
    keeps: 'I4',
    file: DECIDE,
    find: 'if (recorded !== undefined) {',
    replace: 'if (recorded !== undefined && key === "") {',
    caughtBy: 'test/functions/store.test.ts',
  },
  {
    removes: 'asking DynamoDB for the item when a condition fails',
    keeps: 'I4',
    file: ACCOUNTS,
    find: "ReturnValuesOnConditionCheckFailure: 'ALL_OLD',",
    replace: '',
    caughtBy: 'test/functions/store.test.ts',
  },
  {
    removes: 'looking in the archive for keys at or below the watermark',
    keeps: 'I4',
    file: DECIDE,
    find: 'if (isBelowWatermark(key, account)) {',
    replace: 'if (isBelowWatermark(key, account) && key === "") {',
    caughtBy: 'test/functions/archive.test.ts',
  },
  {
    removes: 'recording refusals before they are answered',
    keeps: 'I3, I5',
    file: DECIDE,
    find: "  return { kind: 'write', change: changeOf(intent, refusal, full) };",
    replace:
      "  if (refusal !== undefined && intent.kind === 'move') return { kind: 'answer', answer: { kind: 'replied', replayed: false, recorded: { kind: 'call', move: intent.call.move, amountMinor: intent.call.amountMinor, reply: { kind: 'refused', code: refusal } } } };\n  return { kind: 'write', change: changeOf(intent, refusal, full) };",
    caughtBy: 'simulation',
  },
  {
    removes: 'the check for keys from the future',
    keeps: 'never stuck',
    file: BANK,
    find: 'if (keyTimeMs(key) > clock.nowMs + MAX_KEY_AHEAD_MS) {',
    replace: 'if (keyTimeMs(key) > clock.nowMs + 1e15) {',
    caughtBy: 'test/functions/handler.test.ts',
  },
  {
    removes: 'the check for keys older than the retention',
    keeps: 'I3',
    file: BANK,
    find: 'return keyTimeMs(key) < Math.max(nowMs - RETENTION_MS, keysNotBeforeMs);',
    replace: 'return keyTimeMs(key) < keysNotBeforeMs;',
    caughtBy: 'test/functions/sweep.test.ts',
  },
  {
    removes: 'the check for keys from before a restored bank was opened',
    keeps: 'I3',
    file: BANK,
    find: 'Math.max(nowMs - RETENTION_MS, keysNotBeforeMs)',
    replace: '(nowMs - RETENTION_MS)',
    caughtBy: 'test/functions/restored.test.ts',
  },
  {
    removes: 'that a write which may still arrive is told to the caller',
    keeps: 'I3',
    file: SETTLE,
    find: '    sent.mayStillBeWritten ||= result.mayStillBeWritten;\n',
    replace: '',
    caughtBy: 'simulation',
  },
  {
    removes: 'that a write which may still arrive is heeded by the client',
    keeps: 'I3',
    file: 'client/call.ts',
    find: ' && !conclusion.unsettled',
    replace: '',
    caughtBy: 'simulation',
  },
  {
    removes: 'giving a reply back only when every attempt was answered',
    keeps: 'I3',
    file: 'client/call.ts',
    find: "const settled = executed === 'no' && ",
    replace: 'const settled = ',
    caughtBy: 'simulation',
  },
  {
    removes: 'giving a reply back only when no attempt was abandoned',
    keeps: 'I3',
    file: 'client/call.ts',
    find: '!result.abandoned && ',
    replace: '',
    caughtBy: 'test/replies/acknowledging.long.test.ts',
  },
  {
    removes: 'minting a key anew only when no attempt with the old one can have been executed',
    keeps: 'I5',
    file: 'client/conclude.ts',
    find: "    result.executed === 'no' &&\n    (result.refusal.code === 'key_in_future'",
    replace: "    (result.refusal.code === 'key_in_future'",
    caughtBy: 'test/client/keys.test.ts',
  },
  {
    removes: 'writing the archive before replies leave the account',
    keeps: 'I4',
    file: 'functions/core/archive.ts',
    find: '  await store.archive(account, replies, signal);\n  await store.dropArchived(account, [...replies.keys()], signal);',
    replace:
      '  await store.dropArchived(account, [...replies.keys()], signal);\n  await store.archive(account, replies, signal);',
    caughtBy: 'test/functions/archive.test.ts',
  },
  {
    removes: 'the condition that the key has no reply',
    keeps: 'I3',
    file: EXPRESSIONS,
    find: "      'attribute_not_exists(#reply)',\n",
    replace: '',
    caughtBy: 'test/functions/store.test.ts',
  },
  {
    removes: 'the condition that the key is above the watermark',
    keeps: 'I3',
    file: EXPRESSIONS,
    find: "      '(attribute_not_exists(#watermark) OR #watermark < :key)',\n",
    replace: "      '(attribute_not_exists(#watermark) OR #watermark < :key OR #watermark >= :key)',\n",
    caughtBy: 'test/functions/archive.test.ts',
  },
  {
    removes: 'the condition that there is enough money',
    keeps: 'I1',
    file: EXPRESSIONS,
    find: "conditions: ['#balance >= :amount'],",
    replace: "conditions: ['attribute_exists(#balance)'],",
    caughtBy: 'test/functions/store.test.ts',
  },
  {
    removes: 'the condition that the sum stays in bounds',
    keeps: 'I1',
    file: EXPRESSIONS,
    find: "conditions: ['(attribute_not_exists(#balance) OR #balance <= :room)'],",
    replace: "conditions: ['(attribute_not_exists(#balance) OR #balance <= :room OR #balance > :room)'],",
    caughtBy: 'test/functions/store.test.ts',
  },
  {
    removes: 'the condition that a refusal is still true when it is recorded',
    keeps: 'I5',
    file: EXPRESSIONS,
    find: "        conditions: ['#balance < :amount'],",
    replace: "        conditions: ['(#balance < :amount OR #balance >= :amount)'],",
    caughtBy: 'test/functions/store.test.ts',
  },
  {
    removes: 'the condition that an account is not full',
    keeps: 'I7',
    file: EXPRESSIONS,
    find: "      ...(change.liftFullMark ? [] : ['attribute_not_exists(#full)']),\n",
    replace: '',
    caughtBy: 'test/functions/cap.test.ts',
  },
  {
    removes: 'the condition that the watermark never falls',
    keeps: 'I6',
    file: ACCOUNTS,
    find: "'attribute_exists(#account) AND (attribute_not_exists(#watermark) OR #watermark < :highest)'",
    replace:
      "'attribute_exists(#account) AND (attribute_not_exists(#watermark) OR #watermark < :highest OR #watermark >= :highest)'",
    caughtBy: 'test/functions/archive.test.ts',
  },
  {
    removes: 'the condition that only accounts without a balance are removed',
    keeps: 'I2',
    file: ACCOUNTS,
    find: "        'attribute_not_exists(#balance)',\n",
    replace: "        '(attribute_not_exists(#balance) OR attribute_exists(#balance))',\n",
    caughtBy: 'test/functions/sweep.test.ts',
  },
  {
    removes: 'the condition that nothing was recorded since an item was found empty',
    keeps: 'I3',
    file: ACCOUNTS,
    find: "'#revision = :revision'",
    replace: "'#revision >= :revision'",
    caughtBy: 'test/functions/acknowledge.test.ts',
  },
  {
    removes: 'that the count of each item begins elsewhere',
    keeps: 'I3',
    file: EXPRESSIONS,
    find: 'key.slice(-12)',
    replace: 'key.slice(0, 1)',
    caughtBy: 'test/functions/late-writes.test.ts',
  },
  {
    removes: 'strong consistency of the read of an account',
    keeps: 'I8',
    file: ACCOUNTS,
    find: 'ConsistentRead: true,',
    replace: 'ConsistentRead: false,',
    caughtBy: 'test/functions/strong-reads.test.ts',
  },
  {
    removes: 'telling a write whose answer was lost from one that was turned away',
    keeps: 'I5',
    file: 'functions/store/fate.ts',
    find: 'if (!certainlyNotExecuted(error)) {',
    replace: 'if (!certainlyNotExecuted(error) && error === undefined) {',
    caughtBy: 'test/functions/store-faults.test.ts',
  },
  {
    removes: 'that a cancelled key stays cancelled, whatever is asked with it',
    keeps: 'never stuck',
    file: DECIDE,
    find: "intent.kind === 'cancel' || recorded.kind === 'cancelled' || isRetryOf",
    replace: "intent.kind === 'cancel' || isRetryOf",
    caughtBy: 'test/functions/cancel.test.ts',
  },
  {
    removes: "telling a key that may be in the other Region's archive from one that has no reply",
    keeps: 'I4',
    file: 'functions/core/bank.ts',
    find: "isOld ? 'forgotten' : 'none'",
    replace: "isOld ? 'none' : 'none'",
    caughtBy: 'test/functions/store.test.ts',
  },
  {
    removes: 'asking the other Region before a key is believed to have expired',
    keeps: 'I4',
    file: 'client/round.ts',
    find: "  'key_expired',\n  'not_authorized',",
    replace: "  'not_authorized',",
    caughtBy: 'test/client/other-region.test.ts',
  },
  {
    removes: 'that a refusal says nothing of an attempt whose answer was lost before it',
    keeps: 'I5',
    file: 'client/call.ts',
    find: "executed: isFinal(refusal.code) ? 'no' : executed,",
    replace: "executed: 'no',",
    caughtBy: 'test/client/keys.test.ts',
  },
  {
    removes: 'taking a 4xx for "not executed" only from API Gateway itself',
    keeps: 'I5',
    file: 'client/attempt.ts',
    find: 'response.headers.get(HEADERS.gatewayRequest) !== null && ',
    replace: '',
    caughtBy: 'test/client/outcomes.test.ts',
  },
  {
    removes: 'serving only the route that the gateway had matched',
    keeps: 'who may call',
    file: 'functions/edge/routes.ts',
    find: ' && routeKeyOf(method, path) === routeKey;',
    replace: ';',
    caughtBy: 'test/functions/handler.test.ts',
  },
  {
    removes: 'believing only the key that a client told',
    keeps: 'the proof',
    file: 'test/chaos/load.ts',
    find: '{ kind, account, amountMinor, key })',
    replace: "{ kind, account, amountMinor, key: key.replace(/.{12}$/, '0'.repeat(12)) })",
    caughtBy: 'test/chaos/client-process.test.ts',
  },
  {
    removes: 'sending nothing before the run has heard the key',
    keeps: 'the proof',
    file: 'test/chaos/client-process.ts',
    find: 'await heard;',
    replace: 'void heard;',
    caughtBy: 'test/chaos/client-process.test.ts',
  },
  {
    removes: 'comparing what the Regions say with the books',
    keeps: 'the proof',
    file: 'infra/drill/judge.ts',
    find: "else if (there !== (balanceMinor ?? 'no account')) {",
    replace: "else if (there !== (balanceMinor ?? 'no account') && region === '') {",
    caughtBy: 'test/drill/statement.test.ts',
  },
];
