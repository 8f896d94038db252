import fc, { type Arbitrary } from 'fast-check';
import { HEADERS, NO_ROUTE_KEY, OPERATIONS } from '../../../client/contract/schemas.ts';
import { brokenOnce, NASTY } from './invalid.ts';
import { encoded, type FuzzRequest, keysAround, render, validParts } from './valid.ts';

const ROUTES = Object.values(OPERATIONS);
/** The words of all paths, and names of accounts. */
const SEGMENTS = [
  ...new Set(ROUTES.flatMap(({ path }) => path.split('/').filter((word) => !word.startsWith('{')))),
  ...['joe', 'ann'],
];
const HEADER_NAMES = [...Object.values(HEADERS), 'content-type', '__proto__', 'constructor', 'toString', ''];
const QUERY_NAMES = ['limit', 'before', 'after', 'refusals', 'at', '__proto__'];
const ROUTE_KEYS = [...ROUTES.map(({ method, path }) => `${method} ${path}`), NO_ROUTE_KEY];
const METHODS = ['GET', 'POST', 'PUT', 'DELETE'];

/** What the fuzz sends: valid requests, valid ones with one thing broken, and arbitrary ones. */
export function requests(nowMs: number): Arbitrary<FuzzRequest> {
  const valid = validParts(nowMs);
  return fc.oneof(
    { weight: 4, arbitrary: valid.map(render) },
    { weight: 1, arbitrary: valid.map((parts) => encoded(render(parts))) },
    { weight: 3, arbitrary: valid.chain(brokenOnce) },
    { weight: 1, arbitrary: arbitraryRequest(nowMs) },
  );
}

/** Requests of arbitrary parts, some of them known to the bank: so that a request now and then gets past the router. */
function arbitraryRequest(nowMs: number): Arbitrary<FuzzRequest> {
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
  const bodies = fc.oneof(text, bytes, fc.json(), fc.constantFrom('{"amount":"1"}', 'eyJhbW91bnQiOiIxIn0'));
  const optional = <T>(values: Arbitrary<T>) => fc.option(values, { nil: undefined });
  const named = (names: readonly string[], maxLength: number) =>
    fc.array(fc.tuple(often(names), values), { maxLength }).map((pairs) => Object.fromEntries(pairs));
  return fc
    .record({
      method: often(METHODS),
      path: fc.oneof(
        segments.map((parts) => `/${parts.join('/')}`),
        text,
      ),
      routeKey: optional(often(ROUTE_KEYS)),
      headers: named(HEADER_NAMES, 6),
      body: optional(bodies),
      query: optional(named(QUERY_NAMES, 3)),
      isBase64Encoded: fc.boolean(),
    })
    .map((request) => ({ ...request, what: 'arbitrary', expected: undefined }));
}
