import { Supervisor } from '../../../infra/local/supervisor.ts';
import { parse, program, run, UsageError, wholeOption } from '../../../infra/tools/program.ts';
import { MUTANTS } from './mutants.ts';
import { type Mutant, type Verdict, Workshop } from './workshop.ts';

/** Workshops at once. A run takes about one core. */
const WORKSHOPS = 2;

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => interrupted.abort());
}

/**
 * The program behind `npm run mutants`: removes each line that keeps a promise, one at a time, and expects the simulation or a
 * test to fail. Exits with 1 if a mutant is not noticed, or if something fails without any.
 */
await run(async () => {
  const command = program(
    'npm run mutants --',
    'Removes each line that keeps a promise, and expects a test to fail.',
  )
    .argument('[word]', 'try only mutants with this word in their text or file')
    .addOption(wholeOption('--one-in <count>', 'try one mutant of this many', 1, 100).default(1))
    .addOption(
      wholeOption('--from <number>', 'which one of them, such as the day of the month', 0, 1000).default(0),
    );
  const { oneIn, from } = parse<{ oneIn: number; from: number }>(command, process.argv.slice(2));
  const [word = ''] = command.args;
  const chosen = MUTANTS.filter(({ removes, file }) => `${removes} ${file}`.includes(word)).filter(
    (_, index) => (index + from) % oneIn === 0,
  );
  if (chosen.length === 0) {
    throw new UsageError(`word: no mutant has ${JSON.stringify(word)} in its text or file`);
  }
  const supervisor = await Supervisor.start({ dataFolder: null });
  const environment = { DYNAMODB_ENDPOINT: supervisor.endpoint };
  const workshops = await Promise.all(Array.from({ length: WORKSHOPS }, () => Workshop.open(environment)));
  try {
    return await tryAll(chosen, workshops);
  } finally {
    await Promise.all(workshops.map((workshop) => workshop.close()));
    await supervisor.stop();
  }
});

async function tryAll(chosen: readonly Mutant[], workshops: readonly Workshop[]): Promise<number> {
  const catchers = [...new Set(chosen.map(({ caughtBy }) => caughtBy))];
  const red: string[] = [];
  await share(workshops, catchers, async (workshop, catcher) => {
    const verdict = await workshop.run(catcher);
    if (verdict.caught) {
      red.push(`${catcher} fails without any mutant: ${verdict.by}`);
    }
  });
  let caught = 0;
  await share(workshops, chosen, async (workshop, mutant) => {
    const verdict = await workshop.try(mutant);
    caught += verdict.caught ? 1 : 0;
    console.log(lineOf(mutant, verdict));
  });
  for (const line of red) {
    console.log(line);
  }
  console.log(`${caught} of ${chosen.length} mutants were caught.`);
  return caught < chosen.length || red.length > 0 || interrupted.signal.aborted ? 1 : 0;
}

/** Works through a list in all workshops at once. */
async function share<T>(
  workshops: readonly Workshop[],
  list: readonly T[],
  work: (workshop: Workshop, item: T) => Promise<void>,
): Promise<void> {
  const left = list.values();
  await Promise.all(
    workshops.map(async (workshop) => {
      for (const item of left) {
        if (!interrupted.signal.aborted) {
          await work(workshop, item);
        }
      }
    }),
  );
}

function lineOf({ removes, keeps, caughtBy }: Mutant, { caught, by, seconds }: Verdict): string {
  const verdict = caught ? 'caught   ' : 'UNNOTICED';
  return `${verdict}  ${keeps.padEnd(12)}  without ${removes}\n           ${caughtBy}, ${seconds.toFixed(0)} s: ${by}`;
}
