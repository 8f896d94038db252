import { DEFAULT_LIMIT, MAX_LIMIT } from '../../client/contract/schemas.ts';
import type { Data } from './data.ts';
import { ACCOUNT } from './examples.ts';

/** The parameters of requests, by the names that operations pick them by. Keys have no example: it would be expired. */
export const PARAMETERS = {
  account: {
    name: 'account',
    in: 'path',
    required: true,
    description: 'The account.',
    schema: { $ref: '#/components/schemas/Account' },
    example: ACCOUNT,
  },
  key: {
    name: 'key',
    in: 'path',
    required: true,
    description: 'The idempotency key of the call that this is about.',
    schema: { $ref: '#/components/schemas/Key' },
  },
  idempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    required: true,
    description:
      'Makes the call safe to repeat: it takes effect once or not at all. Mint one for each call, and send every retry with it, to either Region; to retry after a crash, store it before the call is sent.',
    schema: { $ref: '#/components/schemas/Key' },
  },
  replyCache: {
    name: 'Bank-Reply-Cache',
    in: 'header',
    required: false,
    description:
      'For a caller that minted its key for this one call and stores it nowhere: nobody will come back, so the reply needs no copy in the cache. A retry is answered all the same. Anything else is ignored.',
    schema: { type: 'string', const: 'no' },
    example: 'no',
  },
  at: {
    name: 'at',
    in: 'query',
    required: false,
    description: 'The moment, not in the future by the clock of the bank. Without it: now.',
    schema: { $ref: '#/components/schemas/Moment' },
    example: '2026-11-01T13:00:00Z',
  },
  limit: {
    name: 'limit',
    in: 'query',
    required: false,
    description: 'How many are wanted at the most.',
    schema: { type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT },
    example: 10,
  },
  before: {
    name: 'before',
    in: 'query',
    required: false,
    description: 'Only entries with a lower number, newest first. Not together with `after`.',
    schema: { type: 'integer', minimum: 0 },
    example: 42,
  },
  afterEntry: {
    name: 'after',
    in: 'query',
    required: false,
    description:
      'Only entries with a higher number, oldest first: 0 begins at the first entry. Not together with `before`.',
    schema: { type: 'integer', minimum: 0 },
    example: 0,
  },
  refusals: {
    name: 'refusals',
    in: 'query',
    required: false,
    description: 'True to be given what moved nothing as well: calls that were refused or cancelled.',
    schema: { type: 'boolean', default: false },
    example: true,
  },
  afterAccount: {
    name: 'after',
    in: 'query',
    required: false,
    description: 'Only accounts behind this one, in the order of the table.',
    schema: { $ref: '#/components/schemas/Account' },
    example: ACCOUNT,
  },
  timeLeft: {
    name: 'Bank-Time-Left-Ms',
    in: 'header',
    required: false,
    description:
      'How long the caller will still wait for this attempt. The bank answers within that time, and within 5 s without it: what it cannot finish is a 503 that says whether anything was executed.',
    schema: { $ref: '#/components/schemas/TimeLeftMs' },
    example: '2000',
  },
} as const satisfies Record<string, Data>;

/** Name of a parameter. */
export type ParameterName = keyof typeof PARAMETERS;

/** The headers of answers, by the names that they have on the wire. */
export const ANSWER_HEADERS = {
  'Bank-Region': {
    description:
      'AWS Region that answered. On every answer of the bank itself, and in a header, so that bodies are the same bytes from both.',
    schema: { type: 'string' },
    example: 'us-east-1',
  },
  'Cache-Control': {
    description: 'On every answer of the bank itself: no cache may keep it.',
    schema: { type: 'string', const: 'no-store' },
    example: 'no-store',
  },
  'Idempotent-Replayed': {
    description:
      'There when the answer was already recorded under the key, so that this attempt has moved nothing. An earlier attempt with the key had the same answer; whether the caller has seen it, the bank cannot know.',
    schema: { type: 'string', const: 'true' },
    example: 'true',
  },
  'Retry-After': {
    description:
      'Seconds to wait before the next attempt in this Region. The other one may be asked at once.',
    schema: { type: 'integer', minimum: 1 },
    example: 1,
  },
} as const satisfies Record<string, Data>;

/** Name of a header of answers. */
export type AnswerHeader = keyof typeof ANSWER_HEADERS;
