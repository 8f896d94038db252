import { MAX_AMOUNT_MINOR } from '../../../client/contract/schemas.ts';
import type { Operation, Reply } from './operations.ts';

/** The bank as a plain thing: a balance, which sides are frozen, and what each key was answered. */
interface World {
  readonly balance: bigint | undefined;
  readonly frozen: { readonly debits?: boolean; readonly credits?: boolean };
  readonly replies: ReadonlyMap<string, { readonly asked: string; readonly reply: Reply }>;
}

/**
 * Tries every order of the operations on one account, each by itself, retries and cancellations included. Slow and simple:
 * the checker is held against it.
 */
export function bruteForce(operations: readonly Operation[]): boolean {
  const relevant = operations.filter(({ result }) => result.kind !== 'nothing');
  return search(relevant, { balance: undefined, frozen: {}, replies: new Map() });
}

function search(left: readonly Operation[], world: World): boolean {
  if (left.every(({ result }) => result.kind === 'unknown')) {
    return true;
  }
  const mustHaveHappened = Math.min(...left.map(({ endedAt }) => endedAt ?? Number.POSITIVE_INFINITY));
  return left.some((operation) => {
    // Nothing can come after something that had ended before it began.
    if (operation.invokedAt > mustHaveHappened) {
      return false;
    }
    const after = happen(operation, world);
    return (
      after !== undefined &&
      search(
        left.filter((each) => each !== operation),
        after,
      )
    );
  });
}

/** The world after an operation that was answered as it was, or undefined when it cannot have been. */
function happen({ event, result }: Operation, world: World): World | undefined {
  if (event.operation === 'balance') {
    return result.kind === 'unknown' || (result.kind === 'read' && result.balanceMinor === world.balance)
      ? world
      : undefined;
  }
  const { key = '', operation, amount = 0n, debits, credits } = event;
  const asked = `${operation} ${amount} ${debits} ${credits}`;
  const before = world.replies.get(key);
  if (before !== undefined) {
    const isReused = operation !== 'cancel' && before.reply.kind !== 'cancelled' && before.asked !== asked;
    if (isReused) {
      return result.kind === 'unknown' ? world : undefined;
    }
    return result.kind === 'unknown' || same(result, before.reply) ? world : undefined;
  }
  const [reply, balance] = decide(operation, amount, world);
  if (result.kind !== 'unknown' && !same(result, reply)) {
    return undefined;
  }
  const isSet = operation === 'setStatus' && reply.kind === 'executed';
  const frozen = {
    ...world.frozen,
    ...(isSet && debits !== undefined ? { debits: debits === 'frozen' } : {}),
    ...(isSet && credits !== undefined ? { credits: credits === 'frozen' } : {}),
  };
  return { balance, frozen, replies: new Map([...world.replies, [key, { asked, reply }]]) };
}

function decide(operation: string, amount: bigint, { balance, frozen }: World): [Reply, bigint | undefined] {
  if (operation === 'cancel') {
    return [{ kind: 'cancelled' }, balance];
  }
  if (operation === 'deposit') {
    if (frozen.credits) {
      return [{ kind: 'refused', code: 'account_frozen' }, balance];
    }
    const after = (balance ?? 0n) + amount;
    return after > MAX_AMOUNT_MINOR
      ? [{ kind: 'refused', code: 'balance_too_large' }, balance]
      : [{ kind: 'executed', balanceMinor: after }, after];
  }
  if (balance === undefined) {
    return [{ kind: 'refused', code: 'no_such_account' }, balance];
  }
  if (operation === 'setStatus') {
    return [{ kind: 'executed', balanceMinor: balance }, balance];
  }
  if (frozen.debits) {
    return [{ kind: 'refused', code: 'account_frozen' }, balance];
  }
  return balance < amount
    ? [{ kind: 'refused', code: 'not_enough_money' }, balance]
    : [{ kind: 'executed', balanceMinor: balance - amount }, balance - amount];
}

function same(result: Operation['result'], reply: Reply): boolean {
  if (result.kind !== 'replied' || result.reply.kind !== reply.kind) {
    return false;
  }
  const given = result.reply;
  if (given.kind === 'executed') {
    return reply.kind === 'executed' && given.balanceMinor === reply.balanceMinor;
  }
  return given.kind !== 'refused' || (reply.kind === 'refused' && given.code === reply.code);
}
