import type { BankEvent, Entry, Hold, Status } from '../../../../client/index.ts';
import type { Verdict } from '../../../../client/load/inspect.ts';
import type { Counts } from '../../../../client/load/progress.ts';
import type { Latency } from '../../../../client/load/report.ts';
import type { Ended } from '../../../../client/load/run.ts';
import type { News, RegionEndpoint, RegionNow, Verb } from '../news.ts';
import { emptyChart, type Second } from './chart.ts';
import type { Dots } from './dots.ts';
import type { Steps } from './steps.ts';

/** Everything the page shows. Times are milliseconds since 1970. */
export interface State {
  readonly nowMs: number;
  /** Whether news of the Regions comes from the program that runs the bank. */
  readonly link: 'opening' | 'open' | 'lost';
  readonly regions: readonly RegionBox[];
  /** When the present second of their charts began. */
  readonly secondMs: number;
  /** The Region that the next call is sent to first. */
  readonly preferred: string;
  readonly dots: Dots;
  readonly account: AccountPanel;
  /** The calls of this page, the newest first. */
  readonly calls: readonly CallRow[];
  /** What happened last to a Region, for those who do not see the picture. */
  readonly notice: string;
  /** Why the last order to a Region was not carried out; empty when it was. */
  readonly problem: string;
  readonly steps: Steps;
  /** What was to be copied last, and whether the browser did so. */
  readonly copied: Copied | undefined;
  readonly load: Load;
  /** Calls of the load test that a Region answered from its record, by its log. */
  readonly replays: number;
}

export interface RegionBox extends RegionNow {
  /** What is being done to it. */
  readonly doing: Verb | undefined;
  /** When the page saw it get into its state; undefined when it was so before. */
  readonly sinceMs: number | undefined;
  /** The last seconds, the present one last. */
  readonly seconds: readonly Second[];
}

/** What the user asks for under a key: to move money, or to freeze or open the account. */
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
  | { readonly what: 'cancel'; readonly account: string; readonly key: string };

/** The answer to a call. */
export type PanelAnswer =
  | ({
      readonly kind: 'balance';
      readonly balance: bigint;
      /** What is held beside the balance, where the answer says it. */
      readonly held?: bigint;
      /** What was refunded, of a refund. */
      readonly refunded?: bigint;
      /** When the bank recorded it. */
      readonly at: Date;
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

/** One call of this page, and what the client did for it. */
export interface CallRow {
  readonly number: number;
  readonly call: PanelCall;
  /** It was sent before, with the same key. */
  readonly isRetry: boolean;
  readonly startedMs: number;
  readonly attempts: readonly Attempt[];
  readonly lines: readonly { readonly atMs: number; readonly text: string }[];
  /** Undefined while it is under way. */
  readonly ended: { readonly answer: PanelAnswer; readonly atMs: number } | undefined;
}

/** One request to one Region, and how long it took. It gave an answer, gave none, or is under way. */
export interface Attempt {
  readonly region: string;
  readonly state: 'running' | 'answered' | 'failed';
  readonly durationMs: number;
}

export interface AccountPanel {
  /** The account in the form, whose balance and statement are shown. */
  readonly name: string;
  readonly book: PanelBook | undefined;
  /** False when the book could not be read since the last news of it. */
  readonly isPresent: boolean;
}

/** What the page read of an account. */
export type PanelBook =
  | { readonly kind: 'none'; readonly account: string }
  /** The bank refuses to read it: the name is not a valid account name, for example. `message` is the bank's reason. */
  | { readonly kind: 'refused'; readonly account: string; readonly message: string }
  | ({
      readonly kind: 'open';
      readonly account: string;
      readonly balance: bigint;
      readonly held: bigint;
      /** The open holds, oldest first. */
      readonly holds: readonly Hold[];
      /** The last entries of the statement, the newest first. */
      readonly entries: readonly Entry[];
    } & Status);

/** The counts of a run so far. */
export interface Tally extends Pick<Counts, 'calls' | 'executed' | 'refused' | 'unknown'> {
  /** Unknown outcomes that were resolved later. */
  readonly resolved: number;
  /** How often a client left the preferred Region for the other one. */
  readonly failovers: number;
}

/** `calling` makes calls, `resolving` resolves unknown outcomes, `checking` compares the accounts with the answers. */
export type LoadStage =
  | { readonly phase: 'calling' | 'resolving' | 'checking' }
  | {
      readonly phase: 'done';
      readonly verdict: Verdict;
      readonly ended: Ended;
      readonly latency: Latency | undefined;
    };

export type Load = { readonly phase: 'idle' } | (LoadStage & LoadRun);

interface LoadRun {
  readonly clients: number;
  readonly seconds: number;
  readonly elapsedMs: number;
  readonly tally: Tally;
  /** Starts the names of the run's accounts. */
  readonly prefix: string;
}

/** `what` names a text of one row: several rows may have the same one. */
export interface Copied {
  readonly what: string;
  readonly isDone: boolean;
}

/** What happens to the page. */
export type PageEvent =
  | { readonly type: 'news'; readonly news: News }
  | { readonly type: 'silence' }
  | { readonly type: 'second' }
  | { readonly type: 'call'; readonly call: PanelCall; readonly isRetry: boolean }
  | { readonly type: 'client'; readonly event: BankEvent }
  | { readonly type: 'answer'; readonly answer: PanelAnswer }
  | { readonly type: 'account'; readonly name: string }
  /** Without a book when none could be read. */
  | { readonly type: 'book'; readonly book: PanelBook | undefined }
  | { readonly type: 'act'; readonly region: string; readonly verb: Verb }
  | { readonly type: 'acted'; readonly region: string; readonly result: Acted }
  | { readonly type: 'copied'; readonly copied: Copied }
  | { readonly type: 'dismissed' }
  | { readonly type: 'load'; readonly load: Load };

/** The result of an order to a Region: the state of the Regions, or why it was not carried out. */
export type Acted = { readonly news: News } | { readonly problem: string };

/** The account in the form at first. */
const FIRST_ACCOUNT = 'joe';

/** The page when only the addresses of the Regions are known. */
export function initialState(endpoints: readonly RegionEndpoint[], steps: Steps, nowMs: number): State {
  return {
    nowMs,
    link: 'opening',
    regions: endpoints.map(({ region, url }) => ({
      region,
      url,
      pid: null,
      state: 'down',
      doing: undefined,
      sinceMs: undefined,
      seconds: emptyChart(),
    })),
    secondMs: nowMs,
    preferred: endpoints[0]?.region ?? '',
    dots: { moving: [], made: 0, freeMs: 0 },
    account: { name: FIRST_ACCOUNT, book: undefined, isPresent: false },
    calls: [],
    notice: '',
    problem: '',
    steps,
    copied: undefined,
    load: { phase: 'idle' },
    replays: 0,
  };
}

/** Answers that give the outcome of the call that a key belongs to. */
const CONCLUSIVE: ReadonlySet<PanelAnswer['kind']> = new Set(['balance', 'cancelled', 'refused']);

/** Whether the outcome of a key is unknown: `none` when it never was, `open` while it is, `over` once an answer has given it. */
export function doubtOf(calls: readonly CallRow[], key: string): 'none' | 'open' | 'over' {
  const answers = calls.flatMap(({ call, ended }) => (call.key === key && ended ? [ended.answer] : []));
  if (!answers.some((answer) => answer.kind === 'unanswered' && answer.code === 'outcome_unknown')) {
    return 'none';
  }
  return answers.some(({ kind }) => CONCLUSIVE.has(kind)) ? 'over' : 'open';
}
