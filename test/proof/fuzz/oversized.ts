import { HEADERS } from '../../../client/contract/schemas.ts';
import { newKey } from '../../support/keys.ts';
import { CANARY, encoded, type FuzzRequest } from './valid.ts';

const MEGABYTE = 1024 * 1024;

/** A deposit, with some parts replaced. */
export function depositWith(changes: Partial<FuzzRequest>): FuzzRequest {
  return {
    what: 'a deposit',
    method: 'POST',
    path: '/accounts/joe/deposits',
    headers: { [HEADERS.idempotencyKey]: newKey() },
    body: '{"amount":"1"}',
    isBase64Encoded: false,
    expected: { problem: 'bad_request' },
    ...changes,
  };
}

const deep = (open: string, close: string) => `{"amount":${open.repeat(100_000)}1${close.repeat(100_000)}}`;
const members = Array.from({ length: 100_000 }, (_, index) => `"m${index}":1`).join();

const BODIES: readonly (readonly [string, string])[] = [
  ['a long amount', `{"amount":"${'9'.repeat(MEGABYTE)}"}`],
  ['spaces', `{"amount":"1"}${' '.repeat(MEGABYTE)}`],
  ['100,000 lists, one in the other', deep('[', ']')],
  ['100,000 objects, one in the other', deep('{"amount":', '}')],
  ['100,000 members', `{${members},"amount":"1"}`],
  ['one member 100,000 times', `{${'"amount":"1",'.repeat(100_000)}"amount":"1"}`],
  ['half letters', '\ud800'.repeat(MEGABYTE)],
];

/** Requests far larger than any that the bank takes, by what is large in them. */
export const OVERSIZED_REQUESTS: readonly (readonly [string, () => FuzzRequest])[] = [
  ...BODIES.flatMap(([what, body]) => [
    [`a body: ${what}`, () => depositWith({ body })] as const,
    [`a body in base64: ${what}`, () => encoded(depositWith({ body }))] as const,
  ]),
  ['a key', () => depositWith({ headers: { [HEADERS.idempotencyKey]: '0'.repeat(MEGABYTE) } })],
  ['a reference', () => depositWith({ body: `{"amount":"1","reference":"${'r'.repeat(MEGABYTE)}"}` })],
  ['a query', () => entriesWith({ before: '9'.repeat(MEGABYTE) })],
  ['a query of 30,000 names', () => entriesWith(manyHeaders())],
  ['an account', () => depositWith({ path: `/accounts/${'a'.repeat(MEGABYTE)}/deposits` })],
  ['slashes', () => depositWith({ path: '/'.repeat(MEGABYTE), expected: { problem: 'no_such_route' } })],
  [
    'a method',
    () => depositWith({ method: 'POST'.repeat(MEGABYTE), expected: { problem: 'no_such_route' } }),
  ],
  ['a time, and no key', () => depositWith({ headers: { [HEADERS.timeLeftMs]: '9'.repeat(MEGABYTE) } })],
  ['30,000 headers, and no key', () => depositWith({ headers: manyHeaders() })],
];

function entriesWith(query: Record<string, string>): FuzzRequest {
  return depositWith({ method: 'GET', path: '/accounts/joe/entries', body: undefined, query });
}

function manyHeaders(): Record<string, string> {
  return Object.fromEntries(Array.from({ length: 30_000 }, (_, index) => [`header-${index}`, CANARY]));
}
