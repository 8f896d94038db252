import { plain } from '../../client/command/terminal.ts';
import { ACCOUNT, Caller } from './caller.ts';
import type { Scenario } from './scenarios.ts';
import { AS_IT_IS, type Form, type Ground, Stage } from './stage.ts';

/** Longest wait for a balance, in milliseconds. */
const READ_TIMEOUT_MS = 10_000;

/**
 * Plays a scenario twice, without the guard and with it. Returns whether it has shown what it should: money that goes wrong
 * without, and money that is right with it.
 */
export async function demonstrate(
  { heading, note, accounts = [ACCOUNT], form, play }: Scenario,
  ground: Ground,
  mint: () => string,
): Promise<boolean> {
  const { paint = plain } = ground;
  const playOn = async (each: Form): Promise<boolean> => {
    await using stage = await Stage.open(ground, each);
    const caller = new Caller(ground.say);
    await play({ stage, caller, mint });
    const [{ bank }] = stage.regions;
    const balances = await Promise.all(
      accounts.map((account) => bank.balance(account, AbortSignal.timeout(READ_TIMEOUT_MS))),
    );
    const balanceMinor = balances.reduce<bigint>((sum, each = 0n) => sum + each, 0n);
    const subject = accounts.length > 1 ? 'The balances add up to' : 'The balance is';
    const { right, words } = verdictOn(balanceMinor, caller.book.balanceMinor, subject);
    ground.say(paint(right ? 'good' : 'bad', `  ${words}`));
    return right;
  };
  if (note !== undefined) {
    ground.say(`(${note})`);
  }
  ground.say(`${heading}:`);
  const rightWithout = await playOn(form);
  ground.say('\nThe bank as it is:');
  const rightWith = await playOn(AS_IT_IS);
  return !rightWithout && rightWith;
}

/** Whether a balance is what callers were told, and that in words. */
interface Verdict {
  readonly right: boolean;
  readonly words: string;
}

/** Holds the balance of an account, or of all, against the callers' passbook. */
function verdictOn(balanceMinor: bigint, bookMinor: bigint, subject: string): Verdict {
  const excessMinor = balanceMinor - bookMinor;
  if (excessMinor === 0n) {
    return { right: true, words: `${subject} ${balanceMinor}, and the callers' book says the same.` };
  }
  const wrong =
    excessMinor < 0n ? `${-excessMinor} are missing` : `the bank has paid ${excessMinor} too much`;
  return {
    right: false,
    words: `${subject} ${balanceMinor}, and the callers' book says ${bookMinor}: ${wrong}.`,
  };
}
