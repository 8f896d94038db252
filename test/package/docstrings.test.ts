import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import * as client from '../../client/index.ts';
import { PROJECT_FOLDER } from '../../infra/local/folders.ts';
import { buildCommand } from '../support/bank-command.ts';
import { type Declared, declarationsIn, declarationsOf } from './docstrings.ts';

const DIST = join(PROJECT_FOLDER, 'client/dist');

let declared: Declared[];
beforeAll(async () => {
  await buildCommand();
  declared = [...declarationsOf(DIST), ...declarationsIn(join(DIST, 'testing/index.d.ts'))];
});

const namesOf = (found: readonly Declared[]) => found.map(({ name }) => name);

describe('what the client exports', () => {
  test('is all found: every value, and types beside them', () => {
    const names = namesOf(declared);
    expect(names).toEqual(expect.arrayContaining(Object.keys(client)));
    const members = [
      'BankClient.deposit',
      'BankClientOptions.endpoints',
      'Receipt.balance',
      'RefusedError.code',
      'TestBank.kill',
      'TestBankOptions.nowMs',
    ];
    expect(names).toEqual(expect.arrayContaining(['BankEvent', 'RefusalCode', ...members]));
  });

  test('has a docstring on every name and on every member', () => {
    expect(namesOf(declared.filter(({ documentation }) => documentation === ''))).toEqual([]);
  });

  test('has an example on every class, function and method', () => {
    const called = declared.filter(({ kind }) => ['class', 'function', 'method'].includes(kind));
    // The client calls the functions of an environment. Examples are at the options that take them.
    const shown = called.filter(({ name }) => !name.startsWith('Environment.'));
    expect(shown.length).toBeGreaterThan(12);
    expect(namesOf(shown.filter(({ documentation }) => !documentation.includes('@example')))).toEqual([]);
  });

  test('documents the errors of each method of the client', () => {
    const methods = declared.filter(({ name, kind }) => kind === 'method' && /^BankClient\.[a-z]/.test(name));
    expect(methods.length).toBeGreaterThan(6);
    expect(namesOf(methods.filter(({ documentation }) => !/\bThrows\b/.test(documentation)))).toEqual([]);
  });

  test('documents the default of each option', () => {
    const options = declared.filter(({ name }) => /^(BankClientOptions|\w+Options)\./.test(name));
    const silent = options.filter(({ documentation }) => !documentation.includes('Default'));
    expect(options.length).toBeGreaterThan(12);
    expect(namesOf(silent)).toEqual(['BankClientOptions.endpoints', 'EndpointOptions.url']);
  });

  test('documents the meaning of each refusal', () => {
    const page = declared.find(({ name }) => name === 'RefusalCode')?.documentation;
    const table = readFileSync(join(DIST, 'contract/problems.js'), 'utf8');
    const codes = [...table.matchAll(/^ {4}(\w+): (?:\{ status: |recorded\()/gm)].map(([, code]) => code);
    expect(codes).toContain('not_enough_money');
    // These two are not refusals: one is a separate error, the other an outcome.
    const refusals = codes.filter((code) => code !== 'unavailable' && code !== 'no_reply');
    expect(refusals.filter((code) => !page?.includes(`\`${code}\``))).toEqual([]);
  });
});
