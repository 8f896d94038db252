import { join } from 'node:path';
import * as v from 'valibot';
import { accountSchema, keySchema } from '../contract/schemas.ts';
import type { EndpointOptions } from '../options.ts';
import type { CallCommand, Common } from './arguments.ts';
import { messageOf } from './describe.ts';
import type { CommandProcess } from './process.ts';
import { UsageError } from './usage.ts';

/** The last call with a key, as it is stored: its key, and what is needed to recognize its command. */
const storedSchema = v.object({
  kind: v.string(),
  account: accountSchema,
  key: keySchema,
  endpoints: v.array(v.string()),
});

/** The file of the last call, in the user's folder for state; undefined if the user has no home folder. */
function fileOf(environment: NodeJS.ProcessEnv): string | undefined {
  const home = environment['HOME'];
  const state = environment['XDG_STATE_HOME'] || (home ? join(home, '.local', 'state') : undefined);
  return state === undefined ? undefined : join(state, 'twinbank', 'last.json');
}

/** Stores the key of a call before it is sent, in place of the one before. If that fails, it prints a warning, and the call continues. */
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
    // Without the warning, the user would not know that --last means an earlier call.
    const message = `the key could not be stored for --last: ${messageOf(error)}`;
    err(json ? JSON.stringify({ event: 'warning', message }) : `bank: ${message}`);
  }
}

/** Returns the key of the last call, if it was the same command for the same account of the same bank. Throws {@link UsageError}. */
export function recallKey(
  kind: CallCommand['kind'],
  account: string,
  { endpoints }: Pick<Common, 'endpoints'>,
  { environment, readFile }: Pick<CommandProcess, 'environment' | 'readFile'>,
): string {
  const file = fileOf(environment);
  const last = file === undefined ? undefined : readStored(file, readFile);
  if (last === undefined) {
    throw new UsageError(`--last: no call is stored${file === undefined ? '' : ` in ${file}`}`);
  }
  if (last.kind !== kind || last.account !== account) {
    throw new UsageError(
      `--last: the last call was ${last.kind} ${last.account}. Repeat that command, or use --key`,
    );
  }
  // One common address is enough, because a call can be finished in another Region.
  if (!addressesOf(endpoints).some((address) => last.endpoints.includes(address))) {
    throw new UsageError(`--last: the last call went to another bank, at ${last.endpoints.join(' and ')}`);
  }
  return last.key;
}

function readStored(file: string, readFile: CommandProcess['readFile']) {
  try {
    return v.parse(storedSchema, JSON.parse(readFile(file)));
  } catch {
    return undefined;
  }
}

function addressesOf(endpoints: readonly EndpointOptions[]): readonly string[] {
  return endpoints.map(({ url }) => String(url));
}
