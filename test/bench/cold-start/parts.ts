import type { Metafile } from 'esbuild';

/** What one package, or one folder of this project, is of a bundle. */
export interface Part {
  readonly name: string;
  readonly bytes: number;
}

/** Tells a bundle's bytes by the package that they come from, the largest part first. */
export function partsOf({ outputs }: Metafile): Part[] {
  const modules = Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs));
  const bytesByName = new Map<string, number>();
  for (const [path, { bytesInOutput }] of modules) {
    const name = packageOf(path);
    bytesByName.set(name, (bytesByName.get(name) ?? 0) + bytesInOutput);
  }
  return [...bytesByName]
    .map(([name, bytes]) => ({ name, bytes }))
    .toSorted((one, other) => other.bytes - one.bytes || one.name.localeCompare(other.name));
}

/** A package inside of another one's `node_modules` is told by its own name. */
function packageOf(path: string): string {
  const [, inside] = /^.*node_modules\/(.*)$/.exec(path) ?? [];
  if (inside === undefined) return `${path.split('/', 1)[0]}/`;
  return inside.split('/', inside.startsWith('@') ? 2 : 1).join('/');
}
