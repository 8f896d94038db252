import {
  BankClient,
  type Entry,
  InvalidArgumentError,
  OutcomeUnknownError,
  RefusedError,
  UnavailableError,
} from '../../../../client/index.ts';
import type { News, Verb } from '../news.ts';
import { HammerRunner } from './hammer.ts';
import type { Acted, PageEvent, PanelAnswer, PanelBook, PanelCall, PanelMove, Wanted } from './state.ts';

/** What the user of the page can do. What comes of it is sent as events. */
export interface Actions {
  readonly move: (wanted: Wanted) => Promise<void>;
  readonly balance: (account: string) => Promise<void>;
  /** Sends a call once more, with the key that it had. */
  readonly retry: (move: PanelMove) => Promise<void>;
  readonly cancel: (move: PanelMove) => Promise<void>;
  readonly act: (region: string, verb: Verb) => Promise<void>;
  readonly hammer: (clients: number, seconds: number) => Promise<void>;
  readonly stopHammer: () => void;
  /** Resolves and checks again, after a Region was started. */
  readonly checkBooks: () => Promise<void>;
}

/** Somebody sits in front of the page and waits. What is unknown then can be sent again with its key. */
const CALL_TIMEOUT_MS = 5_000;

/** Joins the page to the bank: calls go straight to both Regions, and only their processes are the starter's. */
export function createActions(
  endpoints: readonly { readonly region: string; readonly url: string }[],
  send: (event: PageEvent) => void,
): Actions {
  const client = new BankClient({
    endpoints,
    callTimeoutMs: CALL_TIMEOUT_MS,
    onEvent: (event) => send({ type: 'client', event }),
  });
  // Reads the book after each call. That is nothing that its user asked for, so the log is not told of it.
  const reader = new BankClient({ endpoints, callTimeoutMs: CALL_TIMEOUT_MS });
  let calls = 0;
  let runner: HammerRunner | undefined;
  const call = async (call: PanelCall, again = false) => {
    calls += 1;
    const number = calls;
    send({ type: 'call', call, again });
    send({ type: 'answer', answer: await answerTo(client, call) });
    const book = await readBook(reader, call.account);
    // A book that was read before a later call is not the present one.
    if (number === calls) {
      send({ type: 'book', book });
    }
  };
  return {
    move: (wanted) => call({ ...wanted, key: client.mintKey() }),
    balance: (account) => call({ what: 'balance', account }),
    retry: (move) => call(move, true),
    cancel: ({ account, key }) => call({ what: 'cancel', account, key }),
    act: async (region, verb) => {
      send({ type: 'act', region, verb });
      send({ type: 'acted', region, result: await order(region, verb) });
    },
    hammer: async (clients, seconds) => {
      runner = new HammerRunner({
        endpoints,
        clients,
        seconds,
        callTimeoutMs: CALL_TIMEOUT_MS,
        prefix: `hammer-${Date.now().toString(36)}`,
        seed: Math.floor(Math.random() * 2 ** 31),
        onChange: (hammer) => send({ type: 'hammer', hammer }),
      });
      await runner.run();
    },
    stopHammer: () => runner?.stop(),
    checkBooks: async () => await runner?.check(),
  };
}

async function answerTo(client: BankClient, call: PanelCall): Promise<PanelAnswer> {
  try {
    return await ask(client, call);
  } catch (error) {
    if (error instanceof RefusedError) {
      const { code, message, replayed } = error;
      return { kind: 'refused', code, message, replayed };
    }
    if (error instanceof UnavailableError || error instanceof OutcomeUnknownError) {
      return { kind: 'unanswered', code: error.code, message: error.message };
    }
    if (error instanceof InvalidArgumentError) {
      return { kind: 'invalid', message: error.message };
    }
    throw error;
  }
}

async function ask(client: BankClient, call: PanelCall): Promise<PanelAnswer> {
  switch (call.what) {
    case 'balance':
      return { kind: 'balance', replayed: false, ...(await client.balance(call.account)) };
    case 'deposit':
    case 'withdraw':
    case 'hold': {
      const moved = await client[call.what](call.account, call.amount, { key: call.key });
      return { kind: 'balance', ...moved };
    }
    case 'transfer': {
      const moved = await client.transfer(call.account, call.to, call.amount, { key: call.key });
      return { kind: 'balance', ...moved };
    }
    case 'capture':
    case 'void': {
      const moved = await client[call.what](call.account, call.hold, { key: call.key });
      return { kind: 'balance', ...moved };
    }
    case 'refund': {
      const { amount: refunded, ...moved } = await client.refund(call.account, call.call, { key: call.key });
      return { kind: 'balance', ...moved, refunded };
    }
    case 'status': {
      const set = await client.setStatus(call.account, call, { key: call.key });
      return { kind: 'balance', ...set };
    }
    case 'cancel': {
      const told = await client.cancel(call.account, call.key);
      switch (told.outcome) {
        case 'executed':
          return { kind: 'balance', replayed: false, ...told };
        case 'cancelled':
          return { kind: 'cancelled', region: told.region };
        case 'refused':
          return { kind: 'refused', code: told.code, message: told.detail, replayed: false };
      }
    }
  }
}

/** Entries of the statement that are read. */
const ENTRIES_READ = 8;

/** The open holds of an account and its last entries; null when there is no such account, or it could not be read. */
async function readBook(reader: BankClient, account: string): Promise<PanelBook | null> {
  try {
    const [{ holds }, entries] = await Promise.all([reader.holds(account), lastEntries(reader, account)]);
    return { account, holds, entries };
  } catch (error) {
    if (
      error instanceof RefusedError ||
      error instanceof UnavailableError ||
      error instanceof InvalidArgumentError
    ) {
      return null;
    }
    throw error;
  }
}

async function lastEntries(reader: BankClient, account: string): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of reader.entries(account, { pageSize: ENTRIES_READ })) {
    entries.push(entry);
    if (entries.length === ENTRIES_READ) {
      break;
    }
  }
  return entries;
}

/** Has the starter do something to a Region. */
async function order(region: string, verb: Verb): Promise<Acted> {
  try {
    const response = await fetch(`/regions/${region}/${verb}`, { method: 'POST' });
    return response.ok
      ? { news: (await response.json()) as News }
      : { problem: ((await response.json()) as { message: string }).message };
  } catch {
    return { problem: `Nobody answers who could ${verb} ${region}: is npm start still running?` };
  }
}
