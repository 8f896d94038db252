import { BankClient } from '../../client/client.ts';
import { describeEvent } from '../../client/command/describe.ts';
import { parse, program, run } from '../tools/program.ts';
import { LocalBank } from './bank.ts';
import { freePorts } from './free-ports.ts';
import { playSession } from './session.ts';

/**
 * The program behind `npm run demo`: plays the tutorial's session against a fresh bank of its own, on free ports and in
 * memory, so that it disturbs no bank that is running. Exits with 1 when an answer differs.
 */
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => interruption.abort());
}

await run(async () => {
  parse(
    program('npm run demo', "Plays the tutorial's session, and checks every answer."),
    process.argv.slice(2),
  );
  console.log('Starting a fresh bank ...');
  const bank = await LocalBank.start({
    dataFolder: null,
    ports: await freePorts(),
    signal: interruption.signal,
  });
  try {
    await using client = new BankClient({
      endpoints: bank.status(),
      onEvent: (event) => {
        const line = describeEvent(event);
        if (line !== undefined) {
          console.log(`  ${line}`);
        }
      },
    });
    const wrong = await playSession({ bank, client, say: console.log, signal: interruption.signal });
    console.log(wrong === 0 ? '\nEvery answer was right.' : `\n${wrong} answers were wrong.`);
    return wrong === 0 ? 0 : 1;
  } finally {
    await bank.stop();
  }
});
