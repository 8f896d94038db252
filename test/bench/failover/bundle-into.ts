import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from '../../../infra/bundle.ts';

/**
 * Bundles a program, named as seen from here, into a folder, and gives the file. A program in one file starts in a fraction
 * of the time, and its threads need no compiler.
 */
export async function bundleInto(folder: string, name: string, program: string): Promise<string> {
  const outFile = join(folder, `${name}.mjs`) as `${string}.mjs`;
  const entry = fileURLToPath(new URL(program, import.meta.url));
  await bundle({ entry, outFile, target: `node${Number.parseInt(process.versions.node, 10)}` });
  return outFile;
}
