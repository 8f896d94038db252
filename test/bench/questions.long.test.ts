import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { PROJECT_FOLDER } from '../../infra/local/folders.ts';
import { propertiesOf } from '../support/deployment.ts';
import { coldStart, NODE_OPTIONS } from './cold-start.ts';
import { cpu } from './cpu.ts';
import { localBank } from './local-bank.ts';
import { lostRegion } from './lost-region.ts';
import type { Site, Table } from './question.ts';
import { throughput } from './throughput.ts';

let site: Site;
beforeAll(async () => {
  site = {
    endpoint: inject('dynamodbEndpoint'),
    folder: await mkdtemp(join(tmpdir(), 'twinbank-bench-test-')),
    onProgress: () => {},
    signal: new AbortController().signal,
  };
});
afterAll(() => rm(site.folder, { recursive: true, force: true }));

/** The cells of one column, all tables together. */
function column(tables: readonly Table[], name: string): unknown[] {
  return tables.flatMap(({ rows }) => rows.map((row) => row[name]));
}

const twice = expect.objectContaining({ median: expect.any(Number), samples: 2 });

describe('the benchmark', () => {
  test('measures calls a second of every contender, in as many rounds as planned', async () => {
    const settings = [{ accounts: 3, callers: 2 }];
    const tables = await throughput.measure({ settings, rounds: 2, warmUpMs: 30, sliceMs: 30 }, site);
    expect(column(tables, 'callsPerSecond')).toEqual([twice, twice, twice, twice]);
    expect(column(tables, 'ratioToBare')[1]).toMatchObject({ median: 1, p25: 1, p75: 1 });
  });

  test('measures the CPU time of the function and of the client', async () => {
    const tables = await cpu.measure({ rounds: 2, calls: 5 }, site);
    expect(column(tables, 'ratio')).toEqual([twice, twice, twice]);
  });

  test('measures cold starts and the sizes of the bundles', async () => {
    const tables = await coldStart.measure({ starts: 2 }, site);
    expect(column(tables, 'ratio')).toEqual([
      twice,
      twice,
      twice,
      twice,
      expect.any(Number),
      expect.any(Number),
    ]);
  });

  test('starts functions with the options of Node that they are deployed with', () => {
    const isApi = ({ FunctionName }: { FunctionName?: unknown }) => FunctionName === 'twinbank-api';
    const { Environment } = propertiesOf(inject('deployment').regions[0], 'AWS::Lambda::Function', isApi) as {
      Environment: { Variables: Record<string, unknown> };
    };
    expect(Environment.Variables['NODE_OPTIONS']).toBe(NODE_OPTIONS);
  });

  test('measures the whole local bank beside bare writes on its DynamoDB', async () => {
    const tables = await localBank.measure({ rounds: 2, warmUpMs: 50, sliceMs: 50 }, site);
    expect(column(tables, 'side')).toEqual(['the local bank, over HTTP', 'bare UpdateItem']);
    expect(column(tables, 'ratioToBare')).toEqual([twice, twice]);
  });

  test('has the first answer of a killed and of a frozen Region, with hedging and without, and no money lost', async () => {
    const tables = await lostRegion.measure({ trials: 1, laterCalls: 1 }, site);
    expect(column(tables, 'region')).toEqual(['killed', 'killed', 'frozen', 'frozen']);
    expect(column(tables, 'firstAnswerMs')).toHaveLength(4);
  });
});

describe('its command line', () => {
  const run = async (...args: string[]) => {
    const command = ['--import', 'tsx', 'test/bench/main.ts', ...args];
    try {
      const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: PROJECT_FOLDER });
      return { code: 0, stdout, stderr: '' };
    } catch (error) {
      return error as { code: number; stdout: string; stderr: string };
    }
  };

  test('explains itself', async () => {
    const { code, stdout } = await run('--help');
    expect(code).toBe(0);
    for (const word of ['counts', 'lost-region', '--quick', '--json <file>']) {
      expect(stdout).toContain(word);
    }
  });

  test.each([['--slow'], ['everything'], ['--json']])('rejects %s with 2', async (argument) => {
    expect(await run(argument)).toMatchObject({ code: 2, stderr: expect.stringContaining(argument) });
  });

  test('prints the answers to the questions that were asked, and writes them as JSON', async () => {
    const file = join(site.folder, 'bench.json');
    const { code, stdout } = await run('counts', '--quick', '--json', file);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Commit \S+, a quick run\n.*Node v[\s\S]*Load before: [\s\S]*bare UpdateItem/);
    const { commit, quick, machine, answers } = JSON.parse(await readFile(file, 'utf8'));
    expect({ commit, quick, machine }).toEqual({
      commit: expect.any(String),
      quick: true,
      machine: expect.objectContaining({ node: process.version }),
    });
    expect(Object.keys(answers)).toEqual(['counts']);
    expect(answers.counts.tables[0].rows[0]).toMatchObject({ operation: 'deposit', requests: 1 });
  });
});
