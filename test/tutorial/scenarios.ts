import type { Head } from '../../functions/bank/book.ts';
import type { Entry } from '../../functions/bank/entry.ts';
import { newKey } from '../support/keys.ts';
import { ACCOUNT, type Caller, PAYEE } from './caller.ts';
import { AS_IT_IS, type Form, type Stage, type Weaken } from './stage.ts';

/** Who takes part. `mint` makes a key for the present moment. */
interface Parts {
  readonly stage: Stage;
  readonly caller: Caller;
  readonly mint: () => string;
}

/** What goes wrong without one of the bank's guards. */
export interface Scenario {
  /** What is different, as a heading. */
  readonly heading: string;
  /** How that is played where it is not the real thing. */
  readonly note?: string;
  /** Whose money is counted at the end: that of {@link ACCOUNT} alone unless others are named. */
  readonly accounts?: readonly string[];
  readonly form: Form;
  readonly play: (parts: Parts) => Promise<void>;
}

/** Below every key. */
const LOWEST_KEY = '00000000-0000-7000-8000-000000000000';

/** Moves the money under a key that nobody has, so that no retry finds what its own key was answered. */
const withoutReplies: Weaken = (store) => ({
  ...store,
  append: async (append, signal) => {
    const [entry] = append.entries;
    const unknown = { ...entry, key: newKey() };
    const result = await store.append({ ...append, entries: [unknown] }, signal);
    return result.written ? { ...result, head: withLast(result.head, entry) } : result;
  },
});

function withLast(head: Head, entry: Entry): Head {
  return { ...head, entries: [...head.entries.slice(0, -1), entry] };
}

/** Answers a refusal without writing it down. */
const withoutRefusals: Weaken = (store) => ({
  ...store,
  append: async (append, signal) => {
    const [entry] = append.entries;
    if (entry.body.kind !== 'refused') {
      return await store.append(append, signal);
    }
    const head = await store.readHead(append.account, signal);
    return { written: true, mayArrive: false, head: { ...head, entries: [...head.entries, entry] } };
  },
});

/** Deletes the entry when the client has the reply, as the tutorial of 2003 does with its tag: no page has it, and no watermark. */
const withDeletedTags: Weaken = (store) => ({
  ...store,
  forget: async ({ account, key }, signal) => {
    const { turned, entries } = await store.readHead(account, signal);
    const upToKey = entries.slice(0, entries.findIndex((entry) => entry.key === key) + 1);
    const page = { start: turned, openingMinor: 0n, openingHeldMinor: 0n, entries: upToKey };
    await store.dropPage(account, { ...page, watermark: LOWEST_KEY }, signal);
  },
});

/** By the names that `npm run without` takes. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  replies: {
    heading: 'Without recorded replies',
    form: { ...AS_IT_IS, weaken: withoutReplies },
    play: async ({ stage: { regions }, caller, mint }) => {
      const [one, two] = regions;
      await caller.ask(one, { move: 'deposit', amountMinor: 100n, key: mint() });
      const withdrawal = { move: 'withdraw', amountMinor: 30n, key: mint() } as const;
      await caller.askInVain(one, withdrawal, 'the answer is lost');
      await caller.ask(two, withdrawal);
    },
  },

  refusals: {
    heading: 'Without recorded refusals',
    form: { ...AS_IT_IS, weaken: withoutRefusals },
    play: async ({ stage: { regions }, caller, mint }) => {
      const [one, two] = regions;
      await caller.ask(one, { move: 'deposit', amountMinor: 10n, key: mint() });
      const withdrawal = { move: 'withdraw', amountMinor: 50n, key: mint() } as const;
      await caller.ask(two, withdrawal);
      await caller.ask(two, { move: 'deposit', amountMinor: 100n, key: mint() });
      await caller.deliverLate(one, withdrawal);
    },
  },

  'default-global-table': {
    heading: 'With the default global table',
    note: 'DynamoDB Local does not replicate: each Region has a table here, and this program copies the account.',
    form: { ...AS_IT_IS, replicated: true },
    play: async ({ stage, caller, mint }) => {
      const [one, two] = stage.regions;
      await caller.ask(one, { move: 'deposit', amountMinor: 100n, key: mint() });
      await stage.replicate();
      await caller.ask(one, { move: 'withdraw', amountMinor: 100n, key: mint() });
      await caller.ask(two, { move: 'withdraw', amountMinor: 100n, key: mint() });
      await stage.replicate();
    },
  },

  'deleted-tags': {
    heading: 'With tags that are deleted',
    form: { ...AS_IT_IS, weaken: withDeletedTags },
    play: async ({ stage, caller, mint }) => {
      const [one, two] = stage.regions;
      await caller.ask(one, { move: 'deposit', amountMinor: 100n, key: mint() });
      const withdrawal = { move: 'withdraw', amountMinor: 30n, key: mint() } as const;
      await caller.ask(two, withdrawal);
      await stage.acknowledge(withdrawal.key);
      await caller.deliverLate(one, withdrawal);
    },
  },
  transfers: {
    heading: 'Without transfers',
    accounts: [ACCOUNT, PAYEE],
    form: { ...AS_IT_IS, hasTransfers: false },
    play: async ({ stage, caller, mint }) => {
      const [one] = stage.regions;
      await caller.ask(one, { move: 'deposit', amountMinor: 100n, key: mint() });
      await caller.ask(one, { move: 'deposit', account: PAYEE, amountMinor: 10n, key: mint() });
      const payment = { amountMinor: 30n, key: mint() };
      await (stage.hasTransfers
        ? caller.askInVain(
            stage.dying,
            { ...payment, move: 'transfer' },
            'client and function die before ann is paid',
          )
        : caller.askInVain(one, { ...payment, move: 'withdraw' }, 'the client dies before ann is paid'));
      await stage.sweep();
    },
  },
};
