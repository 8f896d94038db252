import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalBank } from '../../../infra/local/bank.ts';
import { awsEnvironment } from '../../../infra/local/environment.ts';
import { freePorts } from '../../../infra/local/free-ports.ts';
import { Closers } from '../closers.ts';
import { turned } from '../interleave.ts';
import { bundleInto } from '../programs/bundle-into.ts';
import { HostedProgram } from '../programs/hosted-program.ts';
import { measured } from '../statistics.ts';
import type { ClientInput, ClientRequest } from './client-process.ts';
import type { HandlerInput, HandlerRequest } from './handler-process.ts';
import type { InstantGreeting } from './instant-process.ts';
import type { CallersAtOnce, Compared, ComparedClient, Costs, Server, Slice } from './result.ts';

/** How much is measured. */
export interface CostsPlan {
  readonly rounds: number;
  /** Calls of each side at a stretch. */
  readonly calls: number;
}

/** A side of a comparison: makes so many calls and tells what they took. */
type Side = (calls: number) => Promise<Slice>;

interface Sides {
  readonly ours: Side;
  readonly bare: Side;
}

/** Measures what the bank's own code costs: its function beside the bare SDK, its client beside the bare `fetch`. */
export async function measureCosts(
  plan: CostsPlan,
  onProgress: (says: string) => void,
  signal: AbortSignal,
): Promise<Costs> {
  await using closers = new Closers();
  const folder = await mkdtemp(join(tmpdir(), 'twinbank-costs-'));
  closers.add(() => rm(folder, { recursive: true, force: true }));
  const run = async <Request>(name: string, program: string, input: unknown) => {
    const started = await HostedProgram.start<Request, Slice, InstantGreeting>(
      name,
      await bundleInto(folder, name, program),
      input,
    );
    closers.add(() => started.program.stop());
    return started;
  };
  onProgress('costs, starting');
  const { greeting } = await run<null>('instant', './costs/instant-process.ts', null);
  const compare = (name: string, sides: Sides) =>
    alternate(
      sides,
      plan,
      (round) => onProgress(`costs of ${name}, round ${round} of ${plan.rounds}`),
      signal,
    );

  const handlerOf = async (name: string, entry: string): Promise<Side> => {
    const input: HandlerInput = {
      bundleFile: await bundleInto(folder, `${name}-function`, entry),
      environment: functionEnvironment(greeting.dynamodb),
    };
    const { program } = await run<HandlerRequest>(name, './costs/handler-process.ts', input);
    return (calls) => program.ask({ calls });
  };
  const handler = await compare('the function', {
    ours: await handlerOf('bank', '../../functions/api.ts'),
    bare: await handlerOf('sdk-only', './cold-start/sdk-only.ts'),
  });

  const bank = await LocalBank.start({ dataFolder: null, ports: await freePorts(), signal });
  closers.add(() => bank.stop());
  const [first, second] = bank.status();
  const input: ClientInput = {
    urls: { instant: greeting.region, region: first?.url ?? '' },
    otherUrl: second?.url ?? '',
  };
  const { program } = await run<ClientRequest>('client', './costs/client-process.ts', input);
  const client = async (server: Server, atOnce: CallersAtOnce): Promise<ComparedClient> => {
    const side =
      (kind: ClientRequest['kind']): Side =>
      (calls) =>
        program.ask({ kind, server, calls, atOnce: Number(atOnce) });
    const rounds = await compare(`the client, ${server} server`, {
      ours: side('client'),
      bare: side('fetch'),
    });
    return { ...compared(rounds), ...comparedThroughput(rounds) };
  };
  return {
    handler: compared(handler),
    client: {
      instant: { '1': await client('instant', '1'), '16': await client('instant', '16') },
      region: { '1': await client('region', '1'), '16': await client('region', '16') },
    },
  };
}

interface Round {
  readonly ours: Slice;
  readonly bare: Slice;
}

/** Has both sides work in turns, the one that begins changing with every round. */
async function alternate(
  sides: Sides,
  { rounds, calls }: CostsPlan,
  onRound: (round: number) => void,
  signal: AbortSignal,
): Promise<Round[]> {
  const done: Round[] = [];
  // The first round, ten times as long, is thrown away: it compiles the code and opens the connections.
  for (let round = 0; round <= rounds; round += 1) {
    onRound(Math.max(round, 1));
    const slices = new Map<keyof Sides, Slice>();
    for (const name of turned(['ours', 'bare'] as const, round)) {
      signal.throwIfAborted();
      slices.set(name, await sides[name](round === 0 ? 10 * calls : calls));
    }
    const [ours, bare] = [slices.get('ours'), slices.get('bare')];
    if (round > 0 && ours !== undefined && bare !== undefined) done.push({ ours, bare });
  }
  return done;
}

function compared(rounds: readonly Round[]): Compared {
  return {
    ourCpuMicros: measured(rounds.map(({ ours }) => ours.cpuMicros)),
    bareCpuMicros: measured(rounds.map(({ bare }) => bare.cpuMicros)),
    cpuVsBare: measured(rounds.map(({ ours, bare }) => ours.cpuMicros / bare.cpuMicros)),
  };
}

function comparedThroughput(rounds: readonly Round[]): Omit<ComparedClient, keyof Compared> {
  return {
    ourCallsPerSecond: measured(rounds.map(({ ours }) => ours.callsPerSecond)),
    bareCallsPerSecond: measured(rounds.map(({ bare }) => bare.callsPerSecond)),
    throughputVsBare: measured(rounds.map(({ ours, bare }) => ours.callsPerSecond / bare.callsPerSecond)),
  };
}

function functionEnvironment(endpoint: string): Record<string, string> {
  return {
    ...awsEnvironment(endpoint, 'us-east-1'),
    BANK: 'bench',
    ACCOUNTS_TABLE: 'accounts',
    PAGES_TABLE: 'pages',
    IDEMPOTENCY_TABLE: 'idempotency',
  };
}
