import { execFile } from 'node:child_process';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { MAX_REQUEST_BYTES } from '../../functions/memory/gateway.ts';
import { PROJECT_FOLDER } from '../../infra/local/folders.ts';
import { freePorts } from '../../infra/local/free-ports.ts';
import { BankLab } from '../support/bank-lab.ts';
import { bodies, documentText } from './checked-document.ts';

const HERE = join(PROJECT_FOLDER, 'test/openapi');
const PACKAGES = join(HERE, 'node_modules');
/** Inside the project, so that imports find what a reader would install. */
const place = join(PROJECT_FOLDER, '.twinbank', `openapi-${process.pid}`);

const lab = new BankLab();
let regions: readonly string[];

beforeAll(async () => {
  const ports = await freePorts();
  regions = ports.map((port) => `http://127.0.0.1:${port}`);
  const bank = lab.run(['--ports', ports.join(), '--json'], {
    DYNAMODB_ENDPOINT: inject('dynamodbEndpoint'),
  });
  await bank.ready();
  await mkdir(place, { recursive: true });
});
afterAll(async () => {
  await lab.close();
  await rm(place, { recursive: true, force: true });
});

/** Runs a program of Node to its end and gives what it printed. Fails when it fails. */
async function run(...args: readonly string[]): Promise<string> {
  const ended = promisify(execFile)(process.execPath, args, { cwd: PROJECT_FOLDER });
  const { stdout } = await ended.catch((error: { stdout: string; stderr: string }) => {
    throw new Error(`${args.join(' ')}\n${error.stdout}${error.stderr}`);
  });
  return stdout;
}

describe('each Region of one machine', () => {
  test('serves the document that is checked in, and answers HEAD without the body', async () => {
    for (const region of regions) {
      const got = await fetch(`${region}/openapi.json`, { headers: { origin: 'http://localhost:3000' } });
      expect(got.status).toBe(200);
      expect(got.headers.get('content-type')).toBe('application/json');
      expect(got.headers.get('access-control-allow-origin')).toBe('http://localhost:3000');
      expect(await got.text()).toBe(documentText);
      const head = await fetch(`${region}/openapi.json?now`, { method: 'HEAD' });
      expect(head.status).toBe(200);
      expect(head.headers.get('content-type')).toBe('application/json');
      expect(head.headers.get('content-length')).toBe(String(Buffer.byteLength(documentText)));
      expect(await head.text()).toBe('');
    }
  });

  test('leaves everything else to the function, which has no such route', async () => {
    for (const [method, path] of [
      ['POST', '/openapi.json'],
      ['GET', '/openapi.json/'],
      ['GET', '/openapi'],
    ] as const) {
      const answer = await fetch(`${regions[0]}${path}`, { method });
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({ code: 'no_such_route' });
    }
  });
});

describe('the gateway of this machine', () => {
  test('answers by itself as the document shows it', async () => {
    const body = Buffer.alloc(MAX_REQUEST_BYTES + 1, 0x20);
    const answer = await fetch(`${regions[0]}/accounts/ann/deposits`, { method: 'POST', body });
    const shown = bodies.find(({ operation, status }) => operation.id === 'deposit' && status === '413');
    expect(answer.status).toBe(413);
    expect(answer.headers.get('content-type')).toBe(shown?.type);
    expect([...(shown?.examples.values() ?? [])]).toEqual([await answer.json()]);
  });
});

describe('a client that openapi-typescript makes of the document that a Region serves', () => {
  test('compiles, and moves money with openapi-fetch', async () => {
    await run(
      join(PACKAGES, 'openapi-typescript/bin/cli.js'),
      `${regions[0]}/openapi.json`,
      ...['--output', join(place, 'bank.ts')],
    );
    await copyFile(join(HERE, 'generic-client/program.ts'), join(place, 'program.ts'));
    const settings = { extends: join(HERE, 'tsconfig.json'), include: ['.'] };
    await writeFile(join(place, 'tsconfig.json'), JSON.stringify(settings));
    await run(join(PACKAGES, 'typescript/bin/tsc'), '--project', place);

    const printed = await run('--import', 'tsx', join(place, 'program.ts'), String(regions[1]));
    expect(JSON.parse(printed)).toEqual({
      deposit: '10',
      retry: '10',
      withdrawal: '7',
      refused: 'no money',
      outcome: '10',
      cancellation: 'answered',
      acknowledged: 204,
      single: '8',
      balance: '8',
      before: '0',
      entries: [
        [4, '1', 'order 4711'],
        [3, '0', null],
      ],
      next: 3,
      transfer: ['other', '6'],
      held: '5',
      capture: ['3', '2'],
      remaining: ['2'],
      voided: ['2', '3'],
      refund: ['2', '5', null],
      frozen: ['frozen', null],
      stopped: 'account_frozen',
      shown: 'frozen',
      accounts: ['generic', 'other'],
      health: 'ok',
    });
  });
});
