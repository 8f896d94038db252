import {
  BankClient,
  type Entry,
  InvalidArgumentError,
  RefusedError,
  UnavailableError,
} from '../../../../client/index.ts';
import type { News, RegionEndpoint } from '../news.ts';
import { type Timeouts, timeoutsOf } from './actions.ts';
import type { PageEvent, PanelBook, State } from './state.ts';
import { canBeRead } from './update.ts';

/** Entries of the statement that are read. */
const ENTRIES_READ = 8;
/** The balance of the picture does not wait until a frozen Region counts as one that gives no answer. */
const HEDGE_AFTER_MS = 300;
/** Least time between two readings, however many calls change the account. */
const PAUSE_MS = 250;

/** Operations that may change another account than the one that they name. */
const CROSSING = new Set(['transfer', 'captureTo', 'refund', 'cancel']);

/**
 * True if the shown book may have changed: a Region logged a call that concerns the account, or came up; this page's call has ended; or
 * another account is shown. Also each second until a reading succeeds.
 */
export function concerns(before: State, event: PageEvent, after: State): boolean {
  const { name, isPresent } = after.account;
  switch (event.type) {
    case 'account':
    case 'answer':
      return true;
    case 'second':
      return !isPresent && canBeRead(after);
    case 'news':
      return callsConcern(event.news, name) || isReadableAgain(before, after);
    case 'acted':
      // The answer to this page's own order nearly always arrives before the news of it.
      return isReadableAgain(before, after);
    default:
      return false;
  }
}

function callsConcern({ calls }: News, name: string): boolean {
  return calls.some(
    ({ key, account, operation }) =>
      operation === 'sweep' || (key !== '' && (account === name || CROSSING.has(operation))),
  );
}

function isReadableAgain(before: State, after: State): boolean {
  return !after.account.isPresent && (before.link !== 'open' || comesUp(before, after));
}

function comesUp(before: State, after: State): boolean {
  return after.regions.some(({ state }, index) => state === 'up' && before.regions[index]?.state !== 'up');
}

/**
 * Reads the book of an account, one reading at a time. A request that comes meanwhile causes one more reading afterwards, unless it is
 * only for `ifIdle`.
 */
export function createReader(
  endpoints: readonly RegionEndpoint[],
  send: (event: PageEvent) => void,
  timeouts: Timeouts = timeoutsOf(''),
): (account: string, ifIdle: boolean) => void {
  // A client of its own: the user asked for none of these reads, so they get no rows among the calls.
  const client = new BankClient({ endpoints, ...timeouts, hedgeAfterMs: HEDGE_AFTER_MS });
  let wanted: string | undefined;
  let isReading = false;
  const run = async () => {
    isReading = true;
    try {
      while (wanted !== undefined) {
        const account = wanted;
        wanted = undefined;
        send({ type: 'book', book: await readBook(client, account) });
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    } finally {
      isReading = false;
    }
  };
  return (account, ifIdle) => {
    if (isReading) {
      wanted = ifIdle ? wanted : account;
      return;
    }
    wanted = account;
    void run();
  };
}

async function readBook(client: BankClient, account: string): Promise<PanelBook | undefined> {
  try {
    const [{ region: _, ...balance }, { holds }, entries] = await Promise.all([
      client.balance(account),
      client.holds(account),
      lastEntries(client, account),
    ]);
    return { kind: 'open', ...balance, holds, entries };
  } catch (error) {
    if (error instanceof RefusedError && error.code === 'no_such_account') {
      return { kind: 'none', account };
    }
    if (error instanceof RefusedError || error instanceof InvalidArgumentError) {
      return { kind: 'refused', account, message: error.message };
    }
    if (error instanceof UnavailableError) {
      return undefined;
    }
    throw error;
  }
}

async function lastEntries(client: BankClient, account: string): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of client.entries(account, { pageSize: ENTRIES_READ })) {
    entries.push(entry);
    if (entries.length === ENTRIES_READ) {
      break;
    }
  }
  return entries;
}
