import { expect, test } from 'vitest';
import { UsageError } from '../../infra/tools/program.ts';
import { readOptions } from '../../infra/tools/recover/options.ts';

const NOW = Date.UTC(2026, 10, 22, 14);

const RIGHT = [
  ...['--accounts', 'table:restored-accounts', '--pages', 'table:restored-pages', '--to', 'twinbank-2'],
  ...['--region', 'us-east-1', '--keys-not-before', '2026-11-22T13:00:00Z'],
];

test('the command line of a recovery names the progress file after the fresh bank', () => {
  expect(readOptions(RIGHT, NOW)).toMatchObject({
    origin: { kind: 'table', accounts: 'restored-accounts', pages: 'restored-pages' },
    prefix: 'twinbank-2',
    keysNotBeforeMs: Date.UTC(2026, 10, 22, 13),
    progressFile: 'recover-twinbank-2.json',
  });
});

test.each([
  [['--accounts', 'restored'], '--accounts: expected table:NAME or export:FOLDER, got "restored"'],
  [['--pages', 'export:x'], '--accounts and --pages: expected two tables or two exports'],
  [['--idempotency', 'table:x'], '--idempotency'],
  [
    ['--keys-not-before', 'yesterday'],
    '--keys-not-before: expected a time such as 2026-11-22T13:00:00Z, got "yesterday"',
  ],
  [['--keys-not-before', '2026-11-22T13:00:00+01'], '--keys-not-before: expected a time such as'],
  [['--keys-not-before', '2026-02-31T13:00:00Z'], '--keys-not-before: expected a time such as'],
  [['--keys-not-before', '2026-12-22T13:00:00Z'], '2026-12-22T13:00:00Z is more than a day ahead'],
  [['--to', ''], '--to: expected a name, got ""'],
  [['--speed', '9'], '--speed'],
])('the command line of a recovery says what is wrong with %j', (wrong, message) => {
  const reads = () => readOptions([...RIGHT, ...wrong], NOW);
  expect(reads).toThrow(UsageError);
  expect(reads).toThrow(message);
});
