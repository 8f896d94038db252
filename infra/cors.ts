import { HEADERS, OPERATIONS } from '../client/contract/schemas.ts';

/** What a page of another origin may do, deployed and on one machine alike (https://fetch.spec.whatwg.org/#http-cors-protocol). */
export const CORS = {
  methods: [...new Set(Object.values(OPERATIONS).map(({ method }) => method))],
  /** Headers of a request. */
  sent: [
    HEADERS.idempotencyKey,
    HEADERS.timeLeftMs,
    HEADERS.replyCache,
    'content-type',
    'authorization',
    'x-amz-date',
    'x-amz-security-token',
  ],
  /** Headers of an answer, in addition to those that every page may read. The client reads all but `retry-after`. */
  readable: [HEADERS.region, HEADERS.replayed, HEADERS.gatewayRequest, 'date', 'retry-after'],
  /** Time that a browser may keep the answer to its preflight. */
  keptSeconds: 600,
} as const;
