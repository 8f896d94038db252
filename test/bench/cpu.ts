import { withoutAws } from '../../infra/local/environment.ts';
import type { ClientRequest } from './processes/client.ts';
import type { InstantUrls } from './processes/instant-server.ts';
import { bundleInto, bundlePlainly, functionEnvironment, Program } from './program.ts';
import type { Question, Row, Site } from './question.ts';
import { interleave, ratioOf, spreadOf } from './statistics.ts';

interface CpuPlan {
  readonly rounds: number;
  /** Calls of each side at a stretch. */
  readonly calls: number;
}

/** The server answers for any table. */
const TABLES = { accounts: 'accounts', pages: 'pages', idempotency: 'idempotency' };

/** Makes a number of calls, and resolves with the CPU time of one of them. */
type Side = (calls: number) => Promise<number>;

/** Calls of the round that is dropped, as a multiple: enough for Node to compile what it calls. */
const WARM_UP_FACTOR = 10;

export const cpu: Question<CpuPlan> = {
  title: 'CPU time of a call',
  note:
    "The function's whole handler, event in and result out, divided by a handler that only imports the SDK and makes one " +
    'write; the client, divided by a bare fetch with a time-out, without retry or checks. The server answers at once without moving ' +
    'anything. Median (p25..p75) of the rounds.',
  plans: { quick: { rounds: 6, calls: 60 }, full: { rounds: 30, calls: 200 } },
  measure: async (plan, site) => [{ title: 'A deposit', rows: await measureAll(plan, site) }],
};

async function measureAll(plan: CpuPlan, site: Site): Promise<readonly Row[]> {
  const { folder } = site;
  const bundled = (name: string, entry: string) => bundleInto(folder, name, entry);
  const server = await Program.start<undefined, undefined, InstantUrls>(
    await bundled('instant-server', './processes/instant-server.ts'),
    {},
  );
  await using _server = server.program;
  const { dynamodb, region } = server.greeting;

  // It imports a bundle by its name, which the bank's own bundles need not.
  const handlerFile = await bundlePlainly(folder, 'handler', './processes/handler.ts');
  const startHandler = async (bundleFile: string) => {
    const input = { bundleFile };
    const environment = { ...withoutAws(process.env), ...functionEnvironment(dynamodb, TABLES) };
    return (await Program.start<{ calls: number }, number, undefined>(handlerFile, input, environment))
      .program;
  };
  await using bank = await startHandler(await bundled('bank', '../../functions/api.ts'));
  await using sdkOnly = await startHandler(await bundlePlainly(folder, 'sdk-only', './sdk-only.ts'));
  const clientFile = await bundled('client', './processes/client.ts');
  await using client = (await Program.start<ClientRequest, number, undefined>(clientFile, { url: region }))
    .program;

  const clientSide =
    (kind: ClientRequest['kind'], atOnce: number): Side =>
    (calls) =>
      client.ask({ kind, calls, atOnce });
  const sides: readonly [string, string, Side, Side][] = [
    ['function', 'bare SDK', (calls) => bank.ask({ calls }), (calls) => sdkOnly.ask({ calls })],
    ['client', 'bare fetch', clientSide('client', 1), clientSide('fetch', 1)],
    ['client, 16 calls at once', 'bare fetch', clientSide('client', 16), clientSide('fetch', 16)],
  ];
  const rows: Row[] = [];
  for (const [what, dividedBy, ours, bare] of sides) {
    rows.push({ what, dividedBy, ...(await compare(what, { ours, bare }, plan, site)) });
  }
  return rows;
}

async function compare(
  what: string,
  { ours, bare }: { readonly ours: Side; readonly bare: Side },
  { rounds, calls }: CpuPlan,
  { onProgress, signal }: Site,
): Promise<Row> {
  const sliceOf = (side: Side) => (isWarmUp: boolean) => side(isWarmUp ? WARM_UP_FACTOR * calls : calls);
  const onRound = (round: number) => onProgress(`${what}, round ${round} of ${rounds}`);
  const measured = await interleave({ ours: sliceOf(ours), bare: sliceOf(bare) }, rounds, {
    onRound,
    signal,
  });
  return {
    ratio: ratioOf(measured, ['ours', 'bare'], (micros) => micros),
    micros: spreadOf(measured.map((round) => round.ours)),
    bareMicros: spreadOf(measured.map((round) => round.bare)),
  };
}
