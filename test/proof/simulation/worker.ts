import type { Mix } from '../calls.ts';
import { simulate } from './run.ts';
import type { Played } from './summary.ts';

/** Which seeds a process plays: every nth one, from one to another. */
export interface WorkerInput {
  readonly from: number;
  readonly until: number;
  readonly step: number;
  readonly mix: Mix;
}

/** The program of one process: plays its seeds and sends the result of each. */
const { from, until, step, mix } = JSON.parse(process.argv[2] ?? '{}') as WorkerInput;
for (let seed = from; seed < until; seed += step) {
  const { history: _, digest: __, ...played } = await simulate(seed, mix);
  process.send?.(played satisfies Played);
}
process.disconnect?.();
