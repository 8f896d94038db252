import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from '../../../infra/bundle.ts';

/** The folder that programs are named from. */
const BENCH = new URL('../', import.meta.url);

/**
 * Bundles a program, named as seen from test/bench, into a folder, and gives the file. A program in one file starts in a fraction
 * of the time, and its threads need no compiler.
 */
export async function bundleInto(folder: string, name: string, program: string): Promise<string> {
  const outFile = join(folder, `${name}.mjs`) as `${string}.mjs`;
  const entry = fileURLToPath(new URL(program, BENCH));
  await bundle({ entry, outFile, target: `node${Number.parseInt(process.versions.node, 10)}` });
  return outFile;
}
