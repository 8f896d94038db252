import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROJECT_FOLDER } from '../../infra/local/folders.ts';

const run = promisify(execFile);

/** The packages that are published, by their folders. */
export type PackageFolder = 'client' | 'client/command';

/** A package, as `npm publish` would publish it. */
export interface Packed {
  /** Folder with the tarball and the copy of the package. */
  readonly folder: string;
  readonly tarball: string;
  /** Paths of the files in the tarball. */
  readonly files: readonly string[];
}

/**
 * Packs a package in a copy of its folder, without build results, as in a new clone. Packing builds the package, and a build in the folder
 * itself would remove the command while other tests use it.
 */
export async function pack(packageFolder: PackageFolder): Promise<Packed> {
  const folder = await mkdtemp(join(tmpdir(), 'twinbank-package-'));
  const isSource = (path: string) => !/\/client\/(command\/)?(dist|node_modules)(\/|$)/.test(path);
  await cp(join(PROJECT_FOLDER, 'client'), join(folder, 'client'), { recursive: true, filter: isSource });
  for (const path of ['functions', 'tsconfig.json']) {
    await cp(join(PROJECT_FOLDER, path), join(folder, path), { recursive: true });
  }
  await symlink(join(PROJECT_FOLDER, 'node_modules'), join(folder, 'node_modules'));
  // Results of an earlier build must not be packed.
  const built = join(folder, packageFolder, 'dist');
  await mkdir(built);
  await writeFile(join(built, 'left-over.js'), '');
  const { stdout } = await npm(join(folder, packageFolder), ['pack', '--json', '--pack-destination', folder]);
  const [report] = Object.values(JSON.parse(stdout.slice(stdout.search(/^[[{]/m)))) as [
    { filename: string; files: { path: string }[] },
  ];
  return {
    folder,
    tarball: join(folder, report.filename),
    files: report.files.map(({ path }) => path).sort(),
  };
}

/** The modules of the library, as paths below its folder. */
export function clientSources(): string[] {
  const modules = readdirSync(join(PROJECT_FOLDER, 'client')).filter((path) => path.endsWith('.ts'));
  return [...modules, 'contract/formats.ts', 'contract/operations.ts', 'contract/problems.ts'];
}

/** Installs packages into an empty project, from the cache of npm if possible, and returns the project's folder. */
export async function installInto(folder: string, packages: readonly string[]): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  await npm(folder, [
    'install',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--fetch-retries=1',
    ...packages,
  ]);
  return folder;
}

/** Removes a folder and all that is in it. */
export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** Longest time for npm, in case the registry does not answer. */
const NPM_TIMEOUT_MS = 30_000;

async function npm(folder: string, args: readonly string[]): Promise<{ stdout: string }> {
  return await run('npm', [...args], { cwd: folder, timeout: NPM_TIMEOUT_MS });
}
