import { setTimeout as pause } from 'node:timers/promises';
import { type Balance, type BankClient, type Moved, RefusedError } from '../../client/index.ts';
import type { Aws } from './aws.ts';
import type { Callers } from './callers.ts';
import type { Cdk } from './cdk.ts';
import type { EmulatedBank, Say } from './deploy.ts';
import { EmulatedError } from './errors.ts';

/** Everything that steps are made of: a bank that is deployed, its callers, and AWS around it. */
export interface World {
  readonly aws: Aws;
  readonly cdk: Cdk;
  readonly bank: EmulatedBank;
  readonly callers: Callers;
  readonly signal: AbortSignal;
}

/** Every account that is called with success. The list of accounts has each of them, and no other. */
export const ACCOUNTS = { joe: 'joe', till: 'till', jar: 'jar', wallet: 'wallet-1' } as const;

/** One thing that is done, and the result that it must have. */
export interface Step {
  readonly does: string;
  readonly act: () => Promise<string>;
  readonly expected: string;
}

/** Does one step after the other and prints the result of each. Throws {@link EmulatedError} at the first wrong answer. */
export async function play(steps: readonly Step[], say: Say, signal: AbortSignal): Promise<void> {
  for (const { does, act, expected } of steps) {
    signal.throwIfAborted();
    const wrong = (got: string, cause?: unknown) =>
      new EmulatedError('wrong_answer', `${does}\n  expected: ${expected}\n  got:      ${got}`, { cause });
    const got = await act().catch((error: unknown) => {
      if (error instanceof EmulatedError) {
        throw error;
      }
      throw wrong(error instanceof Error ? error.message : String(error), error);
    });
    if (got !== expected) {
      throw wrong(got);
    }
    say(`${does}: ${got}`);
  }
}

/** Makes a step of a call through one Region. That Region has to answer with a balance, or refuse with a code. */
export function stepsThrough(client: BankClient, region: string) {
  return (
    does: string,
    expected: number | string,
    call: (client: BankClient) => Promise<Moved | Balance>,
  ): Step => ({
    does: `${does} through ${region}`,
    act: () => answerOf(() => call(client)),
    expected: `${expected} from ${region}`,
  });
}

/** The result of a call, in words. Throws everything that is neither an answer nor a refusal. */
export async function answerOf(call: () => Promise<Moved | Balance>): Promise<string> {
  try {
    const { balance, region } = await call();
    return `${balance} from ${region}`;
  } catch (error) {
    if (!(error instanceof RefusedError)) {
      throw error;
    }
    return error.region === undefined ? error.code : `${error.code} from ${error.region}`;
  }
}

/** How often to look for something that takes a moment or, like a schedule, a minute, and the time between two looks. */
const TRIES = 360;
const PAUSE_MS = 250;

/** Asks until the answer is `awaited`, or has been asked for often enough, and returns the last answer. */
export async function patiently(
  act: () => Promise<string>,
  awaited: string,
  signal: AbortSignal,
): Promise<string> {
  let got = await act();
  for (let tries = 1; got !== awaited && tries < TRIES; tries += 1) {
    await pause(PAUSE_MS, undefined, { signal });
    got = await act();
  }
  return got;
}
