import { platform } from '../../client/environment.ts';
import { type DrillEndpoint, type DrillOptions, holdDrill } from '../../infra/tools/drill/drill.ts';
import type { Fault } from '../../infra/tools/drill/fault.ts';
import type { Report } from '../../infra/tools/drill/report.ts';
import type { StartedBank } from './started-bank.ts';

let drills = 0;

/** Holds a drill of a few seconds. */
export function shortDrill(
  endpoints: readonly [DrillEndpoint, DrillEndpoint],
  seed: number,
  parts: Partial<DrillOptions> & Pick<DrillOptions, 'fault'>,
): Promise<Report> {
  drills += 1;
  return holdDrill({
    bank: 'twinbank',
    endpoints,
    options: { attemptTimeoutMs: 500, callTimeoutMs: 3000, probeIntervalMs: 200 },
    run: `test-${process.pid}-${drills}`,
    seed,
    clients: 4,
    callsPerSecond: 10,
    plan: { beforeMs: 700, faultMs: 2500, afterAtLeastMs: 500, afterAtMostMs: 10_000, verifyMs: 30_000 },
    environment: platform,
    signal: new AbortController().signal,
    watchEveryMs: 100,
    ...parts,
  });
}

/** A fault that commands of a running bank make and mend. */
export function localFault(
  bank: StartedBank,
  region: string,
  { begin, end }: { readonly begin: 'kill' | 'freeze'; readonly end: 'start' | 'thaw' },
): Fault & { readonly commands: readonly string[] } {
  const commands: string[] = [];
  const say = async (command: string, state: 'up' | 'frozen' | 'down') => {
    commands.push(command);
    bank.say(`${command} ${region}`);
    await bank.reports(region, state);
  };
  return {
    name: begin,
    commands,
    start: () => say(begin, begin === 'kill' ? 'down' : 'frozen'),
    stop: () => say(end, 'up'),
    state: () => Promise.resolve({ kind: 'running' }),
  };
}
