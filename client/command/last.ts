import { join } from 'node:path';
import * as v from 'valibot';
import { accountSchema, keySchema } from '../contract/schemas.ts';
import type { EndpointOptions } from '../options.ts';
import type { CallCommand, Common } from './arguments.ts';
import type { CommandProcess } from './process.ts';
import { UsageError } from './usage.ts';

type Io = Pick<CommandProcess, 'environment' | 'readFile'>;

/** The last call that moved money, as it is stored: enough to know it again, and its key. */
const storedSchema = v.object({
  kind: v.string(),
  account: accountSchema,
  key: keySchema,
  endpoints: v.array(v.string()),
});

/** File of the last call, where programs keep their state; undefined for a user without a home. */
function fileOf(environment: NodeJS.ProcessEnv): string | undefined {
  const home = environment['HOME'];
  const state = environment['XDG_STATE_HOME'] || (home ? join(home, '.local', 'state') : undefined);
  return state === undefined ? undefined : join(state, 'twinbank', 'last.json');
}

/** Stores the key of a call that is about to be sent, in place of the one before. Where that fails, it is said and the call goes on. */
export function rememberCall(
  { kind, account, endpoints, json }: CallCommand,
  key: string,
  { environment, writeFile, err }: Pick<CommandProcess, 'environment' | 'writeFile' | 'err'>,
): void {
  const file = fileOf(environment);
  if (file === undefined) {
    return;
  }
  try {
    writeFile(file, JSON.stringify({ kind, account, key, endpoints: addressesOf(endpoints) }));
  } catch (error) {
    // The file still has the call before, and --last would be taken for this one.
    const message = `the key could not be stored for --last: ${error instanceof Error ? error.message : String(error)}`;
    err(json ? JSON.stringify({ event: 'warning', message }) : `bank: ${message}`);
  }
}

/** The key of the last call, if it was the same command on the same account of the same bank. Throws {@link UsageError}. */
export function recallKey(
  kind: CallCommand['kind'],
  account: string,
  { endpoints }: Pick<Common, 'endpoints'>,
  { environment, readFile }: Io,
): string {
  const file = fileOf(environment);
  const last = file === undefined ? undefined : readStored(file, readFile);
  if (last === undefined) {
    throw new UsageError(`--last: no call is stored${file === undefined ? '' : ` in ${file}`}`);
  }
  if (last.kind !== kind || last.account !== account) {
    throw new UsageError(`--last: expected ${last.kind} ${last.account}, which was the last call`);
  }
  // One of them is enough: a call can be finished in another Region.
  if (!addressesOf(endpoints).some((address) => last.endpoints.includes(address))) {
    throw new UsageError(`--last: the last call went to another bank, at ${last.endpoints.join(' and ')}`);
  }
  return last.key;
}

function readStored(
  file: string,
  readFile: CommandProcess['readFile'],
): v.InferOutput<typeof storedSchema> | undefined {
  try {
    return v.parse(storedSchema, JSON.parse(readFile(file)));
  } catch {
    return undefined;
  }
}

function addressesOf(endpoints: readonly EndpointOptions[]): readonly string[] {
  return endpoints.map(({ url }) => String(url));
}
