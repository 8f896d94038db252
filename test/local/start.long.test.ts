import { chmod, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { freePorts } from '../../infra/local/free-ports.ts';
import { BankLab, balance, deposit, FIRST } from '../support/bank-lab.ts';

const lab = new BankLab();
afterAll(() => lab.close());

test('npm start prints what is up, where, with which pid, on which DynamoDB, and what to type next', async () => {
  const DYNAMODB_ENDPOINT = inject('dynamodbEndpoint');
  const ports = await freePorts();
  const bank = lab.run(['--ports', ports.join()], { DYNAMODB_ENDPOINT });
  await bank.until(() => bank.lines.some((line) => line.startsWith('Here:')));
  const said = bank.lines.join('\n');
  expect(said).toMatch(new RegExp(`us-east-1  up      http://127.0.0.1:${ports[0]}  pid [0-9]+`));
  expect(said).toMatch(new RegExp(`us-east-2  up      http://127.0.0.1:${ports[1]}  pid [0-9]+`));
  expect(said).toContain(`The bank is up, on the one at ${DYNAMODB_ENDPOINT}`);
  expect(said).toContain('npx bank deposit joe 10');
  expect(said).toContain('kill us-east-1');
  expect(await deposit(`http://127.0.0.1:${ports[0]}`, '3')).toBe('3');

  bank.say('help');
  await bank.until(() => bank.lines.some((line) => line.includes('freeze REGION')));
  bank.say('dance');
  await bank.until(() => bank.stderr.includes('"dance" is not a command'));
  bank.say('quit');
  expect(await bank.exit).toBe(0);
});

test('a start on a DynamoDB that runs already touches no bank that uses it', async () => {
  const environment = { DYNAMODB_ENDPOINT: inject('dynamodbEndpoint') };
  const first = await (await lab.start(null, [], environment)).ready();
  expect(await deposit(first.region(FIRST).url, '3')).toBe('3');
  const second = await (await lab.start(null, [], environment)).ready();
  expect(await deposit(second.region(FIRST).url, '1')).toBe('1');
  expect(await balance(first.region(FIRST).url)).toBe('3');
});

test('--help says what there is, and starts nothing', async () => {
  const bank = lab.run(['--help']);
  expect(await bank.exit).toBe(0);
  for (const word of [
    '--ports',
    '--data',
    '--json',
    'freeze REGION',
    'DYNAMODB_LOCAL',
    'DYNAMODB_ENDPOINT',
  ]) {
    expect(bank.lines.join('\n')).toContain(word);
  }
  expect(bank.stderr).toBe('');
});

describe('one clear sentence, and exit code 2 for options and 1 for anything else,', () => {
  test.each([
    { what: 'an option that does not exist', args: ['--port', '3020'], code: 'usage' },
    { what: 'a word that is no option', args: ['us-east-1'], code: 'usage' },
    { what: 'one port instead of two', args: ['--ports', '3020'], code: 'usage' },
    { what: 'the same port twice', args: ['--ports', '3020,3020'], code: 'usage' },
    { what: 'a port that is none', args: ['--ports', '3020,70000'], code: 'usage' },
    { what: 'a data folder without a name', args: ['--data', ''], code: 'usage' },
    { what: 'a data folder that cannot be', args: ['--data', '/dev/null/x'], code: 'data_folder_unusable' },
    { what: 'a bundle that is not there', args: ['--bundle', '/nowhere/api.mjs'], code: 'bundle_failed' },
    { what: 'an unknown DYNAMODB_LOCAL', env: { DYNAMODB_LOCAL: 'cloud' }, code: 'bad_argument' },
    {
      what: 'no Java where Java is asked for',
      env: { DYNAMODB_LOCAL: 'jar', PATH: '/nowhere' },
      code: 'no_java',
    },
    {
      what: 'a DynamoDB that is not there',
      env: { DYNAMODB_ENDPOINT: 'http://127.0.0.1:9' },
      code: 'tables_failed',
    },
    {
      what: 'a data folder for a DynamoDB that runs elsewhere',
      args: ['--data', '/nowhere'],
      env: { DYNAMODB_ENDPOINT: 'http://127.0.0.1:9' },
      code: 'bad_argument',
    },
  ])('for $what', async ({ args = [], env = {}, code }) => {
    const bank = await lab.start(null, args, env);
    expect(await bank.exit).toBe(code === 'usage' ? 2 : 1);
    expect(bank.events).toEqual([{ event: 'error', code, message: bank.stderr.trim() }]);
    expect(bank.stderr.trim()).toMatch(/^[^\n]{20,300}$/);
  });

  test('for a function that cannot be bundled, with the reason', async () => {
    const folder = await lab.folder();
    await writeFile(join(folder, 'functions'), 'a file where a folder has to be');
    const bank = await lab.start(folder);
    expect(await bank.exit).toBe(1);
    expect(bank.events).toEqual([
      { event: 'error', code: 'bundle_failed', message: expect.stringContaining('not a directory') },
    ]);
  });

  // Where the jar is what this run uses, it is there; elsewhere this would fetch it.
  test.runIf(process.env['DYNAMODB_LOCAL'] === 'jar')('for a Java that does not start', async () => {
    const folder = await lab.folder();
    const java = join(folder, 'java');
    await writeFile(java, '#!/bin/sh\n[ "$1" = -version ] && exit 0\necho "no class found" >&2; exit 1\n');
    await chmod(java, 0o755);
    const bank = await lab.start(folder, [], { PATH: [folder, process.env['PATH']].join(delimiter) });
    expect(await bank.exit).toBe(1);
    expect(bank.events).toMatchObject([{ event: 'error', code: 'dynamodb_failed' }]);
    expect(bank.stderr).toMatch(/^[^\n]*no class found[^\n]*\n$/);
  });
});
