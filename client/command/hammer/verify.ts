import { BankClient } from '../../client.ts';
import type { Environment } from '../../environment.ts';
import { OutcomeUnknownError, RefusedError, UnavailableError } from '../../errors.ts';
import type { BankClientOptions, EndpointOptions } from '../../options.ts';
import { resolveOptions } from '../../options.ts';
import type { Subject } from '../../requests.ts';
import { sleep } from '../../timers.ts';
import type { Settled, Tally, Unknown } from './tally.ts';
import type { Books, Holding } from './verdict.ts';

/** Calls under way at once, when the clients are done. */
const AT_ONCE = 16;
/** How long to go on asking for unknown outcomes, and how long to wait between two tries. */
const PATIENCE_MS = 30_000;
const PAUSE_MS = 500;

/**
 * Settles every call of which nobody knows what came of it, by cancelling its key: then it has been executed or it never
 * will be. What cannot be settled in time stays unsettled.
 */
export async function settleUnknown(
  tally: Tally,
  options: BankClientOptions,
  world: Environment,
): Promise<void> {
  const untilMs = world.elapsedMs() + PATIENCE_MS;
  await using client = new BankClient(options);
  await forEach(tally.unknown, async (unknown) => {
    let settled = await settle(client, subjectOf(unknown));
    while (settled === 'unsettled' && world.elapsedMs() < untilMs) {
      await sleep(PAUSE_MS, world, new AbortController().signal);
      settled = await settle(client, subjectOf(unknown));
    }
    tally.settle(unknown, settled);
  });
}

function subjectOf({ call, key }: Unknown): Subject {
  return { account: call.account, key };
}

/**
 * Closes the matter of a call that nobody answered, by cancelling its key. A retry would not do: it can be turned away while
 * an earlier attempt is still on its way.
 */
export async function settle(client: BankClient, { account, key }: Subject): Promise<Settled> {
  try {
    const { outcome } = await client.cancel(account, key);
    return outcome;
  } catch (error) {
    if (isNoAnswer(error) || error instanceof RefusedError) {
      return 'unsettled';
    }
    throw error;
  }
}

/** Has each Region tell all balances and statements, by itself: a write that was answered is in both. */
export async function readBooks(
  accounts: readonly string[],
  options: BankClientOptions & { readonly endpoints: readonly EndpointOptions[] },
): Promise<readonly Books[]> {
  const { endpoints } = resolveOptions(options);
  return await Promise.all(
    endpoints.map(async ({ url, region, name }) => {
      const endpoint = region === undefined ? { url } : { url, region };
      return { region: name, accounts: await readAll(accounts, { ...options, endpoints: [endpoint] }) };
    }),
  );
}

/** Reads all accounts from one Region; undefined when one of them is not answered. The others are not waited for then. */
async function readAll(
  accounts: readonly string[],
  options: BankClientOptions,
): Promise<ReadonlyMap<string, Holding> | undefined> {
  const holdings = new Map<string, Holding>();
  let isAnswering = true;
  await using client = new BankClient(options);
  await forEach(accounts, async (account) => {
    const holding = isAnswering ? await readHolding(client, account) : undefined;
    if (holding === undefined) {
      isAnswering = false;
    } else {
      holdings.set(account, holding);
    }
  });
  return isAnswering ? holdings : undefined;
}

async function readHolding(client: BankClient, account: string): Promise<Holding | undefined> {
  try {
    const { balance } = await client.balance(account);
    let statement = 0n;
    for await (const { change } of client.entries(account)) statement += change;
    return { balance, statement };
  } catch (error) {
    if (error instanceof RefusedError && error.code === 'no_such_account') {
      return { balance: 0n, statement: 0n };
    }
    if (isNoAnswer(error)) {
      return undefined;
    }
    throw error;
  }
}

function isNoAnswer(error: unknown): boolean {
  return error instanceof UnavailableError || error instanceof OutcomeUnknownError;
}

/** Does something for each item, for some of them at once. */
async function forEach<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) {
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
}
