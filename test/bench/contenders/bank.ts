import { createBank } from '../../../functions/bank/bank.ts';
import { createClient } from '../../../functions/dynamodb/client.ts';
import { createStore } from '../../../functions/dynamodb/store.ts';
import { callOf } from '../../support/plain-bank.ts';
import { answered } from '../answered.ts';
import type { Contender, ContenderParts } from './contender.ts';

/** As long as a function works on a call whose caller sets no limit. */
const CALL_TIMEOUT_MS = 5_000;

/** The bank's core and store in this process. */
export function createBankContender({ endpoint, tables }: ContenderParts): Contender {
  const client = createClient({ region: 'us-east-1', endpoint });
  const store = createStore(client, tables.bank, Date.now);
  const bank = createBank({ store, nowMs: Date.now, keysNotBeforeMs: 0 });
  const signal = () => AbortSignal.timeout(CALL_TIMEOUT_MS);
  return {
    name: 'bank',
    client,
    move: async ({ account, key, move, amountMinor, mayReturn = false }) => {
      const answer = await answered(
        bank.execute(callOf({ account, key }, move, amountMinor, { mayReturn }), signal()),
      );
      if (answer.kind === 'recorded') {
        const { entry, balanceMinor } = answer.line;
        if (entry.body.kind === 'executed') return { kind: 'executed', balanceMinor };
        if (entry.body.kind === 'refused') return { kind: 'refused' };
      }
      throw new Error(`the bank neither executed a call nor refused it: ${answer.kind}`);
    },
    balance: (account) => bank.balance(account, signal()),
    close: () => client.destroy(),
  };
}
