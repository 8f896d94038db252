import fc, { type Arbitrary } from 'fast-check';
import {
  HEADERS,
  MAX_BODY_BYTES,
  OPERATIONS,
  operationOf,
  type ProblemCode,
} from '../../../client/contract/schemas.ts';
import { CANARY, encoded, type FuzzRequest, type Parts, pathOf, render } from './valid.ts';

/** Text that has broken other programs. None of it is an account's name, a key or an amount. */
export const NASTY: readonly string[] = [
  ...['__proto__', '.', '..', '-', ' ', ' joe', 'joe ', 'joe\0', '\0', '%00', '%2e%2e', '%2f', '#health'],
  ...['\\', '*', `joe\r\nset-cookie: ${CANARY}=1`, `joe\n{"level":"ERROR","message":"${CANARY}"}`],
  ...[`<b>${CANARY}</b>`, 'jos\u00e9', 'jose\u0301', 'j\u043e\u0435', '\u202ejoe', 'joe\u200b'],
  ...['\ufeffjoe', '\uff4a\uff4f\uff45', '\ud83d\udcb0', '\ud800', '\udfffjoe', '\u2028', '\u212a'],
  ...['\u0131', '{account}', `\${jndi:${CANARY}}`, "' OR '1'='1", '{"S":"joe"}'],
  ...['attribute_exists(account)', `/srv/${CANARY}.ts:1:1`, CANARY.repeat(200)],
];

const BAD_AMOUNTS: readonly string[] = [
  ...['10', '-10', '0', '1e3', '1.5', 'null', 'true', '[]', '{}', '["10"]', '{"$gt":"0"}', '""', '"0"'],
  ...['"-10"', '"010"', '"+1"', '" 1"', '"1 "', '"1.0"', '"1e3"', '"0x10"', '"1_0"', '"1000000000000000"'],
  ...['"\\u0661"', '"\uff15"', '"NaN"', '"Infinity"', '"__proto__"', '"1\\u0000"', '1e999'],
  `"${'9'.repeat(4000)}"`,
];

const BAD_BODIES: readonly (string | undefined)[] = [
  ...[undefined, '', ' ', '\0', 'null', 'true', '0', '""', '"10"', '[]', '{}', '[{"amount":"10"}]'],
  ...['{"amount"}', '{"amount":"10"', '{"amount":"10"}}', "{'amount':'10'}", 'amount=10'],
  ...['<amount>10</amount>', '\ufeff{"amount":"10"}', '{"Amount":"10"}'],
  ...['{"amount":"10","currency":"EUR"}', '{"amount":"10","__proto__":{"admin":true}}'],
  ...['{"__proto__":{"amount":"10"}}', '{"amount":"10","constructor":{"prototype":{}}}'],
  ...['{"toString":"10"}', '{"amount":"10","toString":1}', '{"amount":"10","hasOwnProperty":1}'],
  ...['{"amount":"10","amount":"-10"}', `{"amount":"10"}${' '.repeat(MAX_BODY_BYTES)}`],
  ...['['.repeat(MAX_BODY_BYTES), `{"amount":${'['.repeat(2000)}${']'.repeat(2000)}}`],
  `{"amount":"${CANARY}"}`,
];

/** Methods that no route has. */
const BAD_METHODS = [
  ...['HEAD', 'PATCH', 'OPTIONS', 'get', 'Post', '', '__proto__', 'constructor', 'GET /health', 'GET\r\n'],
];

const BAD_TAILS = [
  ...['/', '//', '/..', '/%2f', '/replies', '/deposits/extra', '/\0', '/replies/a/b', '/constructor'],
];
const BAD_HEADS = ['/', '/.', '/..', '/v1', '/accounts/joe/..', '%2f', 'http://bank', '\0'];

type Break = (parts: Parts) => Arbitrary<Omit<FuzzRequest, 'what' | 'expected'>>;

interface Breakage {
  readonly what: string;
  /** Default: `bad_request`. */
  readonly problem?: ProblemCode;
  /** True for requests that can be broken in this way. Default: all. */
  readonly fits?: (parts: Parts) => boolean;
  readonly broken: Break;
}

const isMove = ({ route }: Parts) => route.moves;
const has =
  (name: 'account' | 'key' | 'hold' | 'call' | 'to') =>
  ({ route }: Parts) =>
    route.path.includes(`{${name}}`);
/** Captures and refunds included, which also take a body without an amount. */
const hasAmount = ({ route }: Parts) =>
  route.moves && route !== OPERATIONS.void && route !== OPERATIONS.setStatus;
const needsBody = (parts: Parts) => isMove(parts) && !has('hold')(parts) && !has('call')(parts);

const nasty = fc.constantFrom(...NASTY);
const plainNasty = nasty.filter((text) => !text.includes('/'));

const inBase64 = (parts: Parts, bytes: Buffer) => ({
  ...render(parts),
  isBase64Encoded: true,
  body: bytes.toString('base64'),
});

const withHeader = (parts: Parts, name: string, value: string) => ({
  ...render(parts),
  headers: { ...parts.headers, [name]: value },
});

/** Queries that no list takes, and parameters that get a nasty value. */
const BAD_QUERIES: readonly (string | Record<string, string>)[] = [
  'limit',
  'after',
  'refunds',
  { limit: '0' },
  { limit: '101' },
  { limit: '1,2' },
  { before: '1', after: '1' },
  { amount: '1' },
];

const BREAKAGES: readonly Breakage[] = [
  {
    what: 'the account',
    fits: has('account'),
    broken: (parts) => plainNasty.map((account) => render({ ...parts, account })),
  },
  {
    what: 'an account with a slash in it, which the gateway has decoded',
    problem: 'no_such_route',
    fits: has('account'),
    broken: (parts) =>
      fc
        .constantFrom('a/b', '/', '../joe', 'joe/', `joe/replies/${parts.key}`, 'joe/deposits')
        .map((account) => ({
          ...render({ ...parts, account }),
          routeKey: `${parts.route.method} ${parts.route.path}`,
        })),
  },
  ...(['key', 'hold', 'call'] as const).map(
    (name): Breakage => ({
      what: `the ${name} in the path`,
      fits: has(name),
      broken: (parts) => badKeys(parts[name]).map((bad) => render({ ...parts, [name]: bad })),
    }),
  ),
  {
    what: 'the account that is paid',
    fits: has('to'),
    broken: (parts) => fc.oneof(plainNasty, fc.constant(parts.account)).map((to) => render({ ...parts, to })),
  },
  {
    what: 'the key in the header',
    fits: isMove,
    broken: (parts) =>
      fc
        .oneof(badKeys(parts.key), fc.constant(`${parts.key},${parts.key}`), fc.constant(''))
        .map((key) => withHeader(parts, HEADERS.idempotencyKey, key)),
  },
  {
    what: 'no key',
    fits: isMove,
    broken: (parts) => {
      const { [HEADERS.idempotencyKey]: _, ...headers } = parts.headers;
      return fc.constant(render({ ...parts, headers }));
    },
  },
  {
    what: 'the amount',
    fits: hasAmount,
    broken: (parts) =>
      fc
        .tuple(fc.constantFrom(...BAD_AMOUNTS), fc.boolean())
        .map(([amount, encode]) => maybe(encode, { ...render(parts), body: `{"amount":${amount}}` })),
  },
  {
    what: 'the body',
    fits: needsBody,
    broken: (parts) =>
      fc
        .tuple(fc.constantFrom(...BAD_BODIES), fc.boolean())
        .map(([body, encode]) => maybe(encode, { ...render(parts), body })),
  },
  {
    what: 'bytes that are not what their headers say',
    fits: isMove,
    broken: (parts) =>
      fc.constantFrom(
        // Not declared as base64, declared so and not, not UTF-8, and UTF-16.
        { ...encoded(render(parts)), isBase64Encoded: false },
        { ...render(parts), isBase64Encoded: true },
        inBase64(parts, Buffer.from('{"amount":"1\xff"}', 'latin1')),
        inBase64(parts, Buffer.from('{"amount":"1"}', 'utf16le')),
      ),
  },
  {
    what: 'the query',
    fits: ({ query }) => query !== undefined,
    broken: (parts) =>
      fc
        .constantFrom(...BAD_QUERIES)
        .chain((query) =>
          typeof query === 'string' ? nasty.map((value) => ({ [query]: value })) : fc.constant(query),
        )
        .map((query) => render({ ...parts, query })),
  },
  {
    what: 'the method',
    problem: 'no_such_route',
    broken: (parts) => fc.constantFrom(...BAD_METHODS).map((method) => ({ ...render(parts), method })),
  },
  {
    what: 'the path',
    problem: 'no_such_route',
    broken: (parts) =>
      fc
        .oneof(
          fc.constantFrom(...BAD_TAILS).map((tail) => pathOf(parts) + tail),
          fc.constantFrom(...BAD_HEADS).map((head) => head + pathOf(parts)),
          fc.constantFrom('', '*', '/', '//', '/accounts/', '/Health', '/health\0'),
        )
        // With a segment more, the list of accounts is the balance of one, and a capture is for another account.
        .filter((path) => operationOf(parts.route.method, path) === undefined)
        .map((path) => ({ ...render(parts), path })),
  },
  {
    what: 'no time left',
    problem: 'unavailable',
    broken: (parts) =>
      fc.constantFrom('0', '000000000', '1').map((time) => withHeader(parts, HEADERS.timeLeftMs, time)),
  },
];

/** A valid request with one thing broken, and the problem that must answer it. */
export function brokenOnce(parts: Parts): Arbitrary<FuzzRequest> {
  return fc
    .constantFrom(...BREAKAGES.filter(({ fits }) => fits?.(parts) ?? true))
    .chain(({ what, problem = 'bad_request', broken }) =>
      broken(parts).map(({ subject: _, ...request }) => ({
        ...request,
        what: `broken: ${what}`,
        expected: { problem },
      })),
    );
}

function badKeys(key: string): Arbitrary<string> {
  const shapes = [
    key.slice(1),
    `${key}0`,
    key.replaceAll('-', ''),
    `{${key}}`,
    `urn:uuid:${key}`,
    `${key.slice(0, 14)}4${key.slice(15)}`,
  ];
  return fc.oneof(
    plainNasty,
    fc.constantFrom(...shapes, ` ${key}`, `${key}\n`, '00000000-0000-0000-0000-000000000000'),
  );
}

function maybe<Request extends Pick<FuzzRequest, 'body' | 'isBase64Encoded'>>(
  encode: boolean,
  request: Request,
): Request {
  return encode ? encoded(request) : request;
}
