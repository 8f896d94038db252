import type { Call } from '../../../functions/core/account.ts';
import { createBank } from '../../../functions/core/bank.ts';
import { WRITES_PER_INSPECTION } from '../../../functions/core/limits.ts';
import { createClient } from '../../../functions/store/client.ts';
import { createDynamoDbStore } from '../../../functions/store/dynamodb.ts';
import type { Contender, ContenderParts } from './contender.ts';

/** As long as a function works on a call whose caller sets no limit. */
const CALL_TIMEOUT_MS = 5_000;

/** Most replies that one call gives back, as in the client. */
const MAX_GIVEN_BACK = 25;

/** The bank's core and store in this process. */
export function createBankContender({ endpoint, tables }: ContenderParts): Contender {
  const client = createClient({ region: 'us-east-1', endpoint });
  const inspects = () => Math.random() * WRITES_PER_INSPECTION < 1;
  const bank = createBank(createDynamoDbStore(client, tables.bank, Date.now, inspects), Date.now);
  const replies = new GivenBack();
  const signal = () => AbortSignal.timeout(CALL_TIMEOUT_MS);
  return {
    name: 'bank',
    client,
    move: async (call: Call) => {
      const { answer, mayStillBeWritten } = await bank.move(call, replies.take(call), signal());
      if (answer.kind === 'turned_away' || answer.recorded.kind === 'cancelled') {
        throw new Error(`the bank did not settle a call: ${JSON.stringify(answer)}`);
      }
      if (!mayStillBeWritten) replies.add(call);
      const { reply } = answer.recorded;
      return reply.kind === 'executed'
        ? { kind: 'executed', balanceMinor: reply.balanceMinor }
        : { kind: 'refused' };
    },
    balance: (account) => bank.balance(account, signal()),
    close: () => client.destroy(),
  };
}

/** The replies that callers hold and give back with their next call to the same account. */
class GivenBack {
  readonly #held = new Map<string, Set<string>>();

  add({ account, key }: Call): void {
    const keys = this.#held.get(account);
    if (keys === undefined) this.#held.set(account, new Set([key]));
    else keys.add(key);
  }

  /** Replies that a call may take along, which are those of other calls. */
  take({ account, key }: Call): readonly string[] {
    const held = this.#held.get(account);
    const taken = [...(held ?? [])].filter((each) => each !== key).slice(0, MAX_GIVEN_BACK);
    for (const each of taken) held?.delete(each);
    return taken;
  }
}
