import { randomUUID } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** As deep in the project as the sources, which find other files by addresses relative to their own. */
const FOLDER = fileURLToPath(new URL('../dist/', import.meta.url));

/**
 * Compiles a TypeScript program of this project for the Node that runs, and gives its file. A bank starts three processes,
 * and each would otherwise spend half a second of processor time on a loader of TypeScript.
 */
export async function compile(program: URL): Promise<string> {
  const source = fileURLToPath(program);
  const { outputFiles } = await build({
    entryPoints: [source],
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: `node${Number.parseInt(process.versions.node, 10)}`,
    write: false,
    logLevel: 'silent',
  });
  const file = join(FOLDER, `${basename(source, '.ts')}.mjs`);
  await mkdir(FOLDER, { recursive: true });
  // In two steps, under a name of its own: what else compiles or starts it at this moment, in this process too, never has half a program.
  const unfinished = `${file}.${randomUUID()}`;
  await writeFile(unfinished, outputFiles[0]?.contents ?? '');
  await rename(unfinished, file);
  return file;
}
