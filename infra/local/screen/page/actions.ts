import {
  BankClient,
  InvalidArgumentError,
  OutcomeUnknownError,
  RefusedError,
  UnavailableError,
} from '../../../../client/index.ts';
import type { News, RegionEndpoint, Verb } from '../news.ts';
import { LoadTest } from './load-test.ts';
import type { Acted, PageEvent, PanelAnswer, PanelCall, PanelMove, Wanted } from './state.ts';

/** How long the page waits. */
export interface Timeouts {
  /** For a call. After it, the outcome is unknown, and the user of the page can send the call again with its key. */
  readonly callTimeoutMs: number;
  /** For one attempt. Default: the client's own. */
  readonly attemptTimeoutMs?: number;
}

/**
 * Reads the query of the page's address. On a slow machine, `?timeoutMs=10000` gives each call and each attempt ten seconds, so that an
 * answer is waited for and not taken for a lost one.
 */
export function timeoutsOf(query: string): Timeouts {
  const given = new URLSearchParams(query).get('timeoutMs') ?? '';
  // 100 ms to 99,999 ms; any other value is ignored.
  return /^[1-9]\d{2,4}$/.test(given)
    ? { callTimeoutMs: Number(given), attemptTimeoutMs: Number(given) }
    : { callTimeoutMs: 5_000 };
}

/** What the user of the page can do. The results are sent as events. */
export type Actions = ReturnType<typeof createActions>;

/** Connects the page to the bank. Calls go straight to both Regions; `npm start` kills, freezes and starts their processes for the page. */
export function createActions(
  endpoints: readonly RegionEndpoint[],
  send: (event: PageEvent) => void,
  timeouts: Timeouts = timeoutsOf(''),
) {
  const client = new BankClient({
    endpoints,
    ...timeouts,
    onEvent: (event) => send({ type: 'client', event }),
  });
  let runner: LoadTest | undefined;
  // Two clicks may come before the buttons are drawn as busy, and each would mint a key of its own.
  let isCalling = false;
  const call = async (call: PanelCall, isRetry = false) => {
    if (isCalling) {
      return;
    }
    isCalling = true;
    try {
      send({ type: 'call', call, isRetry });
      send({ type: 'answer', answer: await answerTo(client, call) });
    } finally {
      isCalling = false;
    }
  };
  return {
    move: (wanted: Wanted) => call({ ...wanted, key: client.mintKey() }),
    show: (name: string) => send({ type: 'account', name }),
    /** Sends a call once more, with the key that it had. */
    retry: (move: PanelMove) => call(move, true),
    cancel: ({ account, key }: PanelMove) => call({ what: 'cancel', account, key }),
    /** Copies a text to the clipboard; `what` names it. */
    copy: async (text: string, what: string) =>
      send({ type: 'copied', copied: { what, isDone: await isCopied(text) } }),
    /** Ends the steps of the first visit. */
    dismiss: () => send({ type: 'dismissed' }),
    act: async (region: string, verb: Verb) => {
      send({ type: 'act', region, verb });
      send({ type: 'acted', region, result: await order(region, verb) });
    },
    runLoad: async (clients: number, seconds: number) => {
      runner = new LoadTest({
        endpoints,
        clients,
        seconds,
        callTimeoutMs: timeouts.callTimeoutMs,
        prefix: `load-${Date.now().toString(36)}`,
        seed: Math.floor(Math.random() * 2 ** 31),
        onChange: (load) => send({ type: 'load', load }),
      });
      await runner.run();
    },
    stopLoad: () => runner?.stop(),
    /** Resolves and checks again, after a Region was started. */
    checkBooks: async () => await runner?.check(),
  };
}

/** A browser may refuse: its user did not allow it, or the page is not in front. */
async function isCopied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
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
  const { account, key } = call;
  switch (call.what) {
    case 'deposit':
    case 'withdraw':
    case 'hold':
      return { kind: 'balance', ...(await client[call.what](account, call.amount, { key })) };
    case 'transfer':
      return { kind: 'balance', ...(await client.transfer(account, call.to, call.amount, { key })) };
    case 'capture':
    case 'void':
      return { kind: 'balance', ...(await client[call.what](account, call.hold, { key })) };
    case 'refund': {
      const { amount: refunded, ...moved } = await client.refund(account, call.call, { key });
      return { kind: 'balance', ...moved, refunded };
    }
    case 'status':
      return { kind: 'balance', ...(await client.setStatus(account, call, { key })) };
    case 'cancel': {
      const cancelled = await client.cancel(account, key);
      switch (cancelled.outcome) {
        case 'executed':
          return { kind: 'balance', replayed: false, ...cancelled };
        case 'cancelled':
          return { kind: 'cancelled', region: cancelled.region };
        case 'refused':
          return { kind: 'refused', code: cancelled.code, message: cancelled.detail, replayed: false };
      }
    }
  }
}

/** Asks `npm start` to kill, start, freeze or thaw a Region. */
async function order(region: string, verb: Verb): Promise<Acted> {
  try {
    const response = await fetch(`/regions/${region}/${verb}`, { method: 'POST' });
    return response.ok
      ? { news: (await response.json()) as News }
      : { problem: ((await response.json()) as { message: string }).message };
  } catch {
    return { problem: `Cannot ${verb} ${region}: npm start does not answer. Is it still running?` };
  }
}
