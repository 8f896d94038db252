import { setTimeout as pause } from 'node:timers/promises';
import type { Answer } from '../../functions/bank/decide.ts';
import type { Executed } from '../../functions/bank/execute.ts';

/** Longest that the function has an answer wait for a page, in milliseconds. */
const TURNING_MS = 100;

/** Waits for an answer, and for the page that is turned beside it as long as the function does, whatever becomes of it. */
export async function answered(executing: Promise<Executed>): Promise<Answer> {
  const { answer, turning } = await executing;
  if (turning === undefined) return answer;
  const giveUp = new AbortController();
  const late = pause(TURNING_MS, undefined, { signal: giveUp.signal });
  await Promise.allSettled([Promise.race([turning, late]).finally(() => giveUp.abort())]);
  return answer;
}
