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
import { type Timeouts, timeoutsOf } from './timeouts.ts';

/** What the user of the page can do. What comes of it is sent as events. */
export interface Actions {
  readonly move: (wanted: Wanted) => Promise<void>;
  /** Shows another account. */
  readonly show: (account: string) => void;
  /** Sends a call once more, with the key that it had. */
  readonly retry: (move: PanelMove) => Promise<void>;
  readonly cancel: (move: PanelMove) => Promise<void>;
  readonly act: (region: string, verb: Verb) => Promise<void>;
  readonly runLoad: (clients: number, seconds: number) => Promise<void>;
  readonly stopLoad: () => void;
  /** Resolves and checks again, after a Region was started. */
  readonly checkBooks: () => Promise<void>;
  /** Copies a text to the clipboard; `what` names it. */
  readonly copy: (text: string, what: string) => Promise<void>;
  /** Ends the steps of the first visit. */
  readonly dismiss: () => void;
}

/** Connects the page to the bank. Calls go straight to both Regions; `npm start` kills, freezes and starts their processes for the page. */
export function createActions(
  endpoints: readonly RegionEndpoint[],
  send: (event: PageEvent) => void,
  timeouts: Timeouts = timeoutsOf(''),
): Actions {
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
    move: (wanted) => call({ ...wanted, key: client.mintKey() }),
    show: (name) => send({ type: 'account', name }),
    retry: (move) => call(move, true),
    cancel: ({ account, key }) => call({ what: 'cancel', account, key }),
    copy: async (text, what) => send({ type: 'copied', copied: { what, isDone: await isCopied(text) } }),
    dismiss: () => send({ type: 'dismissed' }),
    act: async (region, verb) => {
      send({ type: 'act', region, verb });
      send({ type: 'acted', region, result: await order(region, verb) });
    },
    runLoad: async (clients, seconds) => {
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
  switch (call.what) {
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
      const cancelled = await client.cancel(call.account, call.key);
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
