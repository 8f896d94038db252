import type { BankEvent, Entry, Hold, Status } from '../../../../client/index.ts';
import type { Verdict } from '../../../../client/load/inspect.ts';
import type { CallSeen, News, RegionNow, Verb } from '../news.ts';
import type { Ended, Tally } from './hammer.ts';

/** Everything the page shows. */
export interface State {
  /** Whether the starter of the bank, which tells how the Regions are, can be heard. */
  readonly link: 'opening' | 'open' | 'lost';
  readonly regions: readonly RegionCard[];
  readonly account: AccountPanel;
  readonly log: readonly LogLine[];
  readonly hammer: Hammer;
  /** Calls of the hammer's run that a Region answered from its record, by its log. */
  readonly replays: number;
}

export interface RegionCard extends RegionNow {
  /** What is being done to it. */
  readonly doing: Verb | null;
  /** Calls in each of the last seconds, the present one last. */
  readonly perSecond: readonly number[];
  readonly counts: Readonly<Record<Kind, number>>;
  /** The last calls, the newest first. */
  readonly latest: readonly CallSeen[];
}

/** The outcome of a call, as far as a card shows it. */
export type Kind = 'executed' | 'replayed' | 'refused' | 'other';

/** What its user asks of an account under a key: it moves money, freezes the account or opens it. */
export type Wanted = { readonly account: string } & (
  | { readonly what: 'deposit' | 'withdraw' | 'hold'; readonly amount: bigint }
  | { readonly what: 'transfer'; readonly to: string; readonly amount: bigint }
  | { readonly what: 'capture' | 'void'; readonly hold: string }
  /** Of all that is left to refund of an entry, by its key. */
  | { readonly what: 'refund'; readonly call: string }
  | ({ readonly what: 'status' } & Status)
);

/** A call with a key. It is minted here: the call may be sent again. */
export type PanelMove = Wanted & { readonly key: string };

/** A call of the account panel. */
export type PanelCall =
  | PanelMove
  | { readonly what: 'balance'; readonly account: string }
  | { readonly what: 'cancel'; readonly account: string; readonly key: string };

/** What a call came to. */
export type PanelAnswer =
  | ({
      readonly kind: 'balance';
      readonly account: string;
      readonly balance: bigint;
      /** What is held beside the balance, where the answer says it. */
      readonly held?: bigint;
      /** What was refunded, of a refund. */
      readonly refunded?: bigint;
      readonly region: string;
      readonly replayed: boolean;
    } & Status)
  | { readonly kind: 'cancelled'; readonly region: string }
  | {
      readonly kind: 'refused';
      readonly code: string;
      readonly message: string;
      readonly replayed: boolean;
    }
  | {
      readonly kind: 'unanswered';
      readonly code: 'unavailable' | 'outcome_unknown';
      readonly message: string;
    }
  /** It was never sent. */
  | { readonly kind: 'invalid'; readonly message: string };

export interface AccountPanel {
  readonly running: PanelCall | null;
  /** The last call with a key, which may be sent again with it. */
  readonly lastMove: PanelMove | null;
  readonly answer: PanelAnswer | null;
  readonly book: PanelBook | null;
}

/** What the page read of an account after the last call. */
export interface PanelBook {
  readonly account: string;
  /** The open holds, oldest first. */
  readonly holds: readonly Hold[];
  /** The last entries of the statement, the newest first. */
  readonly entries: readonly Entry[];
}

export interface LogLine {
  readonly number: number;
  readonly tone: Tone;
  readonly text: string;
}

/** `call` begins a call, `step` is what the client did for it, the others say how something ended. */
export type Tone = 'call' | 'step' | 'good' | 'bad' | 'region';

/** `calling` makes calls, `resolving` resolves unknown outcomes, `checking` compares the accounts with the answers. */
export type Hammer =
  | { readonly phase: 'idle' }
  | ({ readonly phase: 'calling' | 'resolving' | 'checking' } & HammerRun)
  | ({ readonly phase: 'done'; readonly verdict: Verdict; readonly ended: Ended } & HammerRun);

export interface HammerRun {
  readonly clients: number;
  readonly seconds: number;
  readonly elapsedMs: number;
  readonly tally: Tally;
  /** Starts the names of the run's accounts. */
  readonly prefix: string;
}

/** What happens to the page. */
export type PageEvent =
  | { readonly type: 'news'; readonly news: News }
  | { readonly type: 'silence' }
  | { readonly type: 'second' }
  | { readonly type: 'call'; readonly call: PanelCall; readonly again: boolean }
  | { readonly type: 'client'; readonly event: BankEvent }
  | { readonly type: 'answer'; readonly answer: PanelAnswer }
  | { readonly type: 'book'; readonly book: PanelBook | null }
  | { readonly type: 'act'; readonly region: string; readonly verb: Verb }
  | { readonly type: 'acted'; readonly region: string; readonly result: Acted }
  | { readonly type: 'hammer'; readonly hammer: Hammer };

/** What came of an order to a Region: how the Regions are now, or why it was not done. */
export type Acted = { readonly news: News } | { readonly problem: string };

/** Seconds of traffic that are drawn. */
export const SECONDS_DRAWN = 60;

/** The page before anything is known but where the Regions are. */
export function initialState(endpoints: readonly { region: string; url: string }[]): State {
  return {
    link: 'opening',
    regions: endpoints.map(({ region, url }) => ({
      region,
      url,
      pid: null,
      state: 'down',
      doing: null,
      perSecond: Array.from({ length: SECONDS_DRAWN }, () => 0),
      counts: { executed: 0, replayed: 0, refused: 0, other: 0 },
      latest: [],
    })),
    account: { running: null, lastMove: null, answer: null, book: null },
    log: [],
    hammer: { phase: 'idle' },
    replays: 0,
  };
}
