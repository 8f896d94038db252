import { Validator } from '@seriousme/openapi-schema-validator';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import {
  accountSchema,
  accountsBodySchema,
  accountsQuerySchema,
  amountSchema,
  balanceBodySchema,
  balanceQuerySchema,
  cancellationSchema,
  entriesBodySchema,
  entriesQuerySchema,
  isProblemCode,
  keySchema,
  momentSchema,
  moveBodySchemas,
  movedSchema,
  OPERATIONS,
  PROBLEM_MEDIA_TYPE,
  PROBLEM_PAGE,
  PROBLEMS,
  problemSchema,
  recordedReplySchema,
  referenceSchema,
  sequenceSchema,
  timeLeftMsSchema,
} from '../../client/contract/schemas.ts';
import { openApiText } from '../../infra/openapi/document.ts';
import { bodies, document, documentText, faultsOf, operations } from './checked-document.ts';

const [{ entries: entriesQuery }] = entriesQuerySchema.pipe;

/** What the function and the client validate bodies with, by operation. */
const BODIES: Readonly<Record<string, v.GenericSchema>> = {
  accounts: accountsBodySchema,
  entries: entriesBodySchema,
  balance: balanceBodySchema,
  deposit: movedSchema,
  withdraw: movedSchema,
  outcome: recordedReplySchema,
  cancel: cancellationSchema,
};

const TAKEN: Readonly<Record<string, v.GenericSchema>> = moveBodySchemas;

/** What the function reads parameters with; those of a query are text there. */
const PARAMETERS: Readonly<Record<string, v.GenericSchema>> = {
  account: accountSchema,
  key: keySchema,
  idempotencyKey: keySchema,
  replyCache: v.literal('no'),
  timeLeft: timeLeftMsSchema,
  at: balanceQuerySchema.entries.at,
  limit: entriesQuery.limit,
  before: entriesQuery.before,
  afterEntry: entriesQuery.after,
  refusals: entriesQuery.refusals,
  afterAccount: accountsQuerySchema.entries.after,
};

describe('the OpenAPI document that is checked in', () => {
  it('is the one that is made of the schemas; if it is not, run: npm run openapi', () => {
    expect(documentText === openApiText(), 'client/openapi.json is out of date: npm run openapi').toBe(true);
  });

  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    expect(await validator.validate(JSON.parse(documentText))).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
    const { openapi, ...broken } = JSON.parse(documentText);
    expect((await validator.validate({ openapi, ...broken, paths: 7 })).valid).toBe(false);
  });

  it('has every operation of the contract and no other, under its name', () => {
    const told = operations.map(({ id, method, path }) => [id, { method: method.toUpperCase(), path }]);
    const named = Object.entries(OPERATIONS).map(([id, { method, path }]) => [id, { method, path }]);
    expect(told).toHaveLength(named.length);
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(named));
  });

  it('has each parameter that a path names, and no reference to nothing', () => {
    for (const { path, operation } of operations) {
      const inPath = [...path.matchAll(/{(\w+)}/g)].map(([, name]) => `#/components/parameters/${name}`);
      expect(operation.parameters.map(({ $ref }) => $ref)).toEqual(expect.arrayContaining(inPath));
    }
    const references = [...documentText.matchAll(/"\$ref": "#\/([^"]+)"/g)].map(([, path = '']) => path);
    expect(references.length).toBeGreaterThan(100);
    for (const reference of new Set(references)) expect(document).toHaveProperty(reference.split('/'));
  });
});

describe('the examples', () => {
  it.each(
    bodies.map((body) => [`${body.operation.id} ${body.status ?? 'request'} ${body.type}`, body] as const),
  )(
    'of %s are what its schema says, and what the bank and the client take',
    (_, { place, examples, status, type, operation }) => {
      expect(examples.size).toBeGreaterThan(0);
      for (const [name, value] of examples) {
        expect({ name, faults: faultsOf(value, place) }).toEqual({ name, faults: [] });
        if (status === undefined) v.parse(TAKEN[operation.id] ?? v.never(), value);
        if (status === '200') v.parse(BODIES[operation.id] ?? v.object({ status: v.literal('ok') }), value);
        if (type === PROBLEM_MEDIA_TYPE) checkProblem(value, Number(status));
      }
    },
  );

  it('of parameters and headers are what their schemas say, and what the bank takes', () => {
    const { parameters, headers } = document.components;
    expect(Object.keys(parameters).toSorted()).toEqual(Object.keys(PARAMETERS).toSorted());
    for (const [name, { example }] of Object.entries(parameters)) {
      if (example === undefined) continue;
      expect(faultsOf(example, ['components', 'parameters', name, 'schema'])).toEqual([]);
      v.parse(PARAMETERS[name] ?? v.never(), String(example));
    }
    for (const [name, { example }] of Object.entries(headers)) {
      expect(faultsOf(example, ['components', 'headers', name, 'schema'])).toEqual([]);
    }
  });

  it('have no key that could be taken for one to call with: a key is minted for each call', () => {
    const { parameters } = document.components;
    const ofKeys = [parameters['key'], parameters['idempotencyKey']];
    expect(ofKeys.map((parameter) => parameter?.example)).toEqual([undefined, undefined]);
    const keys = documentText.match(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? [];
    expect(new Set(keys)).toEqual(new Set(['00000000-0000-7000-8000-000000000000']));
  });

  it('show every problem code', () => {
    const shown = Object.values(document.components.examples).map(({ value }) => value['code']);
    expect(new Set(shown.filter((code) => code !== undefined))).toEqual(new Set(Object.keys(PROBLEMS)));
  });
});

function checkProblem(value: unknown, status: number): void {
  const { code, ...problem } = v.parse(problemSchema, value);
  if (!isProblemCode(code)) throw new Error(`the contract knows no ${code}`);
  expect(status).toBe(PROBLEMS[code].status);
  const { title } = PROBLEMS[code];
  expect(problem).toMatchObject({ type: `${PROBLEM_PAGE}#${code}`, title, status });
}

describe('a schema of the document', () => {
  const key = '0198c5a0-7e57-7abc-8def-0123456789ab';
  const cases: readonly (readonly [string, v.GenericSchema, readonly unknown[]])[] = [
    [
      'Account',
      accountSchema,
      ['joe', 'JOE_1.a:b@c-d', '', '.joe', 'a b', 'é', 'joe\n', 'x'.repeat(128), 'x'.repeat(129), 7],
    ],
    [
      'Key',
      keySchema,
      [
        key,
        key.toUpperCase(),
        `${key}\n`,
        `{${key}}`,
        key.replace('7abc', '4abc'),
        key.replace('8def', 'cdef'),
        '',
      ],
    ],
    ['Amount', amountSchema, ['1', '0', '010', '-1', '1.5', '1e3', '9'.repeat(15), '9'.repeat(16), '١', 10]],
    [
      'DepositBody',
      moveBodySchemas.deposit,
      [
        { amount: '10' },
        { amount: '10', reference: 'order 4711', mustExist: true },
        { amount: '10', mustExist: 'true' },
        { amount: 10 },
        { amount: '10', currency: 'EUR' },
        {},
        [],
        null,
      ],
    ],
    [
      'WithdrawalBody',
      moveBodySchemas.withdraw,
      [
        { amount: '10', reference: 'order 4711' },
        { amount: '10', mustExist: true },
      ],
    ],
    ['Reference', referenceSchema, ['order 4711', '~', '', 'x'.repeat(64), 'x'.repeat(65), 'é', 'a\nb', 7]],
    ['Sequence', sequenceSchema, [1, 2 ** 53 - 1, 0, -1, 1.5, 2 ** 53, '1']],
    [
      'Moment',
      momentSchema,
      ['2026-11-27T13:00:00Z', '2026-11-27t13:00:00.123+01:00', '2026-11-27', '2026-11-27 13:00:00Z', 7],
    ],
    ['TimeLeftMs', timeLeftMsSchema, ['0', '2000', '1e9', '-1', '9999999999', '٣', '']],
  ];

  it.each(cases)('%s takes what the function takes and nothing else', (name, schema, values) => {
    const verdicts = (judge: (value: unknown) => boolean) => values.map((value) => [value, judge(value)]);
    const taken = verdicts((value) => faultsOf(value, ['components', 'schemas', name]).length === 0);
    expect(taken).toEqual(verdicts((value) => v.is(schema, value)));
    expect(new Set(taken.map(([, verdict]) => verdict))).toEqual(new Set([true, false]));
  });
});
