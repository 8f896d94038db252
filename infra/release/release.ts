import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ReleaseError } from './errors.ts';
import { isPrivate, releaseChangelog, versionIn, withVersion, withVersionInLock } from './texts.ts';
import { nextVersion } from './version.ts';

/** Branch that releases are made from. */
const BRANCH = 'main';

/** The packages that are published. */
const PUBLISHED = ['client/package.json', 'client/command/package.json'] as const;

/** What a release is made with. */
export interface ReleaseParts {
  /** Folder of the project. */
  readonly folder: string;
  /** `patch`, `minor`, `major`, or a version. */
  readonly wanted: string;
  /** Says what would be done, and does nothing. */
  readonly dryRun: boolean;
  /** Today, as YYYY-MM-DD. */
  readonly date: string;
  /** Runs a program in the folder and gives what it prints. Rejects when it fails. */
  readonly ask: (program: string, args: readonly string[]) => Promise<string>;
  /** Runs a program in the folder, with its output on the screen. Rejects when it fails. */
  readonly show: (program: string, args: readonly string[]) => Promise<void>;
  readonly say: (line: string) => void;
}

/** A file of the project as it will be. */
interface Rewritten {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/**
 * Makes a release in this checkout: versions, changelog, tests, one commit and one tag. It pushes and publishes nothing, and
 * says which commands would. When it fails, the files are as they were.
 */
export async function release(parts: ReleaseParts): Promise<void> {
  const { dryRun, ask, show, say } = parts;
  await refuseDirtyTree(ask);
  await refuseOtherBranch(ask);
  const { version, entries, files, published } = await rewrite(parts);
  const tag = `v${version}`;
  await refuseTakenTag(ask, tag);

  if (dryRun) {
    say(`Would release ${version}, from ${files.map(({ path }) => path).join(', ')}, with these entries:`);
    say(`\n${entries}\n`);
    say(`Would then run npm test, commit, and tag ${tag}. Nothing was changed.`);
    return;
  }
  try {
    await write(parts, files, 'after');
    await show('npm', ['test']);
    await ask('git', ['add', '--', ...files.map(({ path }) => path)]);
    await ask('git', ['commit', '--quiet', '--message', `Release ${version}`]);
  } catch (error) {
    await write(parts, files, 'before');
    await ask('git', ['reset', '--quiet']);
    throw failed(error, 'Nothing was committed, and the files are as they were.');
  }
  const tagging = ['tag', '--annotate', tag, '--message', `Twinbank ${version}`];
  await ask('git', tagging).catch((error: unknown) => {
    throw failed(error, `The release is committed and not tagged: mend that, and tag the commit ${tag}.`);
  });
  say(`Released ${version} here: one commit, tagged ${tag}. Nothing was pushed or published; to do so:`);
  say(`  git push --atomic origin ${BRANCH} ${tag}`);
  for (const { path, isPrivate } of published) {
    say(`  npm publish --workspace ${dirname(path)}`);
    if (isPrivate) say(`  (which npm will refuse while ${path} says "private": true)`);
  }
}

async function rewrite({ folder, wanted, date }: ReleaseParts) {
  const read = (path: string) => readFile(join(folder, path), 'utf8');
  const changed = async (path: string, change: (text: string) => string): Promise<Rewritten> => {
    const before = await read(path);
    return { path, before, after: change(before) };
  };
  const version = nextVersion(versionIn(await read('package.json')), wanted);
  const { text, entries } = releaseChangelog(await read('CHANGELOG.md'), version, date);
  const files = [
    await changed('CHANGELOG.md', () => text),
    await changed('package.json', (manifest) => withVersion(manifest, version)),
    ...(await Promise.all(
      PUBLISHED.map((path) => changed(path, (manifest) => withVersion(manifest, version))),
    )),
    await changed('package-lock.json', (lock) => withVersionInLock(lock, version)),
  ];
  const published = await Promise.all(
    PUBLISHED.map(async (path) => ({ path, isPrivate: isPrivate(await read(path)) })),
  );
  return { version, entries, files, published };
}

async function write(
  { folder }: ReleaseParts,
  files: readonly Rewritten[],
  state: 'before' | 'after',
): Promise<void> {
  for (const file of files) await writeFile(join(folder, file.path), file[state]);
}

function failed(error: unknown, state: string): ReleaseError {
  const message = error instanceof Error ? error.message : String(error);
  return new ReleaseError('command_failed', `${message} ${state}`, { cause: error });
}

async function refuseDirtyTree(ask: ReleaseParts['ask']): Promise<void> {
  const changes = await ask('git', ['status', '--porcelain']);
  if (changes === '') return;
  const [first = ''] = changes.split('\n');
  throw new ReleaseError(
    'dirty_tree',
    `Something is not committed (${first.trim()}): commit or stash it, so that the release is what was tested.`,
  );
}

async function refuseOtherBranch(ask: ReleaseParts['ask']): Promise<void> {
  const branch = (await ask('git', ['rev-parse', '--abbrev-ref', 'HEAD'])).trim();
  if (branch === BRANCH) return;
  throw new ReleaseError('wrong_branch', `Releases are made from ${BRANCH}, and this is ${branch}.`);
}

async function refuseTakenTag(ask: ReleaseParts['ask'], tag: string): Promise<void> {
  if ((await ask('git', ['tag', '--list', tag])) === '') return;
  throw new ReleaseError('tag_exists', `There is a tag ${tag} already: take a higher version.`);
}
