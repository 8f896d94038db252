import { parseArgs } from 'node:util';
import { UsageError } from '../../client/command/usage.ts';

export const USAGE = `Measures the bank beside what people would pick instead, on this machine.

  npm run bench -- --quick --json FILE

  --quick        a look, in two or three minutes; otherwise everything, in twenty minutes
  --json FILE    write everything that was measured, the summary first
  --html FILE    write the page with plots elsewhere (.twinbank/bench.html)
  --seed N       repeat what an earlier run left to chance: 0 to 2147483647
  --help         print this

What counts are ratios of things that were measured in turns, in one run; absolute figures hold for
one machine. Leave the machine alone meanwhile.

Exit codes
  0  measured; the table says which goals were reached
  1  it could not be measured
  2  the command line is wrong; nothing was done`;

/** What the command line of `npm run bench` asks for. */
export type BenchCommand =
  | { readonly kind: 'help' }
  | {
      readonly kind: 'quick' | 'full';
      readonly jsonFile: string | undefined;
      readonly htmlFile: string;
      /** Undefined leaves it to chance. */
      readonly seed: number | undefined;
    };

const MAX_SEED = 2 ** 31 - 1;

/** Reads the command line. Throws {@link UsageError}. */
export function readBench(args: readonly string[], defaultHtmlFile: string): BenchCommand {
  const values = parse(args);
  if (values.help) return { kind: 'help' };
  if (values.json === '' || values.html === '') throw new UsageError('--json and --html are names of files');
  return {
    kind: values.quick ? 'quick' : 'full',
    jsonFile: values.json,
    htmlFile: values.html ?? defaultHtmlFile,
    seed: values.seed === undefined ? undefined : seedIn(values.seed),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      strict: true,
      allowPositionals: false,
      options: {
        quick: { type: 'boolean', default: false },
        json: { type: 'string' },
        html: { type: 'string' },
        seed: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function seedIn(text: string): number {
  const seed = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (seed <= MAX_SEED) return seed;
  throw new UsageError(`--seed is a whole number from 0 to ${MAX_SEED}, not ${JSON.stringify(text)}`);
}
