import pMap from 'p-map';
import { keyAt, newKey } from '../support/keys.ts';
import { AMOUNT_MINOR, type Book, itemsOf, keyIn } from './books.ts';
import { type BankContender, createBankContender, STATEMENT_ENTRIES } from './contenders/bank.ts';
import { TableSetup } from './contenders/tables.ts';
import { Meter, workPerCall } from './meter.ts';
import type { Question, Row, Site, Table } from './question.ts';
import { interleave, quantile, ratioOf, spreadOf } from './statistics.ts';

/** How far a book and its callers grow. Levels go up: ratios are taken to the first one. */
interface GrowthPlan {
  /** Entries of an account before it is called; more than {@link STALE_ENTRIES}. */
  readonly entries: readonly number[];
  /** Callers of one account at once. */
  readonly callers: readonly number[];
  readonly rounds: number;
  /** Calls at a stretch: a multiple of 12, so that all stretches turn the same number of pages. */
  readonly calls: number;
}

/** How old a stale key is, in entries of a book that has one a second: 20 minutes. */
const STALE_ENTRIES = 1200;

/** Calls at a stretch of each caller of one account: enough that all of them call at once. */
const CALLS_A_CALLER = 5;

/** Something that has grown to a level. */
interface Level {
  readonly level: number;
  readonly callers: number;
  call(): Promise<void>;
}

export const growth: Question<GrowthPlan> = {
  title: 'Growth',
  note:
    'What a call takes as the book of an account gets longer, and as more callers call one account at once, with the pages that ' +
    'the calls make due. The head is the largest one that was seen. Latency and CPU time of the bank and the SDK are divided ' +
    'by those of the first row in the same round: median (p25..p75).',
  plans: {
    quick: { entries: [2_000, 10_000], callers: [1, 64], rounds: 4, calls: 48 },
    full: { entries: [2_000, 10_000, 100_000], callers: [1, 4, 16, 64], rounds: 25, calls: 48 },
  },
  measure: measureGrowth,
};

/** What is called on each book. Operations that add no entries come first. */
const OPERATIONS: readonly {
  readonly title: string;
  readonly book: 'called' | 'stale';
  readonly call: (bank: BankContender, book: Book) => Promise<void>;
}[] = [
  {
    title: 'A retry after 20 minutes',
    book: 'called',
    call: (bank, book) => deposit(bank, book.account, keyIn(book, book.cached)),
  },
  {
    title: `The newest ${STATEMENT_ENTRIES} entries of a statement`,
    book: 'called',
    call: (bank, book) => bank.statement(book.account),
  },
  { title: 'A deposit', book: 'called', call: (bank, book) => deposit(bank, book.account) },
  {
    // The bank searches the pages in vain. Each of these entries makes the next search longer: they have books of their own.
    title: 'A deposit with a key that is 20 minutes old',
    book: 'stale',
    call: (bank, book) => deposit(bank, book.account, keyAt(book.newestMs - STALE_ENTRIES * 1000)),
  },
];

async function measureGrowth(plan: GrowthPlan, site: Site): Promise<readonly Table[]> {
  const { endpoint, onProgress, signal } = site;
  await using setup = new TableSetup(endpoint);
  const tables = await setup.createForBank();
  const bank = createBankContender({ endpoint, tables });
  try {
    const newestMs = Date.now();
    const books = (name: string): Book[] =>
      plan.entries.map((entries) => ({
        account: `${name}-${padded(entries)}`,
        entries,
        newestMs,
        cached: entries - STALE_ENTRIES,
      }));
    const filled = { called: books('called'), stale: books('stale') };
    for (const book of [...filled.called, ...filled.stale]) {
      onProgress(`writing a book of ${book.entries} entries`);
      await setup.fill(itemsOf(book, tables), signal);
    }
    const measureLevels = levelsMeter(bank, plan.rounds, site);
    const measured: Table[] = [];
    for (const { title, book: name, call } of OPERATIONS) {
      const levels = filled[name].map((book) => ({
        level: book.entries,
        callers: 1,
        call: () => call(bank, book),
      }));
      measured.push(await measureLevels(title, 'entries', levels, plan.calls));
    }
    const levels = plan.callers.map((callers) => ({
      level: callers,
      callers,
      call: () => deposit(bank, `called-by-${padded(callers)}`),
    }));
    const calls = Math.max(plan.calls, CALLS_A_CALLER * Math.max(...plan.callers));
    return [...measured, await measureLevels('A deposit to one account', 'callers', levels, calls)];
  } finally {
    bank.client.destroy();
  }
}

/** A number for a name, as long as any other: names count in the size of items. */
function padded(number: number): string {
  return String(number).padStart(8, '0');
}

async function deposit(bank: BankContender, account: string, key = newKey()): Promise<void> {
  const { kind } = await bank.execute({ account, key, operation: 'deposit', amountMinor: AMOUNT_MINOR });
  if (kind !== 'executed') {
    throw new Error(`a deposit to ${account} was ${kind}`);
  }
}

/** Measures levels beside each other: so many calls of each, round by round. */
function levelsMeter(bank: BankContender, rounds: number, { onProgress, signal }: Site) {
  const meter = new Meter(bank.client);
  const runSlice = async ({ callers, call }: Level, calls: number) => {
    const latenciesMs: number[] = [];
    meter.take();
    const before = process.cpuUsage();
    const timedCall = async () => {
      const sentMs = performance.now();
      await call();
      latenciesMs.push(performance.now() - sentMs);
    };
    await pMap(Array.from({ length: calls }), timedCall, { concurrency: callers });
    await bank.pagesTurned();
    const { user, system } = process.cpuUsage(before);
    const latencyMs = quantile(latenciesMs, 0.5);
    return { ...meter.take(), latencyMs, cpuMicros: (user + system) / calls };
  };
  return async (title: string, name: string, levels: readonly Level[], calls: number): Promise<Table> => {
    const sides = Object.fromEntries(
      levels.map((level) => [String(level.level), () => runSlice(level, calls)]),
    );
    const onRound = (round: number) => onProgress(`${title}, round ${round} of ${rounds}`);
    const measured = await interleave(sides, rounds, { onRound, signal });
    const first = String(levels[0]?.level);
    const rows = levels.map(({ level }): Row => {
      const side = String(level);
      const slices = measured.flatMap((round) => round[side] ?? []);
      return {
        [name]: level,
        ...workPerCall(slices, slices.length * calls),
        headEntries: Math.max(...slices.map(({ headEntries }) => headEntries)),
        headBytes: Math.max(...slices.map(({ headBytes }) => headBytes)),
        latencyRatio: ratioOf(measured, [side, first], ({ latencyMs }) => latencyMs),
        cpuRatio: ratioOf(measured, [side, first], ({ cpuMicros }) => cpuMicros),
        latencyMs: spreadOf(slices.map(({ latencyMs }) => latencyMs)),
      };
    });
    return { title, rows };
  };
}
