import fc, { type Arbitrary } from 'fast-check';
import { v7 } from 'uuid';
import {
  accountSchema,
  amountSchema,
  HEADERS,
  keySchema,
  MAX_AMOUNT_MINOR,
  MAX_EXPIRES_IN_SECONDS,
  OPERATIONS,
  type Operation,
  type ProblemCode,
  referenceSchema,
} from '../../../client/contract/schemas.ts';
import type { Subject } from '../../../functions/bank/append.ts';

/** A word that only requests contain. Where it turns up, a part of a request has leaked. */
export const CANARY = 'c4n4ry';

/** A request on its way to the handler. */
export interface FuzzRequest {
  /** What is wrong with it, for the message of a failure. */
  readonly what: string;
  readonly method: string;
  /** The path as the gateway hands it over: decoded. */
  readonly path: string;
  /** The route that the gateway found. Default: that of the decoded path. */
  readonly routeKey?: string | undefined;
  readonly query?: Record<string, string> | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly isBase64Encoded: boolean;
  /** The account and the key that a valid request is about. */
  readonly subject?: Subject;
  /** The route that answers it, or the problem that it must be; undefined if either is possible. */
  readonly expected: { readonly route: string } | { readonly problem: ProblemCode } | undefined;
}

/** The parts of a valid request. Tests break any one of them. */
export interface Parts {
  readonly route: (typeof OPERATIONS)[Operation];
  readonly account: string;
  readonly key: string;
  /** The account that money goes to, and the keys of a hold and of a call to refund, where the path has them. */
  readonly to: string;
  readonly hold: string;
  readonly call: string;
  /** Where the operation takes one. */
  readonly query: Record<string, string> | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

const DAY_MS = 24 * 60 * 60_000;
const ACCOUNTS = ['joe', 'ann', 'constructor', 'toString', 'a:b@c_d-e.f', 'x'.repeat(128)];

/** Headers that the contract does not know and any request may have. Nothing may show them. */
const BAGGAGE = {
  authorization: `AWS4-HMAC-SHA256 Credential=${CANARY}`,
  cookie: `session=${CANARY}`,
  'user-agent': CANARY,
  'x-forwarded-for': `${CANARY}\r\nset-cookie: ${CANARY}=1`,
};

/** Values of the time left that stop no call: enough time, or not a number, which is ignored. */
const HARMLESS_TIMES = ['5000', '999999999', '9'.repeat(1000), '-1', '1e3', 'NaN', '', '5000,5000', '\u0665'];

/** Changes of status. Most open an account: otherwise most calls would be refused. */
const STATUSES = [
  ...[{ debits: 'open', credits: 'open' }, { debits: 'open' }, { credits: 'open' }],
  ...[{ debits: 'frozen' }, { credits: 'frozen' }],
];

/** What takes money out of the bank, and can be refunded. */
const REFUNDABLE: readonly Parts['route'][] = [OPERATIONS.withdraw, OPERATIONS.capture];

/** Valid requests, made from the routes and the schemas of the contract. `nowMs` is the bank's clock. */
export function validParts(nowMs: number): Arbitrary<Parts> {
  const accounts = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...ACCOUNTS) },
    { weight: 1, arbitrary: matching(accountSchema) },
  );
  const keys = keysAround(nowMs);
  const { deposit, withdraw, hold, refund } = OPERATIONS;
  const money = [deposit, withdraw, hold, refund, ...Object.values(OPERATIONS)];
  const amounts = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 99 }).map(String) },
    { weight: 2, arbitrary: matching(amountSchema) },
    { weight: 1, arbitrary: fc.constant(String(MAX_AMOUNT_MINOR)) },
  );
  return fc
    .record({
      // Without money, holds and withdrawals, most calls would be refused.
      route: fc.constantFrom(...money),
      account: accounts,
      key: keys,
      to: accounts,
      hold: fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom(...keysOf('holds', nowMs)) },
        { weight: 1, arbitrary: keys },
      ),
      call: fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom(...keysOf('calls', nowMs)) },
        { weight: 1, arbitrary: keys.map((key) => key.toLowerCase()) },
      ),
      amount: amounts,
      space: fc.constantFrom('', ' ', '\n', '\t'.repeat(100)),
      reference: fc.option(matching(referenceSchema), { nil: undefined, freq: 3 }),
      flag: fc.constantFrom(undefined, undefined, true, false),
      isPart: fc.boolean(),
      status: fc.constantFrom(...STATUSES),
      expiresInSeconds: fc.constantFrom(undefined, 1, 3600, MAX_EXPIRES_IN_SECONDS),
      calls: fc.uniqueArray(
        fc.record({
          ...{ operation: fc.constantFrom('deposit', 'withdraw'), key: keys, amount: amounts },
          reference: fc.option(matching(referenceSchema), { nil: undefined, freq: 3 }),
        }),
        { minLength: 1, maxLength: 5, selector: ({ key }) => key.toLowerCase() },
      ),
      cache: fc.constantFrom(undefined, 'no', 'yes'),
      query: queries,
      timeLeft: fc.option(fc.constantFrom(...HARMLESS_TIMES), { nil: undefined }),
    })
    .filter(({ route, account, to }) => !route.path.includes('{to}') || account !== to)
    .map(({ route, account, key: own, to, hold, call, space, cache, query, timeLeft, ...asked }) => {
      const met = route === OPERATIONS.hold ? hold : REFUNDABLE.includes(route) ? call : own;
      const key = asked.isPart ? met : own;
      return {
        route,
        account,
        key,
        to,
        hold,
        call,
        query: query[route.path],
        headers: {
          ...BAGGAGE,
          ...(timeLeft === undefined ? {} : { [HEADERS.timeLeftMs]: timeLeft }),
          ...(route.moves ? { [HEADERS.idempotencyKey]: key } : {}),
          ...(hasBody(route) && cache !== undefined ? { [HEADERS.replyCache]: cache } : {}),
        },
        body: hasBody(route) ? space + JSON.stringify(bodyOf(route, asked), undefined, space) : undefined,
      };
    });
}

function hasBody(route: Parts['route']): boolean {
  return route.moves || route === OPERATIONS.batch;
}

/** What a call may ask for. */
interface MayAsk {
  readonly amount: string;
  readonly reference: string | undefined;
  readonly flag: boolean | undefined;
  readonly isPart: boolean;
  readonly status: object;
  readonly expiresInSeconds: number | undefined;
  readonly calls: readonly object[];
}

function bodyOf(
  route: Parts['route'],
  { amount, reference, flag, isPart, status, expiresInSeconds, calls }: MayAsk,
): Readonly<Record<string, unknown>> {
  switch (route) {
    case OPERATIONS.deposit:
      return { amount, reference, mustExist: flag };
    case OPERATIONS.hold:
      return { amount, reference, expiresInSeconds };
    case OPERATIONS.capture:
    case OPERATIONS.captureTo:
      return { amount: isPart ? amount : undefined, reference, final: flag };
    case OPERATIONS.refund:
      return { amount: isPart ? amount : undefined, reference };
    case OPERATIONS.void:
      return { reference };
    case OPERATIONS.setStatus:
      return { ...status, reference };
    case OPERATIONS.batch:
      return { calls };
    default:
      return { amount, reference };
  }
}

const limits = fc.integer({ min: 1, max: 100 }).map(String);
const sequences = fc.nat(40).map(String);

/** Queries by the path that takes them. */
const queries: Arbitrary<Readonly<Record<string, Record<string, string>>>> = fc.record({
  '/accounts': fc.record({ limit: limits, after: fc.constantFrom(...ACCOUNTS) }, { requiredKeys: [] }),
  '/accounts/{account}': fc.constantFrom<Record<string, string>>(
    {},
    { at: '2001-09-09T01:46:40Z' },
    { at: '2020-02-29t23:59:59.999999999+14:00' },
  ),
  '/accounts/{account}/entries': fc
    .tuple(
      fc.record({ limit: limits, refusals: fc.constantFrom('true', 'false') }, { requiredKeys: [] }),
      fc.oneof(
        fc.record({ before: sequences }, { requiredKeys: [] }),
        fc.record({ after: sequences }, { requiredKeys: [] }),
      ),
    )
    .map((parts) => Object.assign({}, ...parts)),
});

/** The keys of holds, and of calls to refund: so few that other requests name them. */
function keysOf(what: 'holds' | 'calls', nowMs: number): readonly string[] {
  return Array.from({ length: 4 }, (_, index) =>
    v7({
      msecs: nowMs - index * 1000,
      random: new Uint8Array(16).fill((what === 'holds' ? 100 : 200) + index),
    }),
  );
}

/** New keys, keys that are used again and again, keys of the wrong time, and any that the schema allows. */
export function keysAround(nowMs: number): Arbitrary<string> {
  const at = (from: number, to: number) =>
    fc
      .tuple(fc.integer({ min: from, max: to }), fc.uint8Array({ minLength: 16, maxLength: 16 }))
      .map(([agoMs, random]) => v7({ msecs: nowMs - agoMs, random }));
  const known = Array.from({ length: 30 }, (_, index) =>
    v7({ msecs: nowMs - index * 60_000, random: new Uint8Array(16).fill(index) }),
  );
  return fc.oneof(
    { weight: 12, arbitrary: at(-60_000, 60 * 60_000) },
    { weight: 6, arbitrary: fc.constantFrom(...known) },
    { weight: 1, arbitrary: fc.constantFrom(...known).map((key) => key.toUpperCase()) },
    { weight: 1, arbitrary: at(31 * DAY_MS, 400 * DAY_MS) },
    { weight: 1, arbitrary: at(-400 * DAY_MS, -6 * 60_000) },
    { weight: 1, arbitrary: matching(keySchema) },
  );
}

/** Strings that the schema's pattern allows. */
function matching(schema: {
  readonly pipe: readonly { readonly type: string; readonly requirement?: unknown }[];
}): Arbitrary<string> {
  const { requirement } = schema.pipe.find(({ type }) => type === 'regex') ?? {};
  if (!(requirement instanceof RegExp)) {
    throw new Error('the schema has no pattern');
  }
  return fc.stringMatching(new RegExp(requirement.source));
}

/** A request that the bank must accept. */
export function render(parts: Parts): FuzzRequest {
  const { route, query, headers, body, account, key } = parts;
  return {
    what: 'nothing wrong',
    method: route.method,
    path: pathOf(parts),
    query,
    headers,
    body,
    isBase64Encoded: false,
    subject: { account, key: key.toLowerCase() },
    expected: { route: `${route.method} ${route.path}` },
  };
}

export function pathOf({
  route,
  ...names
}: Pick<Parts, 'route' | 'account' | 'key' | 'to' | 'hold' | 'call'>): string {
  return route.path.replace(/\{(account|key|to|hold|call)\}/g, (_, name: keyof typeof names) => names[name]);
}

/** The same request with its body in base64, as the gateway sends what is not declared as text. */
export function encoded<Request extends Pick<FuzzRequest, 'body' | 'isBase64Encoded'>>(
  request: Request,
): Request {
  return request.body === undefined
    ? request
    : { ...request, body: Buffer.from(request.body).toString('base64'), isBase64Encoded: true };
}
