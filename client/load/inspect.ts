import pMap from 'p-map';
import {
  BankClient,
  type BankClientOptions,
  type EndpointOptions,
  type Entry,
  RefusedError,
  UnavailableError,
} from '../index.ts';
import { groupByAccount } from './accounts.ts';
import { type Answer, type CallRecord, type MoveRecord, send } from './call.ts';
import { type AccountRead, type Check, check, type Retried } from './check.ts';
import { finalOutcome, isFinalOutcome, isMove, type Ledger } from './ledger.ts';
import { expiresSoon, totalOf } from './money.ts';
import { verdictOf } from './report.ts';
import { insister, type Patience, pause, retry } from './resolve.ts';
import { StatementCheck, type StatementFindings } from './statement.ts';

/** An endpoint with its name, as the client names it: its Region, if that is known. */
export type NamedEndpoint = EndpointOptions & { readonly name: string };

export interface InspectOptions {
  readonly endpoints: readonly NamedEndpoint[];
  /** Options of every client. There is one for each Region. */
  readonly options: Omit<BankClientOptions, 'endpoints'>;
  /** Accounts of the load. Those that were not called are also read: they must not exist. Default: those that were called. */
  readonly accounts?: readonly string[];
  /** Chooses the calls to retry. */
  readonly chance: () => number;
  readonly patience: Patience;
}

/**
 * Retries some calls through another endpoint than the one that answered them, then reads every balance and statement in each Region, and
 * checks them. The reads come last, so that they show a retry that was executed a second time. If the bank had lost the call, the retry
 * repairs the books, and only the answer to the retry shows that.
 */
export async function inspect(
  ledger: Pick<Ledger, 'records'>,
  options: InspectOptions,
): Promise<readonly Check[]> {
  const clients = options.endpoints.map((endpoint) => ({
    region: endpoint.name,
    client: new BankClient({ ...options.options, endpoints: [endpoint] }),
  }));
  try {
    const sample = sampleOf(ledger.records, options.chance);
    const retries = await retryElsewhere(sample, clients, options.patience);
    await untilExpired(ledger.records, options.patience);
    const reads = await readAccounts(accountsOf(ledger.records, options), clients, options.patience);
    return check(ledger.records, reads, retries);
  } finally {
    await Promise.all(clients.map(({ client }) => client.close()));
  }
}

/** The result of an inspection in which a Region may be missing. */
export interface Verdict {
  readonly verdict: ReturnType<typeof verdictOf>;
  readonly accounts: number;
  /** Deposits and refunds minus the money that left the bank. */
  readonly totalMinor: bigint;
  readonly inDoubt: number;
  readonly readIn: readonly string[];
  readonly notReadIn: readonly string[];
  readonly checks: readonly Check[];
}

/** Inspects the Regions that answer, and lists those that do not. */
export async function inspectAnswering(ledger: Ledger, options: InspectOptions): Promise<Verdict> {
  const answering = await findAnswering(options.endpoints, options.options);
  const checks = answering.length === 0 ? [] : await inspect(ledger, { ...options, endpoints: answering });
  return {
    verdict: verdictOf(checks),
    accounts: accountsOf(ledger.records, options).size,
    totalMinor: totalOf(ledger.records),
    inDoubt: ledger.inDoubt.length,
    readIn: answering.map(({ name }) => name),
    notReadIn: options.endpoints.filter((each) => !answering.includes(each)).map(({ name }) => name),
    checks,
  };
}

/** Returns the endpoints whose Region answers. Each is tried once. */
async function findAnswering(
  endpoints: readonly NamedEndpoint[],
  options: InspectOptions['options'],
): Promise<readonly NamedEndpoint[]> {
  const answers = await pMap(endpoints, async (endpoint) => {
    await using client = new BankClient({ ...options, endpoints: [endpoint] });
    // The account need not exist: a refusal is an answer, too.
    const { outcome } = await send(client, { kind: 'balance', account: 'nobody' });
    return outcome.kind === 'executed' || outcome.kind === 'refused' ? [endpoint] : [];
  });
  return answers.flat();
}

/** Waits for the longest of the holds that expire soon. */
async function untilExpired(records: readonly CallRecord[], { environment }: Patience): Promise<void> {
  const lengths = records
    .filter(isMove)
    .filter(expiresSoon)
    .map(({ call }) => ('expiresInSeconds' in call ? (call.expiresInSeconds ?? 0) : 0));
  if (lengths.length > 0) {
    await pause(Math.max(...lengths) * 1000, environment);
  }
}

interface RegionClient {
  readonly region: string;
  readonly client: BankClient;
}

async function retryElsewhere(
  sample: readonly MoveRecord[],
  clients: readonly RegionClient[],
  patience: Patience,
): Promise<readonly Retried[]> {
  const insist = insister(patience);
  return await pMap(
    sample.flatMap((record) => routesOf(record, clients)),
    async ({ record, client, elsewhere }) => {
      const answer = await insist(async (): Promise<Answer | undefined> => {
        const given = await retry(client, record);
        return isFinalOutcome(given.outcome) ? given : undefined;
      });
      return { record, answer, elsewhere };
    },
    { concurrency: patience.atOnce },
  );
}

/** Another endpoint than the one that answered, if there is one; all endpoints, if it is not known which one answered. */
function routesOf(record: MoveRecord, clients: readonly RegionClient[]) {
  const others = clients.filter(({ region }) => region !== record.endpoint);
  const routes = record.endpoint === undefined ? clients : (others.length > 0 ? others : clients).slice(0, 1);
  return routes.map(({ client }) => ({
    record,
    client,
    elsewhere: record.endpoint === undefined ? clients.length > 1 : others.length > 0,
  }));
}

/** The records of each account. */
function accountsOf(
  records: readonly CallRecord[],
  { accounts = [] }: Pick<InspectOptions, 'accounts'>,
): ReadonlyMap<string, readonly CallRecord[]> {
  return new Map([...accounts.map((account) => [account, []] as const), ...groupByAccount(records)]);
}

async function readAccounts(
  accounts: ReadonlyMap<string, readonly CallRecord[]>,
  clients: readonly RegionClient[],
  patience: Patience,
): Promise<readonly AccountRead[]> {
  const insist = insister(patience);
  const reads = clients.map(({ region, client }, place) =>
    pMap(
      [...accounts],
      async ([account, its], index) => {
        // The order alternates, and is the opposite one in the other Region, so that both directions of reading are checked.
        const order = (place + index) % 2 === 0 ? 'oldest first' : 'newest first';
        let statement: StatementFindings | undefined;
        // Waits until the bank has ended what is under way. The balance comes last, when nothing is under way any more.
        await insist(async () => {
          statement = await readStatement(client, account, its, order);
          return statement?.unfinished.length === 0 ? statement : undefined;
        });
        const answer = await insist(async () => {
          const given = await send(client, { kind: 'balance', account });
          return ['executed', 'refused'].includes(given.outcome.kind) ? given : undefined;
        });
        return { account, region, balance: answer?.outcome, statement };
      },
      { concurrency: patience.atOnce },
    ),
  );
  return (await Promise.all(reads)).flat();
}

/** Undefined if the statement could not be read to its end. */
async function readStatement(
  client: BankClient,
  account: string,
  records: readonly CallRecord[],
  order: 'oldest first' | 'newest first',
): Promise<StatementFindings | undefined> {
  const entries: Entry[] = [];
  try {
    const options = order === 'oldest first' ? { after: 0, refusals: true } : { refusals: true };
    for await (const entry of client.entries(account, options)) {
      entries.push(entry);
    }
  } catch (error) {
    if (error instanceof UnavailableError) {
      return undefined;
    }
    // An account without a recorded call has no statement.
    if (!(error instanceof RefusedError)) {
      throw error;
    }
    if (error.code !== 'no_such_account') {
      return { checked: 0, broken: [], open: error.code.replaceAll('_', ' '), unfinished: [] };
    }
  }
  const statement = new StatementCheck(account, records);
  for (const entry of order === 'oldest first' ? entries : entries.reverse()) {
    statement.add(entry);
  }
  return statement.finish();
}

const MAX_TROUBLED = 500;
const MAX_EXECUTED = 40;
const MAX_REFUSED = 10;

/**
 * Chooses the calls to retry: those that failed over or had to be resolved, because an error of the bank is most likely there, and some of
 * the others. Calls without a final outcome are left out, because a retry could be the first attempt that executes them.
 */
function sampleOf(records: readonly CallRecord[], chance: () => number): readonly MoveRecord[] {
  const candidates = shuffle(
    records
      .filter(isMove)
      .filter((record) => record.key !== undefined && isFinalOutcome(finalOutcome(record))),
    chance,
  );
  const isTroubled = ({ failedOver, resolved }: CallRecord) => failedOver || resolved !== undefined;
  const smooth = candidates.filter((record) => !isTroubled(record));
  const kind = (record: CallRecord) => finalOutcome(record).kind;
  return [
    ...candidates.filter(isTroubled).slice(0, MAX_TROUBLED),
    ...smooth.filter((record) => kind(record) === 'executed').slice(0, MAX_EXECUTED),
    ...smooth.filter((record) => kind(record) === 'refused').slice(0, MAX_REFUSED),
  ];
}

function shuffle<Item>(items: readonly Item[], chance: () => number): Item[] {
  return items
    .map((item) => ({ item, place: chance() }))
    .sort((one, other) => one.place - other.place)
    .map(({ item }) => item);
}
