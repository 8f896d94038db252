import type { BankClient } from '../../client/client.ts';
import { messageOf } from '../../client/command/describe.ts';
import { type Paint, plain } from '../../client/command/terminal.ts';
import { RefusedError } from '../../client/errors.ts';
import type { LocalBank } from './bank.ts';

/** The bank and the client of a session, and where its lines go. */
interface SessionParts {
  readonly bank: Pick<LocalBank, 'regions' | 'kill' | 'start'>;
  readonly client: BankClient;
  readonly say: (line: string) => void;
  /** Ends a part of the session. Default: the next one follows at once. */
  readonly pause?: () => Promise<void>;
  /** Default: no colour. */
  readonly paint?: Paint;
  readonly signal: AbortSignal;
}

/** A part of the session. */
interface Part {
  readonly heading: string;
  readonly steps: readonly Step[];
}

/** One line of the session: what is typed, what it does, and the result that it must have. */
interface Step {
  readonly typed: string;
  readonly act: () => Promise<string>;
  readonly expected: string;
}

/**
 * Plays the session of Joe Armstrong's tutorial: move some money, kill a server, move some more, kill the other one. Prints
 * each step and its answer, and returns how many answers differ from the tutorial's.
 */
export async function playSession(parts: SessionParts): Promise<number> {
  const { say, pause, paint = plain, signal } = parts;
  let wrong = 0;
  for (const [index, { heading, steps }] of partsOf(parts).entries()) {
    if (index > 0) {
      await pause?.();
    }
    say(heading);
    for (const { typed, act, expected } of steps) {
      signal.throwIfAborted();
      say(`\n> ${typed}`);
      const answer = await act();
      const isRight = answer === expected;
      const shown = isRight ? answer : `${answer}, but it should have been: ${expected}`;
      say(`  ${paint(isRight ? 'good' : 'bad', shown)}`);
      wrong += isRight ? 0 : 1;
    }
  }
  return wrong;
}

function partsOf({ bank, client, signal }: SessionParts): readonly Part[] {
  const [one = '', two = ''] = bank.regions;
  const ask = (
    typed: string,
    call: () => Promise<{ balance: bigint; region: string }>,
    expected: string,
  ): Step => ({ typed, act: () => answerOf(call), expected });
  const balance = (expected: string) => ask('balance joe', () => client.balance('joe', { signal }), expected);
  const deposit = (amount: number, expected: string) =>
    ask(`deposit joe ${amount}`, () => client.deposit('joe', amount, { signal }), expected);
  const withdraw = (amount: number, expected: string) =>
    ask(`withdraw joe ${amount}`, () => client.withdraw('joe', amount, { signal }), expected);
  const pull = (what: 'kill' | 'start', region: string): Step => ({
    typed: `${what} ${region}`,
    act: () => bank[what](region).then(() => 'done'),
    expected: 'done',
  });
  return [
    {
      heading: 'Both Regions are up: move some money.',
      steps: [
        balance(`refused by ${one}: no_such_account`),
        deposit(10, `10, said ${one}`),
        deposit(15, `25, said ${one}`),
        balance(`25, said ${one}`),
        withdraw(1234, `refused by ${one}: not_enough_money`),
        withdraw(12, `13, said ${one}`),
        balance(`13, said ${one}`),
      ],
    },
    {
      heading: `Kill ${one}: ${two} has the same balance.`,
      steps: [pull('kill', one), balance(`13, said ${two}`), deposit(10, `23, said ${two}`)],
    },
    {
      heading: `Start it again and kill ${two}: what was deposited there is here.`,
      steps: [pull('start', one), pull('kill', two), balance(`23, said ${one}`)],
    },
  ];
}

async function answerOf(call: () => Promise<{ balance: bigint; region: string }>): Promise<string> {
  try {
    const { balance, region } = await call();
    return `${balance}, said ${region}`;
  } catch (error) {
    if (error instanceof RefusedError) {
      return `refused by ${error.region}: ${error.code}`;
    }
    return messageOf(error);
  }
}
