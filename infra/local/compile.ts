import { randomUUID } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** As deep in the project as the sources, which find other files by addresses relative to their own. */
const FOLDER = fileURLToPath(new URL('../dist/', import.meta.url));

/**
 * Compiles a TypeScript program of this project for the Node that runs, and returns its file. A bank starts three processes,
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
  // Written under another name and renamed: a process that starts the program meanwhile reads all of it. The name is new each time,
  // because one process may compile the same program twice at once.
  const unfinished = `${file}.${randomUUID()}`;
  await writeFile(unfinished, outputFiles[0]?.contents ?? '');
  await rename(unfinished, file);
  return file;
}
