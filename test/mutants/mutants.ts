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

const DECIDE = 'functions/bank/decide.ts';
const EXECUTE = 'functions/bank/execute.ts';
const SEARCH = 'functions/bank/search.ts';
const TURN = 'functions/bank/turn.ts';
const EXPRESSIONS = 'functions/dynamodb/expressions.ts';
const STORE = 'functions/dynamodb/store.ts';

/**
 * One line each. A line that keeps a promise has its mutant here. The guards are there twice, in DynamoDB's words and in the
 * model's, which the simulation plays on; so are some mutants.
 */
export const MUTANTS: readonly Mutant[] = [
  {
    removes: 'the condition that the key is not in the head',
    keeps: 'I3',
    file: EXPRESSIONS,
    find: "      'NOT contains(#keys, :key)',\n",
    replace: "      '(NOT contains(#keys, :key) OR contains(#keys, :key))',\n",
    caughtBy: 'test/functions/store.test.ts',
  },
  {
    removes: 'that a key in the head is guarded, in the model',
    keeps: 'I3',
    file: DECIDE,
    find: '  if (head.entries.some((entry) => entry.key === key)) return false;\n',
    replace: '',
    caughtBy: 'simulation',
  },
  {
    removes: 'the condition that the key is above the watermark',
    keeps: 'I3',
    file: EXPRESSIONS,
    find: "'NOT #watermark >= :key'",
    replace: "'(NOT #watermark >= :key OR #watermark >= :key)'",
    caughtBy: 'test/functions/exactly-once.test.ts',
  },
  {
    removes: 'that a key at or below the watermark is guarded, in the model',
    keeps: 'I3',
    file: DECIDE,
    find: ': !isAtOrBelow(key, head.watermark);',
    replace: ': true;',
    caughtBy: 'simulation',
  },
  {
    removes: 'the condition that no page was turned since the search',
    keeps: 'I3',
    file: EXPRESSIONS,
    find: "guard.kind === 'above_watermark' ? 'NOT #watermark >= :key' : turnedIs(guard.turned),",
    replace:
      "guard.kind === 'above_watermark' ? 'NOT #watermark >= :key' : `(${turnedIs(guard.turned)} OR attribute_exists(#turned))`,",
    caughtBy: 'test/functions/stale-keys.test.ts',
  },
  {
    removes: 'that a search holds only while no page is turned, in the model',
    keeps: 'I3',
    file: DECIDE,
    find: 'head.turned === guard.turned',
    replace: 'head.turned >= guard.turned',
    caughtBy: 'simulation',
  },
  {
    removes: 'searching the pages for a key at or below the watermark',
    keeps: 'I3',
    file: SEARCH,
    find: '{ start: floor, end: turned }, cached',
    replace: '{ start: floor, end: floor }, cached',
    caughtBy: 'simulation',
  },
  {
    removes:
      'searching until a page whose watermark is below the key, and not until one that looks old enough',
    keeps: 'I3',
    file: SEARCH,
    find: 'page.watermark < key',
    replace: 'page.entries.every((entry) => entry.key < key)',
    caughtBy: 'test/functions/stale-keys.test.ts',
  },
  {
    removes: 'taking a page that is missing for a fault',
    keeps: 'I3',
    file: 'functions/bank/pages.ts',
    find: '      if (left === end ? pageEnd < left : pageEnd !== left) break;\n',
    replace: '',
    caughtBy: 'test/functions/head.test.ts',
  },
  {
    removes: 'leaving out only pages that were searched before',
    keeps: 'I3',
    file: SEARCH,
    find: '{ start: Math.max(start, noted.end), end }',
    replace: '{ start: end, end }',
    caughtBy: 'test/functions/stale-keys.test.ts',
  },
  {
    removes: 'putting a page before its entries leave the head',
    keeps: 'I6',
    file: TURN,
    find: '  const page = await store.putPage(account, pageOf(head), signal);\n',
    replace:
      '  await store.dropPage(account, pageOf(head), signal);\n  const page = await store.putPage(account, pageOf(head), signal);\n',
    caughtBy: 'simulation',
  },
  {
    removes: 'taking off exactly what the page holds that is there',
    keeps: 'I6',
    file: TURN,
    find: 'await store.dropPage(account, page, signal);',
    replace: 'await store.dropPage(account, pageOf(head), signal);',
    caughtBy: 'test/functions/head.test.ts',
  },
  {
    removes: "that a page which is not the head's is never followed",
    keeps: 'I6',
    file: TURN,
    find: 'if (!isPageOf(page, head)) {',
    replace: 'if (!isPageOf(page, head) && account === "") {',
    caughtBy: 'test/functions/head.test.ts',
  },
  {
    removes: 'the condition that a page is not there yet',
    keeps: 'I6',
    file: STORE,
    find: "ConditionExpression: 'attribute_not_exists(#account)',",
    replace: "ConditionExpression: 'attribute_not_exists(#account) OR attribute_exists(#account)',",
    caughtBy: 'test/functions/head.test.ts',
  },
  {
    removes: 'the condition that no page was turned since this one was due',
    keeps: 'I6',
    file: EXPRESSIONS,
    find: '`${turnedIs(start)} AND size(#keys) >= :count',
    replace: '`(${turnedIs(start)} OR attribute_exists(#turned)) AND size(#keys) >= :count',
    caughtBy: 'test/functions/head.test.ts',
  },
  {
    removes: 'the condition that a head has fewer than 500 entries',
    keeps: 'I7',
    file: EXPRESSIONS,
    find: "'(attribute_not_exists(#keys) OR size(#keys) < :full)',",
    replace: "'(attribute_not_exists(#keys) OR size(#keys) < :full OR size(#keys) >= :full)',",
    caughtBy: 'test/functions/head.test.ts',
  },
  {
    removes: 'the condition that no later version is needed',
    keeps: 'I6',
    file: EXPRESSIONS,
    find: "      'NOT #needs > :version',\n      ...required",
    replace: "      '(NOT #needs > :version OR #needs > :version)',\n      ...required",
    caughtBy: 'test/functions/versions.test.ts',
  },
  {
    removes: 'that an entry which cannot be read is answered by nobody',
    keeps: 'I4',
    file: DECIDE,
    find: "  if (body.kind === 'unread') return { kind: 'unreadable' };\n",
    replace: "  if (body.kind === 'unread') return { kind: 'turned_away', code: 'key_reused' };\n",
    caughtBy: 'test/functions/versions.test.ts',
  },
  {
    removes: 'asking DynamoDB for the item when a condition fails',
    keeps: 'I4',
    file: STORE,
    find: "      ReturnValues: 'ALL_NEW',\n      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',",
    replace: "      ReturnValues: 'ALL_NEW',",
    caughtBy: 'test/functions/store.test.ts',
  },
  {
    removes: 'recording refusals before they are answered',
    keeps: 'I3, I5',
    file: EXECUTE,
    find: '    append = appendFor(intent, head, guard, time);\n',
    replace:
      "    append = appendFor(intent, head, guard, time);\n    if (append.entry.body.kind === 'refused') return { answer: { kind: 'recorded', line: { entry: append.entry, sequence: 1, balanceMinor: 0n }, replayed: false }, turning: undefined };\n",
    caughtBy: 'simulation',
  },
  {
    removes: 'the condition that there is enough money',
    keeps: 'I1',
    file: EXPRESSIONS,
    find: "says: `#balance ${holds ? '>=' : '<'} ${name}`,",
    replace: 'says: holds ? `(#balance >= ${name} OR #balance < ${name})` : `#balance < ${name}`,',
    caughtBy: 'test/functions/store.test.ts',
  },
  {
    removes: 'that a withdrawal needs the money, in the model',
    keeps: 'I1',
    file: DECIDE,
    find: 'return balanceMinor !== undefined && balanceMinor >= requirement.amountMinor;',
    replace: 'return balanceMinor !== undefined;',
    caughtBy: 'simulation',
  },
  {
    removes: 'the condition that a refusal is still true when it is recorded',
    keeps: 'I5',
    file: EXPRESSIONS,
    find: "says: `#balance ${holds ? '>=' : '<'} ${name}`,",
    replace: 'says: holds ? `#balance >= ${name}` : `(#balance < ${name} OR #balance >= ${name})`,',
    caughtBy: 'test/functions/store.test.ts',
  },
  {
    removes: 'the condition that the sum stays in bounds',
    keeps: 'I1',
    file: EXPRESSIONS,
    find: 'says: holds ? `NOT #balance > ${name}` : `#balance > ${name}`,',
    replace: 'says: holds ? `(NOT #balance > ${name} OR #balance > ${name})` : `#balance > ${name}`,',
    caughtBy: 'test/functions/store.test.ts',
  },
  {
    removes: 'that a retry must ask for the same reference',
    keeps: 'I4',
    file: 'functions/bank/entry.ts',
    find: '    one.reference === other.reference &&\n',
    replace: '',
    caughtBy: 'test/functions/store.test.ts',
  },
  {
    removes: 'that a cancelled key stays cancelled, whatever is asked with it',
    keeps: 'never stuck',
    file: DECIDE,
    find: "  if (body.kind === 'cancelled') return { kind: 'recorded', line, replayed: false };\n",
    replace: "  if (body.kind === 'cancelled') return { kind: 'turned_away', code: 'key_reused' };\n",
    caughtBy: 'test/functions/cancel.test.ts',
  },
  {
    removes: 'the check for keys from the future',
    keeps: 'never stuck',
    file: DECIDE,
    find: 'if (mintedMs > nowMs + MAX_KEY_AHEAD_MS)',
    replace: 'if (mintedMs > nowMs + 1e15)',
    caughtBy: 'test/functions/keys.test.ts',
  },
  {
    removes: 'the check for keys that are older than 30 days',
    keeps: 'promise 2',
    file: DECIDE,
    find: 'return mintedMs < nowMs - MAX_KEY_AGE_MS ? ',
    replace: 'return mintedMs < nowMs - 1e15 ? ',
    caughtBy: 'test/functions/keys.test.ts',
  },
  {
    removes: 'the check for keys from before a restored bank was opened',
    keeps: 'I3',
    file: DECIDE,
    find: "  if (mintedMs < notBeforeMs) return 'from_a_lost_bank';\n",
    replace: '',
    caughtBy: 'test/functions/restored.test.ts',
  },
  {
    removes: 'that nothing is told as not executed while a write may still arrive',
    keeps: 'I3',
    file: EXECUTE,
    find: '    sent.mayArrive ||= mayArrive || written;\n',
    replace: '',
    caughtBy: 'test/functions/store-faults.test.ts',
  },
  {
    removes: 'telling a write whose answer was lost from one that was turned away',
    keeps: 'I5',
    file: 'functions/dynamodb/fate.ts',
    find: 'if (!certainlyNotExecuted(error)) {',
    replace: 'if (!certainlyNotExecuted(error) && error === undefined) {',
    caughtBy: 'test/functions/store-faults.test.ts',
  },
  {
    removes: 'strong consistency of the read of a head',
    keeps: 'I8',
    file: STORE,
    find: 'get(tables.accounts, { account }, true, signal);\n      return item === undefined ? NO_HEAD',
    replace: 'get(tables.accounts, { account }, false, signal);\n      return item === undefined ? NO_HEAD',
    caughtBy: 'test/functions/strong-reads.test.ts',
  },
  {
    removes: 'strong consistency of the read of pages',
    keeps: 'I8',
    file: STORE,
    find: 'ConsistentRead: true,',
    replace: 'ConsistentRead: false,',
    caughtBy: 'test/functions/strong-reads.test.ts',
  },
  {
    removes: 'believing "not executed" only over a transport that sends once',
    keeps: 'I5',
    file: 'client/attempt.ts',
    find: "environment.sendsOnce ? 'no' : 'unknown'",
    replace: "environment.sendsOnce ? 'no' : 'no'",
    caughtBy: 'test/client/transport.test.ts',
  },
  {
    removes: 'minting a key anew only when no attempt with the old one can have been executed',
    keeps: 'I5',
    file: 'client/conclude.ts',
    find: "    result.executed === 'no' &&\n    result.bankTimeMs !== undefined",
    replace: '    result.bankTimeMs !== undefined',
    caughtBy: 'test/client/keys.test.ts',
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
    file: 'functions/http/routes.ts',
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
