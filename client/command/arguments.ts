import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { accountSchema, amountSchema, keySchema, type Move } from '../contract.ts';
import type { EndpointOptions } from '../options.ts';
import type { ReadFile } from './outputs.ts';
import { findEndpoints } from './places.ts';
import { UsageError } from './usage.ts';

/** What the command line asks for. */
export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | (Common & { readonly kind: 'balance'; readonly account: string })
  | (Common & { readonly kind: 'cancel' | 'outcome'; readonly account: string; readonly key: string })
  | (Common & {
      readonly kind: Move;
      readonly account: string;
      readonly amountMinor: bigint;
      readonly key: string | undefined;
    });

interface Common {
  /** The preferred one first. */
  readonly endpoints: readonly EndpointOptions[];
  readonly timeoutMs: number;
  readonly json: boolean;
  readonly verbose: boolean;
}

/** Shorter than the client's own: somebody is watching a prompt. */
const DEFAULT_TIMEOUT_MS = 5000;

/** Reads the command line and the environment. Throws {@link UsageError}. */
export function readCommand(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  readFile: ReadFile,
): Command {
  const { values, positionals } = parse(args);
  if (values.help) {
    return { kind: 'help' };
  }
  if (values.version) {
    return { kind: 'version' };
  }
  const [kind, account, amount, ...rest] = positionals;
  const common = {
    endpoints: findEndpoints(values, environment, readFile),
    timeoutMs: readTimeoutMs(values['timeout-ms']),
    json: values.json,
    verbose: values.verbose,
  };
  switch (kind) {
    case undefined:
      throw new UsageError('say what to do: deposit, withdraw, balance, cancel or outcome');
    case 'balance':
      if (amount !== undefined) {
        throw new UsageError('balance takes one account and nothing else');
      }
      if (values.key !== undefined) {
        throw new UsageError('balance takes no --key: asking twice does no harm');
      }
      return { ...common, kind, account: check(accountSchema, account, 'ACCOUNT') };
    case 'cancel':
    case 'outcome':
      if (rest.length > 0 || values.key !== undefined) {
        throw new UsageError(`${kind} takes one account and one key: ${kind} ACCOUNT KEY`);
      }
      return {
        ...common,
        kind,
        account: check(accountSchema, account, 'ACCOUNT'),
        key: check(keySchema, amount, 'KEY'),
      };
    case 'deposit':
    case 'withdraw':
      if (rest.length > 0) {
        throw new UsageError(
          `${kind} takes one account and one amount; ${JSON.stringify(rest[0])} is too much`,
        );
      }
      return {
        ...common,
        kind,
        account: check(accountSchema, account, 'ACCOUNT'),
        amountMinor: check(amountSchema, amount, 'AMOUNT'),
        key: values.key === undefined ? undefined : check(keySchema, values.key, '--key'),
      };
    default:
      throw new UsageError(
        `${JSON.stringify(kind)} is none of deposit, withdraw, balance, cancel and outcome`,
      );
  }
}

function parse(args: readonly string[]) {
  // A negative amount would otherwise be taken for a row of short options, and the message would be about those.
  const negative = args.find((argument) => /^-\d/.test(argument));
  if (negative !== undefined) {
    throw new UsageError(`AMOUNT: ${JSON.stringify(negative)} will not do: an amount has no sign`);
  }
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      strict: true,
      options: {
        key: { type: 'string' },
        endpoint: { type: 'string', multiple: true },
        outputs: { type: 'string' },
        bank: { type: 'string' },
        region: { type: 'string' },
        'timeout-ms': { type: 'string' },
        json: { type: 'boolean', default: false },
        verbose: { type: 'boolean', short: 'v', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        version: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function check<Schema extends v.GenericSchema>(
  schema: Schema,
  input: string | undefined,
  name: string,
): v.InferOutput<Schema> {
  if (input === undefined) {
    throw new UsageError(`${name} is missing`);
  }
  const result = v.safeParse(schema, input);
  if (!result.success) {
    throw new UsageError(`${name}: ${JSON.stringify(input)} will not do: ${result.issues[0].message}`);
  }
  return result.output;
}

function readTimeoutMs(text: string | undefined): number {
  if (text === undefined) {
    return DEFAULT_TIMEOUT_MS;
  }
  if (!/^[1-9]\d{0,8}$/.test(text)) {
    throw new UsageError(`--timeout-ms: ${JSON.stringify(text)} is not a whole number of milliseconds`);
  }
  return Number(text);
}
