import * as v from 'valibot';
import { expect } from 'vitest';
import {
  accountSchema,
  HEADERS,
  isProblemCode,
  keySchema,
  OPERATIONS,
  type Operation,
  PROBLEM_MEDIA_TYPE,
  PROBLEM_PAGE,
  PROBLEMS,
  type ProblemCode,
} from '../../../client/contract/schemas.ts';
import type { CallLine } from '../../../functions/http/handler.ts';
import { faultsOfAnswer } from '../../openapi/checked-document.ts';
import type { HandlerAnswer } from '../../support/handler-lab.ts';
import { CANARY } from './valid.ts';

/** Only lists are longer. */
const MAX_ANSWER_BYTES = 2048;
const MAX_LIST_BYTES = 64 * 1024;
const LISTS = [
  'GET /accounts',
  'GET /accounts/{account}/entries',
  'GET /accounts/{account}/holds',
  'POST /accounts/{account}/batches',
];

/** Parts of a program that no answer may show. */
const INSIDE =
  /\bat \S+ \(|[\w/]\.[jt]s\b|node_modules|\/(work|var|home|usr)\/|\b\w*(Error|Exception)\b|undefined|\[object|valibot|dynamodb|aws-sdk/i;

/** Visible ASCII: nothing that ends a line or a header, or changes the direction of text. */
const VISIBLE = /^[\x20-\x7e]*$/;

const problem = v.strictObject({
  type: v.string(),
  title: v.string(),
  status: v.number(),
  detail: v.pipe(v.string(), v.regex(/^[A-Z].*\.$/), v.maxLength(400)),
  code: v.string(),
  executed: v.optional(v.literal(false)),
});
const OPERATION_OF = new Map(
  (Object.keys(OPERATIONS) as Operation[]).map((id) => [
    `${OPERATIONS[id].method} ${OPERATIONS[id].path}`,
    id,
  ]),
);

/** Checks that an answer is one of the contract's, and contains nothing else. Returns a problem's code. */
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
  if (status < 300) {
    const operation = OPERATION_OF.get(routeKey);
    expect(operation && faultsOfAnswer(operation, answer), `${routeKey} ${status}`).toEqual([]);
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

/** Checks that a line of the log has the right members, and nothing that a caller wrote except names and keys. */
export function checkLine(written: CallLine, status: number): void {
  expect(v.parse(line, written).status).toBe(status);
  for (const value of Object.values(written)) {
    expect(String(value)).toMatch(VISIBLE);
  }
  expect(JSON.stringify(written)).not.toContain(CANARY);
}
