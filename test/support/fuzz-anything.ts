import fc, { type Arbitrary } from 'fast-check';
import { HEADERS, NO_ROUTE_KEY, OPERATIONS } from '../../client/contract/schemas.ts';
import { NASTY } from './fuzz-nasty.ts';
import { type FuzzRequest, keysAround } from './fuzz-requests.ts';

const SEGMENTS = [
  'accounts',
  'health',
  'entries',
  'deposits',
  'withdrawals',
  'transfers',
  'holds',
  'captures',
  'voids',
  'status',
  'refunds',
  'replies',
  'cancellations',
  'joe',
  'ann',
  '',
];
const HEADER_NAMES = [...Object.values(HEADERS), 'content-type', '__proto__', 'constructor', 'toString', ''];
const QUERY_NAMES = ['limit', 'before', 'after', 'refusals', 'at', '__proto__'];
const ROUTE_KEYS = [
  ...Object.values(OPERATIONS).map(({ method, path }) => `${method} ${path}`),
  NO_ROUTE_KEY,
];
const METHODS = ['GET', 'POST', 'PUT', 'DELETE'];

/** Requests in which everything may be anything, and still looks enough like a request to get somewhere now and then. */
export function anyRequest(nowMs: number): Arbitrary<FuzzRequest> {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.constantFrom(...NASTY),
  );
  const often = (known: readonly string[], other = text) =>
    fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...known) }, { weight: 1, arbitrary: other });
  const keys = keysAround(nowMs);
  const segments = fc.array(often(SEGMENTS, fc.oneof(keys, text)), { maxLength: 7 });
  const values = fc.oneof(text, keys, fc.constantFrom('0', '5000', '99999999999'));
  const bytes = fc.uint8Array({ maxLength: 200 }).map((each) => Buffer.from(each).toString('base64'));
  const bodies = fc.oneof(
    text,
    bytes,
    fc.json(),
    fc.constant('{"amount":"1"}'),
    fc.constant('eyJhbW91bnQiOiIxIn0'),
  );
  return fc
    .record({
      method: often(METHODS),
      path: fc.oneof(
        segments.map((parts) => `/${parts.join('/')}`),
        text,
      ),
      routeKey: fc.option(often(ROUTE_KEYS), { nil: undefined }),
      headers: fc
        .array(fc.tuple(often(HEADER_NAMES), values), { maxLength: 6 })
        .map((pairs) => Object.fromEntries(pairs)),
      body: fc.option(bodies, { nil: undefined }),
      query: fc.option(
        fc
          .array(fc.tuple(often(QUERY_NAMES), values), { maxLength: 3 })
          .map((pairs) => Object.fromEntries(pairs)),
        { nil: undefined },
      ),
      isBase64Encoded: fc.boolean(),
    })
    .map((request) => ({ ...request, what: 'anything', expected: undefined }));
}
