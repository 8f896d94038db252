import type { Room } from './workshop.ts';

const FROZEN = 'test/functions/frozen.test.ts';

/** The book: which keys execute, how pages are turned and searched, and what is certain of an attempt. */
export const BOOK: Room = {
  'functions/bank/append.ts': [
    {
      removes: 'that a key in the head is guarded, in the model',
      keeps: 'I3',
      find: '  if (head.entries.some((entry) => entry.key === key)) {\n    return false;\n  }\n',
    },
    {
      removes: 'that a key at or below the watermark is guarded, in the model',
      keeps: 'I3',
      find: 'return !isAtOrBelow(key, head.watermark);',
      replace: 'return true;',
    },
    {
      removes: 'that a search holds only while no page is turned, in the model',
      keeps: 'I3',
      find: 'head.turned === guard.turned',
      replace: 'head.turned >= guard.turned',
    },
  ],
  'functions/bank/batch.ts': [
    {
      removes: 'counting what the calls of a batch before this one take',
      keeps: 'I1',
      find: 'amountMinor: predicate.amountMinor - changeMinor',
      replace: 'amountMinor: predicate.amountMinor',
    },
    {
      removes: 'taking the strictest condition of a batch',
      keeps: 'I1',
      find: 'return predicate.amountMinor > other.amountMinor;',
      replace: 'return predicate.amountMinor < other.amountMinor;',
    },
    {
      removes: 'that a call of a batch may have been executed while a write of the batch may still arrive',
      keeps: 'I5',
      find: 'mayArrive ? withExecuted(error, true) : error',
      replace: 'error',
      caughtBy: 'test/functions/batch.test.ts',
    },
    {
      removes: 'turning a page after a batch',
      keeps: 'I7',
      find: 'const appended = await attempt.append(append, true);',
      replace: 'const appended = await attempt.store.append(append, attempt.signal);',
      caughtBy: 'test/functions/batch.test.ts',
    },
  ],
  'functions/bank/decide.ts': [
    {
      removes: 'releasing an expired hold when its money is needed',
      keeps: 'never stuck',
      find: "refused.kind === 'balance_at_least' || refused.refusal",
      replace: 'refused.refusal',
      caughtBy: 'test/functions/holds.test.ts',
    },
    {
      removes: 'releasing an expired hold when its place is needed',
      keeps: 'never stuck',
      find: "refused.kind === 'balance_at_least' || refused.refusal === 'too_many_holds'",
      replace: "refused.kind === 'balance_at_least'",
      caughtBy: 'test/bank/left-undone.test.ts',
    },
  ],
  'functions/bank/key.ts': [
    {
      removes: 'the check for keys from the future',
      keeps: 'never stuck',
      find: 'if (mintedMs > nowMs + MAX_KEY_AHEAD_MS)',
      replace: 'if (mintedMs > nowMs + 1e15)',
      caughtBy: 'test/functions/keys.test.ts',
    },
    {
      removes: 'the check for keys that are older than 30 days',
      keeps: 'promise 2',
      find: 'return mintedMs < nowMs - MAX_KEY_AGE_MS ? ',
      replace: 'return mintedMs < nowMs - 1e15 ? ',
      caughtBy: 'test/functions/keys.test.ts',
    },
    {
      removes: 'the check for keys from before a recovered bank was opened',
      keeps: 'I3',
      find: 'mintedMs < notBeforeMs',
      replace: 'false',
      caughtBy: 'test/functions/restored.test.ts',
    },
  ],
  'functions/bank/search.ts': [
    {
      removes: 'searching the pages for a key at or below the watermark',
      keeps: 'I3',
      find: 'const range = { start: floor, end: turned };',
      replace: 'const range = { start: floor, end: floor };',
    },
    {
      removes:
        'searching until a page whose watermark is below the key, and not until one that looks old enough',
      keeps: 'I3',
      find: 'page.watermark < key',
      replace: 'page.entries.every((entry) => entry.key < key)',
      caughtBy: 'test/functions/stale-keys.test.ts',
    },
    {
      removes: 'leaving out only pages that were searched before',
      keeps: 'I3',
      find: '{ start: Math.max(start, noted.end), end }',
      replace: '{ start: end, end }',
      caughtBy: 'test/functions/stale-keys.test.ts',
    },
    {
      removes: 'leaving a longer note of a search in place',
      keeps: 'never stuck',
      find: 'turned - from > pagesIn(noted)',
      replace: 'turned - from > 0',
      caughtBy: 'test/functions/stale-keys.test.ts',
    },
  ],
  'functions/bank/pages.ts': [
    {
      removes: 'taking a page that is missing for a fault',
      keeps: 'I3',
      find: 'left === end ? pageEnd < left : pageEnd !== left',
      replace: 'false',
      caughtBy: 'test/functions/head.test.ts',
    },
  ],
  'functions/bank/turn.ts': [
    {
      removes: 'putting a page before its entries leave the head',
      keeps: 'I6',
      find: '  const page = await store.putPage(account, pageOf(head), signal);\n',
      replace:
        '  await store.dropPage(account, pageOf(head), signal);\n  const page = await store.putPage(account, pageOf(head), signal);\n',
    },
    {
      removes: 'taking off exactly what the page holds that is there',
      keeps: 'I6',
      find: 'await store.dropPage(account, page, signal);',
      replace: 'await store.dropPage(account, pageOf(head), signal);',
      caughtBy: 'test/functions/head.test.ts',
    },
    {
      removes: "that a page which is not the head's is never followed",
      keeps: 'I6',
      find: 'if (!isPageOf(page, head)) {',
      replace: 'if (!isPageOf(page, head) && account === "") {',
      caughtBy: 'test/functions/head.test.ts',
    },
  ],
  'functions/bank/book.ts': [
    {
      removes: 'following a page only if its watermark is that of the book',
      keeps: 'I3',
      find: '    page.watermark === own.watermark &&\n',
      caughtBy: 'test/functions/head.test.ts',
    },
    {
      removes: 'counting a hold that has expired as available',
      keeps: 'never stuck',
      find: 'isExpired(mark, nowMs) ? sum + mark.remainingMinor : sum',
      replace: 'isExpired(mark, nowMs) ? sum : sum',
      caughtBy: 'test/functions/holds.test.ts',
    },
  ],
  'functions/bank/execute.ts': [
    {
      removes: 'that a cancelled key stays cancelled, whatever is asked with it',
      keeps: 'never stuck',
      find: "return intent.kind === 'cancel' || !('asked' in body) || isSame(body.asked, intent.asked);",
      replace: "return intent.kind === 'cancel' || ('asked' in body && isSame(body.asked, intent.asked));",
      caughtBy: 'test/functions/cancel.test.ts',
    },
    {
      removes: 'that no version answers from an entry which it cannot read',
      keeps: 'I4',
      find: "    return { kind: 'unreadable' };\n  }\n  if (!isAnsweredBy",
      replace: "    return { kind: 'rejected', code: 'key_reused' };\n  }\n  if (!isAnsweredBy",
      caughtBy: 'test/functions/versions.test.ts',
    },
    {
      removes: 'that a transfer is answered when the payee has the money',
      keeps: 'I4, I5',
      find: 'await complete(attempt, { account, key, mark, head });',
      replace:
        "mark.kind === 'refund' ? await complete(attempt, { account, key, mark, head }) : (attempt.later(complete(attempt, { account, key, mark, head }).then(() => undefined)), { returned: undefined, wasMoved: false });",
    },
    {
      removes: 'that no answer says not executed while a transfer is under way',
      keeps: 'I10',
      find: '  attempt.hasBegun = true;\n',
      caughtBy: 'test/bank/left-undone.test.ts',
    },
    {
      removes: 'that a transfer under way has no outcome yet',
      keeps: 'I4',
      find: "if (credit?.line.entry.body.kind !== 'executed') {",
      replace: "if (credit?.line.entry.body.kind === 'refused') {",
      caughtBy: 'test/functions/transfers.test.ts',
    },
  ],
  'functions/bank/write.ts': [
    {
      removes: 'recording refusals before they are answered',
      keeps: 'I3, I5',
      find: "    if (step.kind === 'unavailable') {\n",
      replace:
        "    if (step.kind === 'append' && step.append.entry.body.kind === 'refused' && head !== undefined) return { line: newest(head, step.append.entry), head, isNew: true };\n    if (step.kind === 'unavailable') {\n",
    },
    {
      removes: 'recording that a capture or a void was refused',
      keeps: 'I4',
      find: "    if (step.kind === 'unavailable') {\n",
      replace:
        "    if (step.kind === 'append' && step.append.entry.body.kind === 'refused' && 'hold' in step.append.entry.body.asked && head !== undefined) return { line: newest(head, step.append.entry), head, isNew: true };\n    if (step.kind === 'unavailable') {\n",
    },
  ],
  'functions/bank/limits.ts': [
    {
      removes: 'that functions which know nothing of a freeze cannot write a frozen account',
      keeps: 'I11',
      find: 'FREEZE_VERSION = 2;',
      replace: 'FREEZE_VERSION = 1;',
      caughtBy: FROZEN,
    },
  ],
  'functions/bank/entry.ts': [
    {
      removes: 'that a retry must ask for the same reference',
      keeps: 'I4',
      find: '.filter(([, member]) => member !== undefined)',
      replace: ".filter(([name, member]) => member !== undefined && name !== 'reference')",
      caughtBy: 'test/functions/exactly-once.test.ts',
    },
  ],
  'functions/bank/attempt.ts': [
    {
      removes: 'that no answer says not executed while a write may still arrive',
      keeps: 'I3',
      find: '    this.mayHaveExecuted ||= executes && (mayArrive || written);\n',
      caughtBy: 'test/functions/store-faults.test.ts',
    },
  ],
};
