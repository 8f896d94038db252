import { parseArgs } from 'node:util';
import { ReleaseError } from './errors.ts';
import { release } from './release.ts';
import { ask, show } from './run.ts';

/** The program behind `npm run release`, which npm starts in the folder of the project. */
const USAGE = `Makes a release in this checkout: versions, changelog, npm test, a commit and a tag. Pushes nothing.

  npm run release -- patch           the next patch version; or minor, or major
  npm run release -- X.Y.Z           this version
  npm run release -- patch --dry-run only say what would be done`;

// Ctrl-C reaches npm test as well, whose failure puts the files back; this process has to live until it has done so.
process.on('SIGINT', () => undefined);

try {
  const { wanted, dryRun, help } = readArguments(process.argv.slice(2));
  if (help) {
    console.log(USAGE);
  } else {
    const folder = process.cwd();
    await release({
      folder,
      wanted,
      dryRun,
      date: new Date().toISOString().slice(0, 10),
      ask: (program, args) => ask(folder, program, args),
      show: (program, args) => show(folder, program, args),
      say: console.log,
    });
  }
} catch (error) {
  const told = error instanceof ReleaseError;
  console.error(told ? `release: ${error.code.replaceAll('_', ' ')}: ${error.message}` : error);
  process.exitCode = told && error.code === 'bad_argument' ? 2 : 1;
}

function readArguments(words: readonly string[]): { wanted: string; dryRun: boolean; help: boolean } {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      strict: true,
      allowPositionals: true,
      options: {
        'dry-run': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const [wanted = '', ...rest] = positionals;
    if (rest.length > 0) throw new Error(`${JSON.stringify(rest[0])} is too much`);
    return { wanted, dryRun: values['dry-run'], help: values.help };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new ReleaseError('bad_argument', `${message} (--help tells what there is).`, { cause: error });
  }
}
