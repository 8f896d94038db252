import { writeFile } from 'node:fs/promises';
import { parse, program, run } from '../tools/program.ts';
import { openApiText } from './document.ts';

const DESCRIPTION = 'Writes client/openapi.json, which is checked in, and which the local bank serves.';

/** The program behind `npm run openapi`. */
await run(async () => {
  parse(program('npm run openapi', DESCRIPTION), process.argv.slice(2));
  await writeFile(new URL('../../client/openapi.json', import.meta.url), openApiText());
  return 0;
});
