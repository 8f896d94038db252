import { Validator } from '@seriousme/openapi-schema-validator';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { OPERATION_REFERENCE } from '../../client/contract/operation-reference.ts';
import * as contract from '../../client/contract/schemas.ts';
import { openApiText } from '../../infra/openapi/document.ts';
import { bodies, document, documentText, faultsOf, operations } from './checked-document.ts';

const { isProblemCode, OPERATIONS, PROBLEM_MEDIA_TYPE, PROBLEM_PAGE, PROBLEMS, problemSchema } = contract;

describe('the OpenAPI document that is checked in', () => {
  test('is the one that is made of the schemas; if it is not, run: npm run openapi', () => {
    expect(documentText === openApiText(), 'client/openapi.json is out of date: npm run openapi').toBe(true);
  });

  test('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    expect(await validator.validate(JSON.parse(documentText))).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
    const { openapi, ...broken } = JSON.parse(documentText);
    expect((await validator.validate({ openapi, ...broken, paths: 7 })).valid).toBe(false);
  });

  test('has every operation of the contract and no other, under its name', () => {
    const documented = operations.map(({ id, method, path }) => [id, { method: method.toUpperCase(), path }]);
    const named = Object.entries(OPERATIONS).map(([id, { method, path }]) => [id, { method, path }]);
    expect(documented).toHaveLength(named.length);
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(named));
  });

  test('lets a generated client take the first answer that fits: none before it lacks a member of an executed call', () => {
    const schemas: Record<string, Answer> = JSON.parse(documentText).components.schemas;
    const names = executedIn(JSON.parse(documentText).components.schemas.RecordedReply);
    expect(names.length).toBeGreaterThan(5);
    const executed = names.map((name) => schemas[name] ?? { required: [], properties: {} });
    for (const [place, later] of executed.entries()) {
      const members = Object.keys(later.properties);
      for (const earlier of executed.slice(0, place)) {
        const fits = earlier.required.every((name) => members.includes(name));
        expect(fits ? members.filter((name) => !(name in earlier.properties)) : []).toEqual([]);
      }
    }
  });

  test('has each parameter that a path names, and no reference to nothing', () => {
    for (const { path, operation } of operations) {
      const inPath = [...path.matchAll(/{(\w+)}/g)].map(([, name]) => name);
      expect(operation.parameters.map(({ name }) => name)).toEqual(expect.arrayContaining(inPath));
    }
    const references = [...documentText.matchAll(/"\$ref": "#\/([^"]+)"/g)].map(([, path = '']) => path);
    expect(references.length).toBeGreaterThan(100);
    for (const reference of new Set(references)) {
      expect(document).toHaveProperty(reference.split('/'));
    }
  });
});

describe('the examples', () => {
  test.each(
    bodies.map((body) => [`${body.operation.id} ${body.status ?? 'request'} ${body.type}`, body] as const),
  )(
    'of %s are what its schema says, and what the bank and the client take',
    (_, { place, examples, status, type, operation }) => {
      const { body = v.never(), response = v.never() } = OPERATION_REFERENCE[operation.id];
      expect(examples.size).toBeGreaterThan(0);
      for (const [name, value] of examples) {
        expect({ name, faults: faultsOf(value, place) }).toEqual({ name, faults: [] });
        if (status === undefined) {
          v.parse(body, value);
        }
        if (status === '200') {
          v.parse(response, value);
        }
        if (type === PROBLEM_MEDIA_TYPE) {
          checkProblem(value, Number(status));
        }
      }
    },
  );

  test('of schemas and headers are what their schemas say', () => {
    const { headers, schemas } = document.components;
    const shown = Object.entries(schemas).filter(([, { examples }]) => examples !== undefined);
    expect(shown.length).toBeGreaterThan(1);
    for (const [name, { examples = [] }] of shown) {
      for (const example of examples) {
        expect(faultsOf(example, ['components', 'schemas', name])).toEqual([]);
      }
    }
    for (const [name, { example }] of Object.entries(headers)) {
      expect(faultsOf(example, ['components', 'headers', name, 'schema'])).toEqual([]);
    }
  });

  test('have no key that a reader could call with: a key is minted for each call', () => {
    expect(document.components.schemas['Key']).not.toHaveProperty('examples');
    const keys = documentText.match(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? [];
    expect(new Set(keys.map((key) => key.slice(0, 8))), 'keys of 1970').toEqual(new Set(['00000000']));
  });

  test('show every problem code', () => {
    const shown = Object.values(document.components.examples).map(({ value }) => value['code']);
    expect(new Set(shown.filter((code) => code !== undefined))).toEqual(new Set(Object.keys(PROBLEMS)));
  });
});

function checkProblem(value: unknown, status: number): void {
  const { code, ...problem } = v.parse(problemSchema, value);
  if (!isProblemCode(code)) {
    throw new Error(`the contract knows no ${code}`);
  }
  expect(status).toBe(PROBLEMS[code].status);
  const { title } = PROBLEMS[code];
  expect(problem).toMatchObject({ type: `${PROBLEM_PAGE}#${code}`, title, status });
}

/** What a value is by the document, and by the schema that the function validates with. */
function expectSame(
  values: readonly unknown[],
  place: readonly string[],
  isTaken: (value: unknown) => boolean,
): void {
  const verdicts = (judge: (value: unknown) => boolean) => values.map((value) => [value, judge(value)]);
  const taken = verdicts((value) => faultsOf(value, place).length === 0);
  expect(taken).toEqual(verdicts(isTaken));
  expect(new Set(taken.map(([, verdict]) => verdict))).toEqual(new Set([true, false]));
}

describe('a schema of the document', () => {
  const key = '0198c5a0-7e57-7abc-8def-0123456789ab';
  const order = 'order 4711';
  const cases: readonly (readonly [string, v.GenericSchema, readonly unknown[]])[] = [
    [
      'Account',
      contract.accountSchema,
      ['joe', 'JOE_1.a:b@c-d', '', '.joe', 'a b', 'é', 'joe\n', 'x'.repeat(128), 'x'.repeat(129), 7],
    ],
    [
      'Key',
      contract.keySchema,
      [
        ...[key, key.toUpperCase(), `${key}\n`, `{${key}}`, ''],
        ...[key.replace('7abc', '4abc'), key.replace('8def', 'cdef')],
      ],
    ],
    [
      'Amount',
      contract.amountSchema,
      ['1', '0', '010', '-1', '1.5', '1e3', '9'.repeat(15), '9'.repeat(16), '١', 10],
    ],
    [
      'DepositBody',
      contract.depositBodySchema,
      [
        ...[{ amount: '10' }, { amount: '10', reference: order, mustExist: true }],
        ...[{ amount: '10', mustExist: 'true' }, { amount: 10 }, { amount: '10', currency: 'EUR' }],
        ...[{}, [], null],
      ],
    ],
    [
      'WithdrawalBody',
      contract.withdrawalBodySchema,
      [
        { amount: '10', reference: order },
        { amount: '10', mustExist: true },
      ],
    ],
    [
      'StatusBody',
      contract.statusBodySchema,
      [
        ...[
          { debits: 'frozen' },
          { credits: 'open', reference: order },
          { debits: 'open', credits: 'frozen' },
        ],
        ...[
          {},
          { reference: order },
          { debits: 'shut' },
          { debits: true },
          { debits: 'open', holds: 'open' },
        ],
        ...[{ debits: 'open', credits: 'shut' }, [], null],
      ],
    ],
    ['Reference', contract.referenceSchema, [order, '~', '', 'x'.repeat(64), 'x'.repeat(65), 'é', 'a\nb', 7]],
    ['Sequence', contract.sequenceSchema, [1, 2 ** 53 - 1, 0, -1, 1.5, 2 ** 53, '1']],
    [
      'Timestamp',
      contract.timestampSchema,
      ['2026-11-27T13:00:00Z', '2026-11-27t13:00:00.123+01:00', '2026-11-27', '2026-11-27 13:00:00Z', 7],
    ],
    ['TimeLeftMs', contract.timeLeftMsSchema, ['0', '2000', '1e9', '-1', '9999999999', '٣', '']],
  ];

  test.each(cases)('%s takes what the function takes and nothing else', (name, schema, values) => {
    expectSame(values, ['components', 'schemas', name], (value) => v.is(schema, value));
  });

  const queries = operations.flatMap(({ id, path, method, operation }) =>
    operation.parameters.flatMap(({ name, in: where, schema: { type } }, index) =>
      where === 'query'
        ? [{ id, name, type, place: ['paths', path, method, 'parameters', String(index), 'schema'] }]
        : [],
    ),
  );

  test.each(queries)(
    'of $name in the query of $id takes what the function takes',
    ({ id, name, type, place }) => {
      const texts = ['joe', '.joe', 'true', '2026-11-27T13:00:00Z'];
      const values = type === 'string' ? texts : [0, 1, 100, 101, -1, 1.5, true, false, 'joe'];
      const { query = v.never() } = OPERATION_REFERENCE[id];
      expectSame(values, place, (value) => v.is(query, { [name]: String(value) }));
    },
  );
});

interface Answer {
  readonly required: readonly string[];
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Names of the schemas that the body of an executed reply may have, in their order. */
function executedIn(reply: {
  anyOf: readonly { properties: { body: { anyOf?: readonly { $ref: string }[] } } }[];
}): readonly string[] {
  return (reply.anyOf[0]?.properties.body.anyOf ?? []).map(({ $ref }) => $ref.split('/').at(-1) ?? '');
}
