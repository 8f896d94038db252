import { Validator } from '@seriousme/openapi-schema-validator';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import {
  accountSchema,
  acknowledgedKeysSchema,
  amountSchema,
  balanceBodySchema,
  cancellationSchema,
  isProblemCode,
  keySchema,
  moveBodySchema,
  movedSchema,
  PROBLEM_MEDIA_TYPE,
  PROBLEM_PAGE,
  PROBLEMS,
  problemSchema,
  ROUTES,
  recordedReplySchema,
  timeLeftMsSchema,
} from '../../client/contract.ts';
import { openApiText } from '../../infra/openapi/document.ts';
import { bodies, document, documentText, faultsOf, operations } from './checked-document.ts';

/** What the function and the client validate bodies with, by operation. */
const BODIES: Readonly<Record<string, v.GenericSchema>> = {
  balance: balanceBodySchema,
  deposit: movedSchema,
  withdraw: movedSchema,
  outcome: recordedReplySchema,
  cancel: cancellationSchema,
};

const PARAMETERS: Readonly<Record<string, v.GenericSchema>> = {
  account: accountSchema,
  key: keySchema,
  idempotencyKey: keySchema,
  acknowledge: acknowledgedKeysSchema,
  timeLeft: timeLeftMsSchema,
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

  it('has every route of the contract and no other', () => {
    const told = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    expect(told.toSorted()).toEqual(ROUTES.map(({ method, path }) => `${method} ${path}`).toSorted());
    expect(new Set(operations.map(({ id }) => id)).size).toBe(ROUTES.length);
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
        if (status === undefined) v.parse(moveBodySchema, value);
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
      v.parse(PARAMETERS[name] ?? v.never(), example);
    }
    for (const [name, { example }] of Object.entries(headers)) {
      expect(faultsOf(example, ['components', 'headers', name, 'schema'])).toEqual([]);
    }
  });

  it('have no key that could be taken for one to call with: a key is minted for each call', () => {
    const { parameters } = document.components;
    const ofKeys = [parameters['key'], parameters['idempotencyKey'], parameters['acknowledge']];
    expect(ofKeys.map((parameter) => parameter?.example)).toEqual([undefined, undefined, undefined]);
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
  const keys = (count: number) => Array.from({ length: count }, () => key);
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
      'MoveBody',
      moveBodySchema,
      [{ amount: '10' }, { amount: 10 }, { amount: '10', currency: 'EUR' }, {}, [], null],
    ],
    ['AcknowledgedKeys', acknowledgedKeysSchema, [keys(1), keys(25), keys(26), ['joe'], [''], key]],
    ['TimeLeftMs', timeLeftMsSchema, ['0', '2000', '1e9', '-1', '9999999999', '٣', '']],
  ];

  it.each(cases)('%s takes what the function takes and nothing else', (name, schema, values) => {
    const verdicts = (judge: (value: unknown) => boolean) => values.map((value) => [value, judge(value)]);
    const taken = verdicts((value) => faultsOf(value, ['components', 'schemas', name]).length === 0);
    expect(taken).toEqual(verdicts((value) => v.is(schema, value)));
    expect(new Set(taken.map(([, verdict]) => verdict))).toEqual(new Set([true, false]));
  });
});
