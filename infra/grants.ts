import * as v from 'valibot';
import { accountSchema, OPERATIONS, type Operation, pathOf } from '../client/contract/schemas.ts';

/** What a caller may be allowed, by the names of the client's methods. */
export const GRANTABLE = (Object.keys(OPERATIONS) as Operation[]).filter((name) => OPERATIONS[name].grant);

/** Operations on accounts. */
export interface Grant {
  /** One or more operations, or `['all']`: everything but `accounts`, which tells of everybody and is granted by name, on `*`. */
  readonly operations: readonly (Operation | 'all')[];
  /**
   * Names of accounts, 1 to 50. A name may end in `*`, which stands for any end of it: `wallet-*` is every account whose
   * name starts with `wallet-`, and `*` is every account.
   */
  readonly accounts: readonly string[];
}

/** A caller and what it may do. */
export interface CallerGrants {
  /** Name of the IAM role, in the bank's AWS account, that calls. */
  readonly role: string;
  readonly grants: readonly Grant[];
}

/** `*` may stand at the end only: anywhere else it would match more than anybody reads into it. */
const accountPatternSchema = v.pipe(
  v.string(),
  v.check(
    (text) => text === '*' || v.is(accountSchema, text.replace(/\*$/, '')),
    'accounts are names of accounts; only the last character may be *',
  ),
);

/** A caller in the configuration. */
export const callerSchema = v.strictObject({
  role: v.pipe(v.string(), v.regex(/^[\w+=,.@-]{1,64}$/, 'role is the name of an IAM role, not its ARN')),
  grants: v.pipe(
    v.array(
      v.strictObject({
        operations: v.pipe(
          v.array(v.picklist([...GRANTABLE, 'all'], `operations are ${GRANTABLE.join(', ')}, or all`)),
          v.minLength(1, 'a grant needs operations'),
        ),
        accounts: v.pipe(
          v.array(accountPatternSchema),
          v.minLength(1, 'a grant needs accounts'),
          v.maxLength(50, 'a grant has at most 50 accounts'),
        ),
      }),
    ),
    v.minLength(1, 'a caller needs grants'),
    v.maxLength(20, 'a caller has at most 20 grants'),
  ),
});

/** The callers of the configuration: each role once, or one policy could take away what the other gives. */
export const callersSchema = v.pipe(
  v.array(callerSchema),
  v.maxLength(50, 'at most 50 callers'),
  v.check(
    (callers) => new Set(callers.map(({ role }) => role)).size === callers.length,
    'each role is named once, with all its grants',
  ),
);

/** Methods and paths below a stage, as they stand in the resource of an `execute-api:Invoke`. */
export interface InvokeResources {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

/** The grants cannot be put into a policy that gives exactly them. */
export class GrantError extends Error {
  override readonly name = 'GrantError';
  readonly code = 'grant_not_exact';
}

/** Operations whose requests `GET /accounts/wallet-*` would also match. */
const BELOW_BALANCE = GRANTABLE.filter(
  (name) =>
    OPERATIONS[name].method === 'GET' && OPERATIONS[name].path.startsWith(`${OPERATIONS.balance.path}/`),
);

/**
 * Says which requests the grants stand for, exactly.
 *
 * In a policy `*` also matches `/`, so "the balance of `wallet-*`" would take in every path below such an account that is
 * asked for with GET, which are recorded replies and statements. Unless those are granted as well, they are denied; a policy
 * can express that as long as they are granted for all of these accounts or for none.
 *
 * The health of a Region is open to every caller: a client that cannot ask for it never returns to its preferred Region.
 *
 * Throws {@link GrantError} where one of them is granted for some of the accounts behind a `*` only, or the list of all
 * accounts for some of them.
 */
export function invokeResources(grants: readonly Grant[]): InvokeResources {
  const accountsOf = (operation: Operation) =>
    grants
      .filter(
        ({ operations }) =>
          operations.includes(operation) || (operations.includes('all') && isOfOneAccount(operation)),
      )
      .flatMap(({ accounts }) => accounts);
  for (const operation of GRANTABLE.filter((name) => !isOfOneAccount(name))) {
    const part = accountsOf(operation).find((account) => account !== '*');
    if (part !== undefined) {
      throw new GrantError(`${operation} is granted on ${part}, and tells of all accounts; grant it on *`);
    }
  }
  const allow = GRANTABLE.flatMap((operation) =>
    accountsOf(operation).map((account) => requestOf(operation, account)),
  );
  const patterns = accountsOf('balance').filter((pattern) => pattern.endsWith('*'));
  const deny = BELOW_BALANCE.flatMap((operation) => {
    const granted = accountsOf(operation);
    return patterns
      .filter((pattern) => !granted.some((other) => covers(other, pattern)))
      .map((pattern) => denied(operation, pattern, granted));
  });
  return { allow: unique([requestOf('health', ''), ...allow]), deny: unique(deny) };
}

function isOfOneAccount(operation: Operation): boolean {
  return OPERATIONS[operation].path.includes('{account}');
}

/** A request of an operation. A key is the caller's own secret, so every one of them will do. */
function requestOf(operation: Operation, account: string): string {
  return `${OPERATIONS[operation].method}${pathOf(operation, { account, key: '*' })}`;
}

function denied(operation: Operation, pattern: string, granted: readonly string[]): string {
  const within = granted.find((other) => covers(pattern, other));
  if (within !== undefined) {
    throw new GrantError(
      `balance is granted on ${pattern} and ${operation} on ${within}, which is only a part of it; grant ${operation} on ${pattern} as well, or balance on less`,
    );
  }
  return requestOf(operation, pattern);
}

/** True when every account that `inner` stands for is one that `outer` stands for. */
function covers(outer: string, inner: string): boolean {
  return outer === inner || (outer.endsWith('*') && inner.startsWith(outer.slice(0, -1)));
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}
