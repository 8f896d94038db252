import { sweep } from './bank/sweep.ts';
import { deployedBank } from './deployed-bank.ts';
import { createLog } from './log.ts';
import { createSweepHandler } from './sweep-handler.ts';

/**
 * The scheduled function that does what is due: it completes transfers that no caller retries, and ends holds that
 * have expired. It fails when it cannot read the index; an account that fails is counted, and the next sweep tries it again. Its
 * environment is that of `deployed-bank.ts`.
 */
const deployed = deployedBank();

export const handler = createSweepHandler({
  deployed,
  sweep: (signal, onError) => sweep(deployed.parts, signal, onError),
  log: createLog('sweep', Date.now),
  nowMs: Date.now,
});
