import { ACCOUNT, type Caller, PAYEE } from './caller.ts';
import { AS_IT_IS, type Form, type Stage } from './stage.ts';
import { withDeletedTags, withoutRefusals, withoutReplies } from './weakened.ts';

/** Who takes part. `mint` makes a key of now. */
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
