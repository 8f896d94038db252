import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { createBank } from '../../functions/bank/bank.ts';
import type { Asked, Entry } from '../../functions/bank/entry.ts';
import { idOf } from '../../functions/bank/key.ts';
import { KEPT_ENTRIES } from '../../functions/bank/limits.ts';
import type { Store } from '../../functions/bank/store.ts';
import { toAttributes } from '../../functions/dynamodb/attributes.ts';
import { createClient, DEFAULT_CLIENT_LIMITS } from '../../functions/dynamodb/client.ts';
import { encodeEntry } from '../../functions/dynamodb/entry-text.ts';
import { ATTRIBUTES, encodePage } from '../../functions/dynamodb/items.ts';
import { createStore } from '../../functions/dynamodb/store.ts';
import { bytesOf } from '../../functions/dynamodb/uuid.ts';
import { type NewItem, TableSetup } from '../bench/contenders/tables.ts';
import { createLab, type Lab, patient } from '../support/dynamodb-lab.ts';
import { keyAt } from '../support/keys.ts';
import { callOf, outcomeOf, plainBank } from '../support/plain-bank.ts';

const ENTRIES_SINCE = 100_000;
const MOVED_MINOR = 1_000n;

let lab: Lab;
beforeAll(async () => {
  lab = await createLab();
});

function mint(): string {
  lab.now.ms += 1;
  return keyAt(lab.now.ms);
}

const depositOf = (account: string, amountMinor: bigint) =>
  callOf({ account, key: mint() }, 'deposit', amountMinor, { mayReturn: false });

/** A bank of its own whose requests nobody counts. */
function uncounted() {
  const limits = { ...DEFAULT_CLIENT_LIMITS, connectionTimeoutMs: 30_000, requestTimeoutMs: 30_000 };
  const client = createClient({ region: 'us-east-1', endpoint: lab.tables.endpoint, limits });
  return plainBank(
    createStore(client, lab.tables, () => lab.now.ms),
    () => lab.now.ms,
  );
}

interface OldBook {
  readonly account: string;
  /** The key of a withdrawal in its first page. */
  readonly paid: string;
  /** The key of a credit in its first page. */
  readonly received: string;
}

/** Writes a book whose first page has a withdrawal and a credit, and that had many deposits since, one a second. */
async function oldBook(): Promise<OldBook> {
  const account = `account-${randomUUID()}`;
  const payer = `account-${randomUUID()}`;
  await uncounted().execute(depositOf(payer, 1n), patient());
  const count = 3 + ENTRIES_SINCE;
  const startMs = lab.now.ms - count * 1000;
  const keyOf = (index: number) => keyAt(startMs + index * 1000);
  const paid = keyOf(1);
  const received = idOf(payer, keyOf(2), startMs + 2000);
  const entryOf = (key: string, index: number, changeMinor: bigint, asked: Asked): Entry => ({
    key,
    atMs: startMs + index * 1000,
    mayReturn: false,
    changeMinor,
    heldChangeMinor: 0n,
    body: { kind: 'executed', asked },
  });
  const reference = undefined;
  const deposited = { operation: 'deposit', amountMinor: MOVED_MINOR, mustExist: false, reference } as const;
  const withdrawn = { operation: 'withdraw', amountMinor: MOVED_MINOR, reference } as const;
  const credited = {
    operation: 'credit',
    amountMinor: MOVED_MINOR,
    from: payer,
    transfer: keyOf(2),
    reference,
  } as const;
  const entries = [
    entryOf(keyOf(0), 0, MOVED_MINOR, deposited),
    entryOf(paid, 1, -MOVED_MINOR, withdrawn),
    entryOf(received, 2, MOVED_MINOR, credited),
    ...Array.from({ length: ENTRIES_SINCE }, (_, index) =>
      entryOf(keyOf(index + 3), index + 3, MOVED_MINOR, deposited),
    ),
  ];
  await using setup = new TableSetup(lab.tables.endpoint);
  await setup.fill(itemsOf(account, entries), AbortSignal.timeout(300_000));
  return { account, paid, received };
}

function* itemsOf(account: string, entries: readonly Entry[]): Generator<NewItem> {
  let balanceMinor = 0n;
  let turned = 0;
  for (; entries.length - turned >= 2 * KEPT_ENTRIES; turned += KEPT_ENTRIES) {
    const own = entries.slice(turned, turned + KEPT_ENTRIES);
    const watermark = own.at(-1)?.key ?? '';
    const page = encodePage({
      start: turned,
      openingMinor: balanceMinor,
      openingHeldMinor: 0n,
      entries: own,
      watermark,
    });
    yield { table: lab.tables.pages, item: toAttributes({ account, ...page }) };
    balanceMinor = own.reduce((sum, { changeMinor }) => sum + changeMinor, balanceMinor);
  }
  const newest = entries.slice(turned);
  const head = {
    [ATTRIBUTES.account]: account,
    [ATTRIBUTES.balance]: newest.reduce((sum, { changeMinor }) => sum + changeMinor, balanceMinor),
    [ATTRIBUTES.sequence]: entries.length,
    [ATTRIBUTES.entries]: newest.map(encodeEntry),
    [ATTRIBUTES.keys]: newest.map(({ key }) => bytesOf(key)),
    [ATTRIBUTES.turned]: turned,
    [ATTRIBUTES.watermark]: bytesOf(entries[turned - 1]?.key ?? ''),
  };
  yield { table: lab.tables.accounts, item: toAttributes(head) };
}

/** What a refund asks of the store: for itself, and for the pages that it makes due. */
interface Cost {
  own: string[];
  pages: number;
  writeUnits: number;
}

/** Makes a refund of 1 and counts it. */
async function refundOf(account: string, call: string): Promise<Cost> {
  const cost: Cost = { own: [], pages: 0, writeUnits: 0 };
  const counted = Object.fromEntries(
    Object.entries(lab.store).map(([name, method]) => [
      name,
      (...args: unknown[]) => {
        if (['putPage', 'dropPage', 'cache'].includes(name)) {
          cost.pages += 1;
        } else {
          cost.own.push(name);
        }
        return (method as (...args: unknown[]) => unknown)(...args);
      },
    ]),
  ) as unknown as Store;
  const bank = createBank({ store: counted, nowMs: () => lab.now.ms, keysNotBeforeMs: 0 });
  lab.requests.length = 0;
  lab.spent.writeUnits = 0;
  const asked = { operation: 'refund', call, amountMinor: 1n, reference: undefined } as const;
  const { answer, turning } = await bank.execute(
    { kind: 'execute', account, key: mint(), mayReturn: false, asked },
    patient(),
  );
  await turning?.done;
  expect(outcomeOf(answer)).toBeTypeOf('bigint');
  // No step of the store was sent twice.
  expect(lab.requests.length).toBe(cost.own.length + cost.pages);
  cost.writeUnits = lab.spent.writeUnits;
  return cost;
}

test('a refund takes at most 6 requests, its pages apart, with 100,000 entries since and 64 callers on the account', async () => {
  const { account, paid, received } = await oldBook();
  for (const [what, call, most] of [
    ['withdrawal', paid, 5],
    ['received transfer', received, 6],
  ] as const) {
    const alone = await refundOf(account, call);
    console.log(`refund of a ${what}`, alone);
    expect(alone.own.length).toBeLessThanOrEqual(most);
  }

  let isOver = false;
  let deposits = 0;
  const others = uncounted();
  const callers = Array.from({ length: 64 }, async () => {
    while (!isOver) {
      expect(outcomeOf(await others.execute(depositOf(account, 1n), patient()))).toBeTypeOf('bigint');
      deposits += 1;
    }
  });
  try {
    for (const call of [paid, received]) {
      for (let round = 0; round < 20; round += 1) {
        const before = deposits;
        const cost = await refundOf(account, call);
        console.log(
          `64 callers: ${cost.own.join(' ')}, pages ${cost.pages}, units ${cost.writeUnits}, ${deposits - before} deposits meanwhile`,
        );
      }
    }
  } finally {
    isOver = true;
    await Promise.all(callers);
  }
});
