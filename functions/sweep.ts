import { deployedBank } from './deployed-bank.ts';
import { createLog } from './log.ts';
import { createSweepHandler } from './sweep-handler.ts';

/**
 * The scheduled function that completes transfers and refunds that no caller retries, and writes the expiry of holds. It fails if it cannot
 * read the index. An account on which it fails is counted, and the next sweep tries it again. Its environment is that of
 * `deployed-bank.ts`.
 */
export const handler = createSweepHandler(deployedBank(), createLog('sweep', Date.now));
