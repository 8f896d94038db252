import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { freePorts } from '../../infra/local/free-ports.ts';
import { readOptions } from '../../infra/local/options.ts';
import { BankLab, FIRST } from '../support/bank-lab.ts';

const lab = new BankLab();
afterAll(() => lab.close());

describe('the port of the page', () => {
  test('is the usual one with the usual ports, and otherwise only the one that is asked for', () => {
    expect(readOptions([]).screenPort).toBe(3000);
    expect(readOptions(['--no-screen']).screenPort).toBeNull();
    expect(readOptions(['--screen', '4000']).screenPort).toBe(4000);
    expect(readOptions(['--ports', '4020,4030']).screenPort).toBeNull();
    expect(readOptions(['--ports', '4020,4030', '--screen', '4000']).screenPort).toBe(4000);
    expect(readOptions(['--screen', '0']).screenPort).toBe(0);
  });

  test.each([[['--screen', 'x']], [['--screen', '70000']], [['--screen', '3020']]])(
    'cannot be %j',
    (words) => {
      expect(() => readOptions(words)).toThrow(expect.objectContaining({ code: 'usage' }));
    },
  );

  test('may be taken: the bank says so in one line, and runs without a page', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    try {
      const pageless = await lab.start(null, ['--screen', port], {
        DYNAMODB_ENDPOINT: inject('dynamodbEndpoint'),
      });
      await pageless.ready();
      expect(pageless.events.slice(2)).toEqual([
        {
          event: 'error',
          code: 'port_taken',
          message: expect.stringMatching(new RegExp(`^Port ${port} .*\\.$`)),
        },
        { event: 'ready' },
      ]);
      const answer = await fetch(`${pageless.region(FIRST).url}/accounts/joe`);
      expect(answer.headers.get('bank-region')).toBe(FIRST);
      pageless.say('quit');
      expect(await pageless.exit).toBe(0);
    } finally {
      other.close();
    }
  });

  test('is printed for people', async () => {
    const bank = lab.run(['--ports', (await freePorts()).join(), '--screen', '0'], {
      DYNAMODB_ENDPOINT: inject('dynamodbEndpoint'),
    });
    await bank.until(() => bank.lines.some((line) => line.startsWith('Here:')));
    const [, url = ''] = /^In a browser: +(http:\/\/127\.0\.0\.1:\d+)$/m.exec(bank.lines.join('\n')) ?? [];
    const watching = await fetch(`${url}/events`);
    expect(watching.status).toBe(200);
    bank.say('quit');
    expect(await bank.exit).toBe(0);
    await watching.body?.cancel().catch(() => undefined);
  });
});
