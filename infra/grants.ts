import * as v from 'valibot';
import { accountSchema, OPERATIONS, type Operation, pathOf } from '../client/contract/schemas.ts';

/** What a caller may be allowed, by the names of the client's methods. */
export const GRANTABLE = (Object.keys(OPERATIONS) as Operation[]).filter((name) => OPERATIONS[name].grant);

/** Operations on accounts. */
export interface Grant {
  /**
   * One or more operations, or `['all']`: everything but `accounts`, which lists all accounts and is granted on `*`, and `setStatus`, which
   * freezes accounts. These two are granted by name.
   */
  readonly operations: readonly (Operation | 'all')[];
  /**
   * Names of accounts, 1 to 50. A name may end in `*`, which matches any end of it: `wallet-*` is every account whose
   * name starts with `wallet-`, and `*` is every account.
   */
  readonly accounts: readonly string[];
  /** Accounts that `transfer` and `captureTo` may pay, named in the same way. Default: all of them. */
  readonly to?: readonly string[];
}

/** A caller and what it may do. */
export interface CallerGrants {
  /** Name of the IAM role, in the bank's AWS account, that calls. */
  readonly role: string;
  readonly grants: readonly Grant[];
}

/** `*` is allowed at the end only: elsewhere it would match more than a reader expects. */
const accountPatternSchema = v.pipe(
  v.string(),
  v.check(
    (text) => text === '*' || v.is(accountSchema, text.replace(/\*$/, '')),
    'accounts are names of accounts; only the last character may be *',
  ),
);

const accountPatternsSchema = v.pipe(
  v.array(accountPatternSchema),
  v.minLength(1, 'a grant needs accounts'),
  v.maxLength(50, 'a grant has at most 50 accounts'),
);

/** A caller in the configuration. */
const callerSchema = v.strictObject({
  role: v.pipe(v.string(), v.regex(/^[\w+=,.@-]{1,64}$/, 'role is the name of an IAM role, not its ARN')),
  grants: v.pipe(
    v.array(
      v.strictObject({
        operations: v.pipe(
          v.array(v.picklist([...GRANTABLE, 'all'], `operations are ${GRANTABLE.join(', ')}, or all`)),
          v.minLength(1, 'a grant needs operations'),
        ),
        accounts: accountPatternsSchema,
        to: v.exactOptional(accountPatternsSchema),
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

/** No policy can express the grants exactly, or they need more policies than a role takes. */
export class GrantError extends Error {
  override readonly name = 'GrantError';
  readonly code: 'grant_not_exact' | 'grant_too_long';

  constructor(message: string, code: GrantError['code'] = 'grant_not_exact') {
    super(message);
    this.code = code;
  }
}

/** Operations whose requests `GET /accounts/wallet-*` also matches. */
const BELOW_BALANCE = GRANTABLE.filter(
  (name) =>
    OPERATIONS[name].method === 'GET' && OPERATIONS[name].path.startsWith(`${OPERATIONS.balance.path}/`),
);

/** Operations that pay another account. Its name is the last part of their path. */
const PAYING = GRANTABLE.filter((name) => OPERATIONS[name].path.endsWith('/{to}'));

/** Accounts of a request, or patterns of them. */
interface Named {
  readonly account: string;
  /** The account that is paid; empty where none is. */
  readonly to: string;
}

/** What an operation is granted on. */
type GrantedOf = (operation: Operation) => readonly Named[];

/**
 * Returns exactly the requests that the grants allow: methods and paths below a stage, as in the resource of an `execute-api:Invoke`.
 *
 * In a policy `*` also matches `/`, so "the balance of `wallet-*`" would include every other GET below such an account: recorded replies,
 * holds and statements. The policy denies those that are not granted as well. It can do so only if they are granted for all of these accounts
 * or for none. "Deposits to `wallet-*`" would include a transfer from such an account to one with the name `deposits`, which the policy
 * denies in the same way. Only there a policy may allow less than was granted.
 *
 * Every caller may ask for the health of a Region: a client that cannot never returns to its preferred Region.
 *
 * Throws {@link GrantError} if replies, holds or statements are granted for only some of the accounts of a `*`, if the list of all accounts
 * is granted for only some of them, or if `to` is given without an operation that pays.
 */
export function invokeResources(grants: readonly Grant[]) {
  const grantedOf: GrantedOf = (operation) =>
    grants
      .filter((grant) => isIn(grant, operation))
      .flatMap(({ accounts, to = ['*'] }) =>
        accounts.flatMap((account) =>
          (PAYING.includes(operation) ? to : ['']).map((each) => ({ account, to: each })),
        ),
      );
  checkList(grantedOf);
  checkPayees(grants);
  const allow = GRANTABLE.flatMap((operation) =>
    grantedOf(operation).map((named) => requestOf(operation, named)),
  );
  return {
    allow: unique([requestOf('health', { account: '', to: '' }), ...allow]),
    deny: unique([...belowBalance(grantedOf), ...lookalikes(grantedOf)]),
  };
}

function isIn({ operations }: Grant, operation: Operation): boolean {
  return (
    operations.includes(operation) ||
    (operations.includes('all') && OPERATIONS[operation].grant !== 'by_name')
  );
}

function isOfOneAccount(operation: Operation): boolean {
  return OPERATIONS[operation].path.includes('{account}');
}

function checkList(grantedOf: GrantedOf): void {
  for (const operation of GRANTABLE.filter((name) => !isOfOneAccount(name))) {
    const part = grantedOf(operation).find(({ account }) => account !== '*');
    if (part !== undefined) {
      throw new GrantError(
        `${operation} is granted on ${part.account}, but it lists all accounts; grant it on *`,
      );
    }
  }
}

function checkPayees(grants: readonly Grant[]): void {
  const idle = grants.find((grant) => grant.to !== undefined && !PAYING.some((name) => isIn(grant, name)));
  if (idle !== undefined) {
    throw new GrantError(
      `"to" is ${idle.to?.join(', ')}, but ${idle.operations.join(' and ')} pays no account; remove "to"`,
    );
  }
}

/** What the balance of accounts behind a `*` would include. */
function belowBalance(grantedOf: GrantedOf): readonly string[] {
  const patterns = grantedOf('balance').filter(({ account }) => account.endsWith('*'));
  return BELOW_BALANCE.flatMap((operation) => {
    const granted = grantedOf(operation);
    return patterns
      .filter((pattern) => !granted.some((other) => covers(other.account, pattern.account)))
      .map((pattern) => denied(operation, pattern, granted));
  });
}

function denied(operation: Operation, pattern: Named, granted: readonly Named[]): string {
  const within = granted.find((other) => covers(pattern.account, other.account));
  if (within !== undefined) {
    throw new GrantError(
      `an IAM policy cannot grant balance on ${pattern.account} and ${operation} on only a part of it (${within.account}); grant ${operation} on ${pattern.account} as well, or balance on fewer accounts`,
    );
  }
  return requestOf(operation, pattern);
}

/** Payments that other requests would include, because the account that is paid has the name of the end of their path. */
function lookalikes(grantedOf: GrantedOf): readonly string[] {
  return GRANTABLE.filter((other) => !PAYING.includes(other)).flatMap((other) =>
    grantedOf(other).flatMap(({ account, to }) => {
      const payment = { account, to: OPERATIONS[other].path.split('/').at(-1) ?? '' };
      return PAYING.filter(
        (operation) =>
          matches(requestOf(other, { account, to }), requestOf(operation, payment)) &&
          !grantedOf(operation).some(
            (each) => covers(each.account, payment.account) && covers(each.to, payment.to),
          ),
      ).map((operation) => requestOf(operation, payment));
    }),
  );
}

/** A request of an operation. Keys of calls and holds are the caller's own secrets, so it may name any of them. */
function requestOf(operation: Operation, named: Named): string {
  return `${OPERATIONS[operation].method}${pathOf(operation, { ...named, key: '*', hold: '*', call: '*' })}`;
}

/** True when `outer` matches every account that `inner` matches. */
function covers(outer: string, inner: string): boolean {
  return outer === inner || (outer.endsWith('*') && inner.startsWith(outer.slice(0, -1)));
}

/** True when a resource of a policy takes in a request, as IAM reads its `*`. */
function matches(resource: string, request: string): boolean {
  const parts = resource.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(request);
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}
