import { readFile } from 'node:fs/promises';
import { parse, program, run } from '../../../infra/tools/program.ts';
import { checkHistory } from './check.ts';
import { parseHistory } from './event.ts';

/** The program behind `npm run check:history -- FILE`. Ends with 1 unless every account is linearizable. */
await run(async () => {
  const command = program('npm run check:history --', 'Checks a history for linearizability.').argument(
    '<file>',
    'the history (test/proof/history/FORMAT.md)',
  );
  parse(command, process.argv.slice(2));
  const { ok, accounts } = checkHistory(parseHistory(await readFile(String(command.args[0]), 'utf8')));
  for (const { account, verdict, steps, tries, finding } of accounts) {
    console.log(`${verdict.padEnd(12)}  ${account}  ${steps} steps, ${tries} tries: ${finding}`);
  }
  return ok ? 0 : 1;
});
