import { describe, expect, test } from 'vitest';
import { readDrill } from '../../infra/tools/drill/options.ts';

const OUTPUTS = {
  'twinbank-us-east-1': {
    BankEndpoint: 'https://abc.execute-api.us-east-1.amazonaws.com',
    BankRegion: 'us-east-1',
    DrillReplication: 'EXT1',
  },
  'twinbank-us-east-2': {
    BankEndpoint: 'https://def.execute-api.us-east-2.amazonaws.com',
    BankRegion: 'us-east-2',
    DrillReplication: 'EXT2',
    DrillFunction: 'EXT3',
  },
};
const OLD = {
  ...OUTPUTS,
  'twinbank-us-east-1': { ...OUTPUTS['twinbank-us-east-1'], DrillReplication: undefined },
};
const FILES: Readonly<Record<string, object>> = { 'o.json': OUTPUTS, 'old.json': OLD };

const readFile = (path: string) => JSON.stringify(FILES[path]);
const read = (line: string, environment: NodeJS.ProcessEnv = {}) =>
  readDrill(line === '' ? [] : line.split(' '), environment, readFile);

describe('the command line of a drill', () => {
  test('names the bank, the fault and the Region that is under it, which comes first', () => {
    expect(read('--outputs o.json --fault replication --region us-east-2')).toMatchObject({
      bank: { name: 'twinbank' },
      regions: [{ region: 'us-east-2' }, { region: 'us-east-1' }],
      fault: { kind: 'replication', templateId: 'EXT2' },
      minutes: 10,
      clients: 8,
      callsPerSecond: 2,
      seed: undefined,
      json: false,
    });
  });

  test('may say how long, how many, how fast, and from which seed', () => {
    expect(
      read('--fault none --region us-east-1 --minutes 0.5 --clients 3 --pace 1.5 --seed 7 --json', {
        BANK_OUTPUTS: 'o.json',
      }),
    ).toMatchObject({
      regions: [{ region: 'us-east-1' }, { region: 'us-east-2' }],
      fault: { kind: 'none' },
      minutes: 0.5,
      clients: 3,
      callsPerSecond: 1.5,
      seed: 7,
      json: true,
    });
  });

  test.each([
    { line: '--region us-east-1 --fault none', message: /--outputs is missing/ },
    { line: '--outputs o.json --fault none', message: /--region is missing.*us-east-1 or us-east-2/ },
    { line: '--outputs o.json --region us-east-1', message: /--fault <fault>' not specified/ },
    { line: '--outputs o.json --region eu-west-1 --fault none', message: /no Region "eu-west-1"/ },
    {
      line: '--outputs o.json --region us-east-1 --fault function',
      message: /twinbank-us-east-1 has no experiment.*deploy with -c faultInjection=true first/,
    },
    {
      line: '--outputs old.json --region us-east-1 --fault replication',
      message: /deploy the bank once more/,
    },
    { line: '--outputs o.json --region us-east-1 --fault none --bank b', message: /no bank "b"/ },
    { line: '--outputs nowhere.json --region us-east-1 --fault none', message: /^nowhere\.json: / },
    {
      line: '--outputs o.json --region us-east-1 --fault none --minutes 120 --clients 64',
      message: /too many/,
    },
  ])('is refused with what is wrong about it: "$line"', ({ line, message }) => {
    expect(() => read(line)).toThrow(expect.objectContaining({ code: 'usage' }));
    expect(() => read(line)).toThrow(message);
  });
});
