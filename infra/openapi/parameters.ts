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
      'Makes the call safe to repeat: it takes effect once or not at all. Mint one for each call, store it before the call is sent, and send every retry with it, to either Region.',
    schema: { $ref: '#/components/schemas/Key' },
  },
  acknowledge: {
    name: 'Idempotency-Acknowledge',
    in: 'header',
    required: false,
    description:
      'Gives back the replies of other keys of this account, at most 25, in the same write. Only for replies that the caller holds, whose keys it will never use again, of which no attempt can still arrive, and which did not come with `Bank-Unsettled: true`: a call with such a key would be a new one.',
    style: 'simple',
    explode: false,
    schema: { $ref: '#/components/schemas/AcknowledgedKeys' },
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
  'Bank-Unsettled': {
    description:
      'There while a write of the call, sent before the one that was answered, may still be on its way to the table. The recorded reply keeps it from taking effect, so this reply must not be given back.',
    schema: { type: 'string', const: 'true' },
    example: 'true',
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
