import { LocalBankError } from '../../../infra/local/errors.ts';
import type { Region } from '../../../infra/local/region.ts';
import type { HostedProgram } from '../programs/hosted-program.ts';
import { untilSilent } from './health.ts';
import type { Pair } from './pairs.ts';
import type { RelayRequest } from './relay-process.ts';
import type { FaultName } from './result.ts';

/** Something that befalls a preferred Region, with the way by which callers reach it. */
export interface Fault {
  readonly name: FaultName;
  /** Name of the preferred Region. */
  readonly preferred: string;
  /** Where callers call, the preferred Region first. */
  readonly addresses: readonly [string, string];
  /** Resolves when the fault is there. `trial` makes what is left to chance another one each time. */
  make(trial: number): Promise<void>;
  /** Ends it. The Region may need a moment to answer. */
  heal(): Promise<void>;
}

export interface RelayHost {
  readonly program: HostedProgram<RelayRequest, null>;
  readonly url: string;
}

const START_TRIES = 5;

/** SIGKILL: the port refuses connections, and those that were open are reset. */
export function killed(pair: Pair): Fault {
  const { preferred } = pair;
  return {
    name: 'killed',
    preferred: preferred.status.region,
    addresses: addressesOf(pair),
    make: () => preferred.kill(),
    heal: () => startAgain(preferred),
  };
}

/** SIGSTOP: the system accepts connections, and nobody answers. */
export function frozen(pair: Pair): Fault {
  const { preferred } = pair;
  return {
    name: 'frozen',
    preferred: preferred.status.region,
    addresses: addressesOf(pair),
    make: () => {
      preferred.freeze();
      return untilSilent(preferred.status.url);
    },
    heal: () => Promise.resolve(preferred.thaw()),
  };
}

/** Something that a relay in front of the preferred Region does. The Region itself is well. */
export function relayed(
  name: FaultName,
  pair: Pair,
  { program, url }: RelayHost,
  request: (trial: number) => RelayRequest,
): Fault {
  const ask = async (asked: RelayRequest) => {
    await program.ask(asked);
  };
  return {
    name,
    preferred: pair.preferred.status.region,
    addresses: [url, pair.other.status.url],
    make: (trial) => ask(request(trial)),
    heal: () => ask({ kind: 'pass' }),
  };
}

/** Where both Regions are reached without a relay. */
export function addressesOf({ preferred, other }: Pair): readonly [string, string] {
  return [preferred.status.url, other.status.url];
}

/** While it was down, its port may have been given to a connection that somebody opened meanwhile. */
async function startAgain(region: Region): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await region.start();
      return;
    } catch (error) {
      const isTaken = error instanceof LocalBankError && error.code === 'port_taken';
      if (!isTaken || tries >= START_TRIES) throw error;
    }
  }
}
