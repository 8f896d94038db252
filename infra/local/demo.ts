import { BankClient } from '../../client/client.ts';
import { describeAttempt } from '../../client/command/describe.ts';
import { paintFor } from '../../client/command/terminal.ts';
import { interruption, nextScreen, parse, program, run } from '../tools/program.ts';
import { LocalBank } from './bank.ts';
import { freePorts } from './free-ports.ts';
import { playSession } from './session.ts';

/**
 * The program behind `npm run demo`: plays the tutorial's session against a fresh bank of its own, on free ports and in
 * memory, so that it disturbs no bank that is running. Exits with 1 when an answer differs.
 */
const signal = interruption();

await run(async () => {
  parse(
    program('npm run demo', "Plays the tutorial's session, and checks every answer."),
    process.argv.slice(2),
  );
  const paint = paintFor(process.stdout.isTTY === true, process.env);
  console.log('Starting a fresh bank ...\n');
  const bank = await LocalBank.start({ dataFolder: null, ports: await freePorts(), signal });
  const nameWidth = Math.max(...bank.regions.map((region) => region.length));
  try {
    await using client = new BankClient({
      endpoints: bank.status(),
      onEvent: (event) => {
        const line = describeAttempt(event, nameWidth);
        if (line !== undefined) {
          console.log(`  ${event.type === 'attempt_failed' ? paint('warning', line) : line}`);
        }
      },
    });
    const pause = () => nextScreen(signal);
    const wrong = await playSession({ bank, client, say: console.log, pause, paint, signal });
    console.log(wrong === 0 ? '\nEvery answer was right.' : `\n${wrong} answers were wrong.`);
    return wrong === 0 ? 0 : 1;
  } finally {
    await bank.stop();
  }
});
