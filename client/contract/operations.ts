/**
 * The operations of the bank. The gateway's routes, the router, the grants, the client, the metrics, the dashboard and the OpenAPI document
 * are made from this table. A name in braces in a path is one segment: `account` and `to` are accounts, `key`, `hold` and `call` are keys,
 * and none of them needs escaping. Web pages load this table. They do not load `operation-reference.ts`, which describes each operation.
 *
 * `grant` says whether a caller can be granted the operation; with `by_name`, "all" does not include it. It is false for `health` alone, which
 * every caller of the gateway may call. `moves` is true for the operations that take the header `Idempotency-Key`: they move money, or change
 * the status of an account. A batch moves money, too, but has the keys of its calls in the body.
 */
export const OPERATIONS = {
  health: { method: 'GET', path: '/health', grant: false, moves: false },
  accounts: { method: 'GET', path: '/accounts', grant: 'by_name', moves: false },
  balance: { method: 'GET', path: '/accounts/{account}', grant: true, moves: false },
  entries: { method: 'GET', path: '/accounts/{account}/entries', grant: true, moves: false },
  deposit: { method: 'POST', path: '/accounts/{account}/deposits', grant: true, moves: true },
  withdraw: { method: 'POST', path: '/accounts/{account}/withdrawals', grant: true, moves: true },
  batch: { method: 'POST', path: '/accounts/{account}/batches', grant: true, moves: false },
  transfer: { method: 'POST', path: '/accounts/{account}/transfers/{to}', grant: true, moves: true },
  hold: { method: 'POST', path: '/accounts/{account}/holds', grant: true, moves: true },
  holds: { method: 'GET', path: '/accounts/{account}/holds', grant: true, moves: false },
  capture: { method: 'POST', path: '/accounts/{account}/holds/{hold}/captures', grant: true, moves: true },
  captureTo: {
    method: 'POST',
    path: '/accounts/{account}/holds/{hold}/captures/{to}',
    grant: true,
    moves: true,
  },
  void: { method: 'POST', path: '/accounts/{account}/holds/{hold}/voids', grant: true, moves: true },
  setStatus: { method: 'PUT', path: '/accounts/{account}/status', grant: 'by_name', moves: true },
  refund: { method: 'POST', path: '/accounts/{account}/refunds/{call}', grant: true, moves: true },
  outcome: { method: 'GET', path: '/accounts/{account}/replies/{key}', grant: true, moves: false },
  acknowledge: { method: 'DELETE', path: '/accounts/{account}/replies/{key}', grant: true, moves: false },
  cancel: { method: 'PUT', path: '/accounts/{account}/cancellations/{key}', grant: true, moves: false },
} as const;

/** Name of an operation. */
export type Operation = keyof typeof OPERATIONS;

/** An operation that takes the header `Idempotency-Key`: it moves money, or changes the status of an account. */
export type Move = {
  [Name in Operation]: (typeof OPERATIONS)[Name]['moves'] extends true ? Name : never;
}[Operation];

/** An operation that moves money into the bank or out of it: its path has one account, and its body an amount. */
export type CashMove = Extract<Move, 'deposit' | 'withdraw'>;

/** True for an operation that takes the header `Idempotency-Key`. */
export function isMove(operation: Operation): operation is Move {
  return OPERATIONS[operation].moves;
}

/** The values of the names in braces in a path. */
export type PathNames = { readonly [Name in 'account' | 'to' | 'key' | 'hold' | 'call']?: string };

/** The names in braces in a path of the table, in their order. */
export function pathNamesOf(path: string): readonly (keyof PathNames)[] {
  return Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => name as keyof PathNames);
}

/** The path of an operation. Neither accounts nor keys need escaping. */
export function pathOf(operation: Operation, names: PathNames = {}): string {
  return OPERATIONS[operation].path.replace(/\{(\w+)\}/g, (_, name: keyof PathNames) => names[name] ?? '');
}

/** Names of the bank's headers, in lower case as HTTP libraries return them. */
export const HEADERS = {
  /** UUIDv7 that makes a call safe to retry. */
  idempotencyKey: 'idempotency-key',
  /** How long the caller still waits for this attempt, in milliseconds. A duration, because clocks differ. */
  timeLeftMs: 'bank-time-left-ms',
  /** AWS Region that answered. It is a header, so that both Regions answer with the same body. */
  region: 'bank-region',
  /** `no` from a caller that will not use its key again, so that the reply need not be cached. */
  replyCache: 'bank-reply-cache',
  /**
   * `true` on an answer that was recorded before this attempt, which therefore moved nothing. An earlier attempt recorded it: of an earlier
   * call, or of the same call, if that attempt's answer was lost.
   */
  replayed: 'idempotent-replayed',
  /** API Gateway adds it to every answer. On a 4xx of the gateway itself, it proves that the request did not reach the bank. */
  gatewayRequest: 'apigw-requestid',
} as const;

/** The gateway's route key for requests without a route. */
export const NO_ROUTE_KEY = '$default';

/** The operation of a request, and the names in its path. The gateway, which checks permissions, uses the same patterns. */
export function operationOf(
  method: string,
  path: string,
): { readonly operation: Operation; readonly names: PathNames } | undefined {
  for (const operation of Object.keys(OPERATIONS) as Operation[]) {
    const names =
      OPERATIONS[operation].method === method ? matched(OPERATIONS[operation].path, path) : undefined;
    if (names !== undefined) {
      return { operation, names };
    }
  }
  return undefined;
}

/** The gateway's route key for a request, such as `GET /accounts/{account}`. */
export function routeKeyOf(method: string, path: string): string {
  const found = operationOf(method, path);
  return found === undefined ? NO_ROUTE_KEY : `${method} ${OPERATIONS[found.operation].path}`;
}

function matched(pattern: string, path: string): PathNames | undefined {
  const segments = path.split('/');
  const parts = pattern.split('/');
  const isMatch =
    parts.length === segments.length &&
    parts.every(
      (part, index) => part === segments[index] || (part.startsWith('{') && segments[index] !== ''),
    );
  if (!isMatch) {
    return undefined;
  }
  return Object.fromEntries(
    parts.flatMap((part, index) =>
      part.startsWith('{') ? [[part.slice(1, -1), segments[index] ?? '']] : [],
    ),
  );
}
