import { readFile } from 'node:fs/promises';
import { checkHistory } from './check.ts';
import { parseHistory } from './event.ts';

/** The program behind `npm run check:history -- FILE`. Ends with 1 unless every account is linearizable. */
const [file] = process.argv.slice(2);
if (file === undefined) {
  console.error('npm run check:history -- FILE');
  process.exit(2);
}
try {
  const { ok, accounts } = checkHistory(parseHistory(await readFile(file, 'utf8')));
  for (const { account, verdict, steps, tries, says } of accounts) {
    console.log(`${verdict.padEnd(12)}  ${account}  ${steps} steps, ${tries} tries: ${says}`);
  }
  process.exitCode = ok ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
