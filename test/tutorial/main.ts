import { paintFor } from '../../client/command/terminal.ts';
import { mintKey } from '../../client/key.ts';
import { awsEnvironment } from '../../infra/local/environment.ts';
import { Supervisor } from '../../infra/local/supervisor.ts';
import { interruption, nextScreen, parse, program, run, UsageError } from '../../infra/tools/program.ts';
import { demonstrate } from './demonstrate.ts';
import { SCENARIOS } from './scenarios.ts';

/**
 * The program behind `npm run without`: shows what goes wrong without a guard of the bank, and that it holds with it. Ends
 * with 1 when a scenario has not shown that.
 */
await run(async () => {
  const known = Object.keys(SCENARIOS);
  const command = program(
    'npm run without --',
    "Shows what goes wrong without one of the bank's guards, and that it goes right with it.",
  ).argument('[scenario...]', `any of ${known.join(', ')}; all of them when none is named`);
  parse(command, process.argv.slice(2));
  const unknown = command.args.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`scenario: expected one of ${known.join(', ')}, got ${JSON.stringify(unknown)}`);
  }
  const signal = interruption();
  const supervisor = await Supervisor.start({ dataFolder: null }, signal);
  try {
    const { endpoint } = supervisor;
    Object.assign(process.env, awsEnvironment(endpoint, 'us-east-1'));
    const paint = paintFor(process.stdout.isTTY === true, process.env);
    const ground = { endpoint, say: console.log, paint };
    let exitCode = 0;
    let isFirst = true;
    for (const [name, scenario] of Object.entries(SCENARIOS)) {
      if (command.args.length > 0 && !command.args.includes(name)) {
        continue;
      }
      if (!isFirst) {
        await nextScreen(signal);
      }
      isFirst = false;
      signal.throwIfAborted();
      if (!(await demonstrate(scenario, ground, mintKey))) {
        console.error('This did not show what it should: wrong without the guard, and right with it.');
        exitCode = 1;
      }
    }
    return exitCode;
  } finally {
    await supervisor.stop();
  }
});
