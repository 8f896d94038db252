import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { DATA_FOLDER } from '../../infra/local/folders.ts';
import { installInto, removeFolder } from './packed.ts';

/** The versions of Node that the client supports. */
export const NODE_MAJORS = [20, 22, 24] as const;

/** A Node to run programs with, or why there is none. */
export type FoundNode =
  | { readonly path: string; readonly version: string }
  | { readonly unavailable: string };

/**
 * Finds a Node of a major version: the running one, one that was fetched before, or one from npm. The packages come from
 * the release that the npm package `node` would install, without the script that it runs to do so.
 */
export async function nodeOf(major: number): Promise<FoundNode> {
  if (process.versions.node.startsWith(`${major}.`)) {
    return { path: process.execPath, version: process.version };
  }
  const folder = join(DATA_FOLDER, `node-${major}`);
  const name = `node-${process.platform}-${process.arch}`;
  const path = join(folder, 'node_modules', name, 'bin/node');
  if (!existsSync(path)) {
    await mkdir(DATA_FOLDER, { recursive: true });
    const fetched = await mkdtemp(`${folder}-`);
    try {
      await installInto(fetched, [`${name}@${major}`]);
      // Renames it in one step, so that a run that is killed leaves no half of a Node behind.
      await rename(fetched, folder);
    } catch (error) {
      await removeFolder(fetched);
      // Another run may have fetched it meanwhile.
      if (!existsSync(path)) {
        const [reason] = /(?<=npm error code )\S+/.exec(String(error)) ?? [String(error).split('\n', 1)[0]];
        return { unavailable: `Node ${major} could not be fetched from npm: ${reason}` };
      }
    }
  }
  return { path, version: execFileSync(path, ['--version'], { encoding: 'utf8' }).trim() };
}
