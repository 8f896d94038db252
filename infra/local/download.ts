import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { firstLine, LocalBankError } from './errors.ts';
import { DATA_FOLDER, PROJECT_FOLDER } from './folders.ts';

/** The npm package that carries Amazon's own jar. Nothing else of it is wanted, least of all its dependencies. */
const PACKAGE = 'amplify-dynamodb-simulator@2.9.30';
const TARBALL = 'amplify-dynamodb-simulator-2.9.30.tgz';
const SHA512 = 'xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ==';

/** Version of the DynamoDB Local in that package. */
export const JAR_VERSION = '1.25.1';

const DOWNLOAD_TIMEOUT_MS = 300_000;

const run = promisify(execFile);

/** Folder with Amazon's jar. It is fetched once and shared by all data folders. */
export async function jarFolder(signal: AbortSignal): Promise<string> {
  const folder = join(DATA_FOLDER, `dynamodb-local-${JAR_VERSION}`);
  if (!existsSync(folder)) await download(folder, signal);
  return folder;
}

/**
 * Fetches through npm's own command, because it knows the user's registry, proxy and certificates. The folder appears
 * under its name complete or not at all, so neither a crash nor two downloads at once can leave half of it.
 */
async function download(folder: string, signal: AbortSignal): Promise<void> {
  console.error('Fetching DynamoDB Local from the npm registry, 54 MB, this once.');
  await mkdir(DATA_FOLDER, { recursive: true });
  const unfinished = await mkdtemp(`${folder}-`);
  try {
    const limits = { cwd: PROJECT_FOLDER, signal, timeout: DOWNLOAD_TIMEOUT_MS };
    await run(
      'npm',
      ['pack', PACKAGE, '--ignore-scripts', '--loglevel=error', '--pack-destination', unfinished],
      limits,
    );
    await verify(join(unfinished, TARBALL));
    await run('tar', ['-xzf', TARBALL, 'package/emulator'], { ...limits, cwd: unfinished });
    await rename(join(unfinished, 'package', 'emulator'), folder);
  } catch (error) {
    // Somebody else's download may have come first; then theirs is as good.
    if (existsSync(folder)) return;
    throw new LocalBankError(
      'download_failed',
      `Cannot fetch DynamoDB Local from the npm registry (${reason(error)}): try again with a connection, or use a container engine.`,
      { cause: error },
    );
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function verify(file: string): Promise<void> {
  const hash = createHash('sha512');
  await pipeline(createReadStream(file), hash);
  if (hash.digest('base64') !== SHA512) throw new Error(`${PACKAGE} is not the package that was pinned`);
}

/** npm says why on its standard error; the error that Node makes of it only repeats the command line. */
function reason(error: unknown): string {
  const text = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
  return firstLine(text.trim() || error).replace(/^npm (error|ERR!) /, '');
}
