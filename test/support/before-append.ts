import type { Append } from '../../functions/bank/append.ts';
import type { Store } from '../../functions/bank/store.ts';
import { StoreUnavailableError } from '../../functions/bank/unavailable.ts';

/**
 * A store that calls `act` before each append. If `act` throws, nothing is written. If it never ends, the function has died.
 */
export function beforeAppend<Kind extends Store>(store: Kind, act: (append: Append) => unknown): Kind {
  const append: Store['append'] = async (asked, signal) => {
    await act(asked);
    return await store.append(asked, signal);
  };
  return new Proxy(store, {
    get: (_, name) => {
      const member: unknown = name === 'append' ? append : Reflect.get(store, name);
      // Members of a class belong to the store itself, not to this proxy of it.
      return typeof member === 'function' ? member.bind(store) : member;
    },
  });
}

/** A store on which nothing can be written to an account. */
export function storeWithout<Kind extends Store>(
  store: Kind,
  account: string,
  executed: 'no' | 'unknown' = 'no',
): Kind {
  return beforeAppend(store, (append) => {
    if (append.account === account) {
      throw new StoreUnavailableError(executed, `${account} cannot be reached`);
    }
  });
}
