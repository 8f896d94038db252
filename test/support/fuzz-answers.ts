import * as v from 'valibot';
import { expect } from 'vitest';
import {
  accountSchema,
  accountsBodySchema,
  amountSchema,
  balanceBodySchema,
  capturedSchema,
  entriesBodySchema,
  entrySchema,
  HEADERS,
  heldSchema,
  holdsBodySchema,
  isProblemCode,
  keySchema,
  listedAccountSchema,
  movedSchema,
  OPERATIONS,
  PROBLEM_MEDIA_TYPE,
  PROBLEM_PAGE,
  PROBLEMS,
  type ProblemCode,
  pendingSchema,
  refundedSchema,
  statusSchema,
  transferredSchema,
  voidedSchema,
} from '../../client/contract/schemas.ts';
import type { CallLine } from '../../functions/http/handler.ts';
import { CANARY } from './fuzz-requests.ts';
import type { HandlerAnswer } from './handler-lab.ts';

/** No answer of the bank comes near it, but a list. */
const MAX_ANSWER_BYTES = 2048;
const MAX_LIST_BYTES = 64 * 1024;
const LISTS = ['GET /accounts', 'GET /accounts/{account}/entries', 'GET /accounts/{account}/holds'];

/** What the inside of a program looks like when it gets out. */
const INSIDE =
  /\bat \S+ \(|[\w/]\.[jt]s\b|node_modules|\/(work|var|home|usr)\/|\b\w*(Error|Exception)\b|undefined|\[object|valibot|dynamodb|aws-sdk/i;

/** Visible letters only: nothing that ends a line or a header, or turns the direction of what follows. */
const VISIBLE = /^[\x20-\x7e]*$/;

const moved = v.strictObject(movedSchema.entries);
const transferred = v.strictObject(transferredSchema.entries);
const held = v.strictObject(heldSchema.entries);
const { to: _, ...ofAnyCapture } = capturedSchema.entries;
const captured = v.strictObject(ofAnyCapture);
const capturedTo = v.strictObject({ ...ofAnyCapture, to: accountSchema });
const voided = v.strictObject(voidedSchema.entries);
const refunded = v.strictObject(refundedSchema.entries);
const statusSet = v.strictObject(statusSchema.entries);
const problem = v.strictObject({
  type: v.string(),
  title: v.string(),
  status: v.number(),
  detail: v.pipe(v.string(), v.regex(/^[A-Z].*\.$/), v.maxLength(400)),
  code: v.string(),
  executed: v.optional(v.literal(false)),
});
const replied = v.union([
  v.strictObject({
    status: v.literal(200),
    body: v.union([moved, transferred, held, captured, capturedTo, voided, refunded, statusSet]),
  }),
  v.strictObject({ status: v.picklist([404, 409, 410]), body: problem }),
]);

/** The whole of a 200's body, by the route that gave it: a member more is a failure. */
const BODIES: Readonly<Record<string, v.GenericSchema>> = {
  'GET /health': v.strictObject({ status: v.literal('ok') }),
  'GET /accounts': v.strictObject({
    ...accountsBodySchema.entries,
    accounts: v.array(v.strictObject(listedAccountSchema.entries)),
  }),
  'GET /accounts/{account}': v.strictObject(balanceBodySchema.entries),
  'GET /accounts/{account}/entries': v.strictObject({
    ...entriesBodySchema.entries,
    entries: v.array(v.strictObject(entrySchema.entries)),
  }),
  'POST /accounts/{account}/deposits': moved,
  'POST /accounts/{account}/withdrawals': moved,
  'POST /accounts/{account}/transfers/{to}': transferred,
  'POST /accounts/{account}/holds': held,
  'GET /accounts/{account}/holds': v.strictObject({
    ...holdsBodySchema.entries,
    holds: v.array(v.strictObject(holdsBodySchema.entries.holds.item.entries)),
  }),
  'POST /accounts/{account}/holds/{hold}/captures': captured,
  'POST /accounts/{account}/holds/{hold}/captures/{to}': capturedTo,
  'POST /accounts/{account}/holds/{hold}/voids': voided,
  'POST /accounts/{account}/refunds/{call}': refunded,
  'PUT /accounts/{account}/status': statusSet,
  'GET /accounts/{account}/replies/{key}': v.union(
    replied.options.map((option) =>
      v.strictObject({ ...option.entries, key: keySchema, refunded: v.optional(amountSchema) }),
    ),
  ),
  'PUT /accounts/{account}/cancellations/{key}': v.variant('outcome', [
    v.strictObject({ key: keySchema, outcome: v.literal('cancelled') }),
    v.strictObject({ key: keySchema, outcome: v.literal('answered'), reply: replied }),
  ]),
};

/** Checks that an answer is one of those that the contract knows, and contains nothing else. Returns a problem's code. */
export function checkAnswer(answer: HandlerAnswer, routeKey: string): ProblemCode | undefined {
  const { status = 0, headers, body, json } = answer;
  expect(Buffer.byteLength(body ?? '')).toBeLessThanOrEqual(
    LISTS.includes(routeKey) ? MAX_LIST_BYTES : MAX_ANSWER_BYTES,
  );
  expect(body ?? '').not.toContain(CANARY);
  const type = status === 200 || status === 202 ? 'application/json' : PROBLEM_MEDIA_TYPE;
  const { [HEADERS.replayed]: replayed, ...others } = headers;
  expect([undefined, 'true']).toContain(replayed);
  expect(others).toEqual({
    ...(status === 204 ? {} : { 'content-type': type }),
    'cache-control': 'no-store',
    'bank-region': 'us-east-1',
    ...(status === 503 ? { 'retry-after': '1' } : {}),
  });
  if (status === 204) {
    expect(routeKey).toMatch(/^DELETE /);
    expect(body).toBeUndefined();
    return undefined;
  }
  if (status === 202) {
    expect(routeKey).toBe('GET /accounts/{account}/replies/{key}');
    v.parse(v.strictObject(pendingSchema.entries), json);
    return undefined;
  }
  if (status === 200) {
    expect(BODIES).toHaveProperty([routeKey]);
    v.parse(BODIES[routeKey] ?? v.never(), json);
    return undefined;
  }
  const { code, title, detail, executed, ...rest } = v.parse(problem, json);
  if (!isProblemCode(code)) {
    throw new Error(`the contract knows no ${code}`);
  }
  expect({ title, ...rest }).toEqual({
    type: `${PROBLEM_PAGE}#${code}`,
    title: PROBLEMS[code].title,
    status: PROBLEMS[code].status,
  });
  expect(status).toBe(PROBLEMS[code].status);
  expect(detail).not.toMatch(INSIDE);
  if (code !== 'unavailable') {
    expect(executed).toBeUndefined();
  }
  return code;
}

const line = v.strictObject({
  requestId: v.literal('request-1'),
  operation: v.picklist([...Object.keys(OPERATIONS), 'no_such_route']),
  account: v.optional(accountSchema),
  key: v.optional(keySchema),
  outcome: v.picklist([
    'executed',
    'replayed',
    'answered',
    'pending',
    'acknowledged',
    ...Object.keys(PROBLEMS),
  ]),
  replayed: v.optional(v.literal(true)),
  headEntries: v.optional(v.number()),
  leftUndone: v.optional(v.string()),
  status: v.number(),
  durationMs: v.number(),
});

/** Checks that a line of the log has what it should have, on one line, and nothing that a caller wrote but names and keys. */
export function checkLine(written: CallLine, answer: HandlerAnswer): void {
  const { status } = v.parse(line, written);
  expect(status).toBe(answer.status);
  for (const value of Object.values(written)) {
    expect(String(value)).toMatch(VISIBLE);
  }
  expect(JSON.stringify(written)).not.toContain(CANARY);
}
