import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type EndpointSources, findEndpoints } from '../../client/command/endpoints.ts';
import { findBank, loadBank } from '../../client/command/outputs.ts';
import { UsageError } from '../../client/command/usage.ts';
import { EXPERIMENT_OUTPUTS } from '../../infra/experiments.ts';
import { OUTPUTS } from '../../infra/region.ts';
import { buildCommand, runBank } from '../support/bank-command.ts';
import { regionsOf, test } from '../support/two-regions.ts';

const EAST = {
  BankEndpoint: 'https://abc.execute-api.us-east-1.amazonaws.com',
  BankRegion: 'us-east-1',
  DrillReplication: 'EXTaaa',
};
const WEST = {
  BankEndpoint: 'https://def.execute-api.us-east-2.amazonaws.com',
  BankRegion: 'us-east-2',
  DrillReplication: 'EXTbbb',
  DrillFunction: 'EXTccc',
};
const DEPLOYED = {
  'twinbank-tables': {},
  'twinbank-us-east-2': WEST,
  'twinbank-us-east-1': EAST,
  'somebody-elses': { BucketName: 'not-a-bank', Size: 3 },
};
const TWO_BANKS = { ...DEPLOYED, 'staging-us-east-1': EAST, 'staging-us-east-2': WEST };

const folder = mkdtempSync(join(tmpdir(), 'bank-outputs-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes an outputs file for a bank at these addresses. */
function outputsFile(east: string, west: string): string {
  const path = join(folder, 'cdk-outputs.json');
  const outputs = {
    'twinbank-us-east-1': { ...EAST, BankEndpoint: east },
    'twinbank-us-east-2': { ...WEST, BankEndpoint: west },
  };
  writeFileSync(path, JSON.stringify(outputs));
  return path;
}

describe('the outputs of a deployment', () => {
  test('hold the bank, its Regions in the order of the file, and the experiments that are deployed', () => {
    expect(findBank(DEPLOYED, undefined)).toEqual({
      name: 'twinbank',
      regions: [
        {
          stack: 'twinbank-us-east-2',
          region: 'us-east-2',
          url: WEST.BankEndpoint,
          experiments: { replication: 'EXTbbb', function: 'EXTccc' },
        },
        {
          stack: 'twinbank-us-east-1',
          region: 'us-east-1',
          url: EAST.BankEndpoint,
          experiments: { replication: 'EXTaaa', function: undefined },
        },
      ],
    });
  });

  test('are read by the names that the stacks give them', () => {
    expect([...Object.values(OUTPUTS), ...Object.values(EXPERIMENT_OUTPUTS)].sort()).toEqual(
      Object.keys(WEST).sort(),
    );
  });

  test('hold the bank that was chosen, when there are several', () => {
    expect(findBank(TWO_BANKS, 'staging').regions.map(({ stack }) => stack)).toEqual([
      'staging-us-east-1',
      'staging-us-east-2',
    ]);
  });

  test.each([
    { what: 'a list', outputs: [4], message: /not written by cdk deploy/ },
    { what: 'a number', outputs: 4, message: /not written by cdk deploy/ },
    { what: 'stacks that are none', outputs: { stack: 'text' }, message: /not written by cdk deploy/ },
    { what: 'no stack', outputs: {}, message: /the file has no bank:/ },
    { what: 'stacks of something else', outputs: { other: { Url: 'x' } }, message: /the file has no bank:/ },
    {
      what: 'two banks and no choice',
      outputs: TWO_BANKS,
      message:
        /2 banks, twinbank \(twinbank-us-east-2, twinbank-us-east-1\) and staging \(staging-us-east-1, staging-us-east-2\)\. Choose one with --bank/,
    },
    {
      what: 'another bank than the one that was chosen',
      outputs: DEPLOYED,
      bank: 'staging',
      message: /no bank "staging", only twinbank/,
    },
    {
      what: 'half a deployment',
      outputs: { 'twinbank-us-east-1': EAST },
      message: /twinbank must have 2 Regions, but the file has 1 \(twinbank-us-east-1\)\. Deploy all stacks/,
    },
    {
      what: 'an endpoint without its Region',
      outputs: { 'twinbank-us-east-1': { BankEndpoint: EAST.BankEndpoint } },
      message: /twinbank-us-east-1.*BankRegion/s,
    },
    {
      what: 'an endpoint that is no address',
      outputs: { 'twinbank-us-east-1': { ...EAST, BankEndpoint: 'abc' } },
      message: /twinbank-us-east-1.*"abc".*BankEndpoint/s,
    },
  ])('are refused with what is wrong about them: $what', ({ outputs, bank, message }) => {
    expect(() => findBank(outputs, bank)).toThrow(UsageError);
    expect(() => findBank(outputs, bank)).toThrow(message);
  });

  test('are blamed on their file', () => {
    expect(() => loadBank('here.json', undefined, () => '{')).toThrow(/^here\.json: the file is not JSON/);
    expect(() => loadBank('here.json', undefined, () => '{}')).toThrow(/^here\.json: the file has no bank/);
    expect(() =>
      loadBank('here.json', undefined, () => {
        throw new Error('ENOENT');
      }),
    ).toThrow(/^here\.json: the file cannot be read: ENOENT/);
  });
});

describe('the endpoints', () => {
  const files: Readonly<Record<string, object>> = { 'one.json': DEPLOYED, 'two.json': TWO_BANKS };
  const endpointsOf = (sources: EndpointSources, environment: NodeJS.ProcessEnv = {}) =>
    findEndpoints(sources, environment, (path) => JSON.stringify(files[path]));
  const [WEST_FIRST, EAST_FIRST] = [
    [
      { region: 'us-east-2', url: WEST.BankEndpoint },
      { region: 'us-east-1', url: EAST.BankEndpoint },
    ],
    [
      { region: 'us-east-1', url: EAST.BankEndpoint },
      { region: 'us-east-2', url: WEST.BankEndpoint },
    ],
  ];

  test('are those of the file, and the Region that was asked for comes first', () => {
    expect(endpointsOf({ outputs: 'one.json' })).toEqual(WEST_FIRST);
    expect(endpointsOf({ outputs: 'one.json', region: 'us-east-1' })).toEqual(EAST_FIRST);
    expect(endpointsOf({ outputs: 'two.json', bank: 'staging' })).toEqual(EAST_FIRST);
  });

  test('are preferred by Region wherever they come from, also when only the host name has it', () => {
    expect(endpointsOf({ region: 'us-east-2' })).toMatchObject([
      { url: 'http://127.0.0.1:3030' },
      { url: 'http://127.0.0.1:3020' },
    ]);
    const environment = { BANK_ENDPOINTS: `${EAST.BankEndpoint},${WEST.BankEndpoint}` };
    expect(endpointsOf({ region: 'us-east-2' }, environment)).toEqual([
      { url: WEST.BankEndpoint },
      { url: EAST.BankEndpoint },
    ]);
  });

  test('come from the command line before the environment, and from addresses before a file', () => {
    const environment = { BANK_ENDPOINTS: 'http://a.example', BANK_OUTPUTS: 'one.json' };
    expect(endpointsOf({ endpoint: ['http://b.example'] }, environment)).toEqual([
      { url: 'http://b.example' },
    ]);
    expect(endpointsOf({ outputs: 'one.json' }, environment)).toEqual(WEST_FIRST);
    expect(endpointsOf({}, environment)).toEqual([{ url: 'http://a.example' }]);
    expect(endpointsOf({}, { BANK_OUTPUTS: 'one.json' })).toEqual(WEST_FIRST);
    expect(endpointsOf({}, { BANK_OUTPUTS: '' })).toMatchObject([{ region: 'us-east-1' }, {}]);
  });
});

describe('bank --outputs', () => {
  beforeAll(buildCommand);

  test('calls the bank of the file, the preferred Region first', async ({ regions }) => {
    const file = outputsFile(regions.east.url, regions.west.url);

    expect(await runBank(['deposit', 'joe', '7', '--outputs', file])).toMatchObject({ code: 0 });
    expect(await runBank(['balance', 'joe', '--region', 'us-east-2'], { BANK_OUTPUTS: file })).toEqual({
      code: 0,
      stdout: '7\n',
      stderr: [],
    });
    expect(regionsOf(regions.arrivals)).toEqual(['us-east-1', 'us-east-2']);
  });

  test('ends with 2 and one sentence when there is no such file', async () => {
    const { code, stdout, stderr } = await runBank(['balance', 'joe', '--outputs', join(folder, 'nowhere')]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toEqual([
      expect.stringMatching(/^bank: usage: .*nowhere: the file cannot be read: ENOENT/),
      'See bank balance --help.',
    ]);
  });
});
