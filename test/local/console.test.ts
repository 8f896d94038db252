import { expect, test } from 'vitest';
import type { LocalBank } from '../../infra/local/bank.ts';
import { COMMANDS_HELP, complete, obey } from '../../infra/local/commands.ts';
import type { Reporter } from '../../infra/local/reporter.ts';

const REGIONS = [
  { region: 'us-east-1', state: 'frozen' },
  { region: 'us-east-2', state: 'up' },
] as const;

test('the tab key completes a command, and after it the Regions for which it makes sense', () => {
  const completed = (line: string) => complete(line, REGIONS);
  expect(completed('')[0]).toHaveLength(COMMANDS_HELP.split('\n').length);
  expect(completed('st')).toEqual([['start ', 'status'], 'st']);
  expect(completed('k')).toEqual([['kill '], 'k']);
  expect(completed('kill ')).toEqual([['us-east-1', 'us-east-2'], '']);
  expect(completed('kill us-east-2')).toEqual([['us-east-2'], 'us-east-2']);
  expect(completed('freeze us')).toEqual([['us-east-2'], 'us']);
  expect(completed('thaw ')).toEqual([['us-east-1'], '']);
  expect(completed('start ')).toEqual([[], '']);
  expect(completed('quit ')).toEqual([[], '']);
  expect(completed('dance u')).toEqual([[], 'u']);
});

test('a Region behind a command that takes none is a mistake, and ends nothing: quit may have been meant for kill', async () => {
  const reported: unknown[] = [];
  const reporter = { error: ({ code }: { code: string }) => reported.push(code) } as unknown as Reporter;
  const bank = {} as LocalBank;
  expect(await obey('quit us-east-1', bank, reporter)).toBe(true);
  expect(await obey('status us-east-1', bank, reporter)).toBe(true);
  expect(reported).toEqual(['command_unknown', 'command_unknown']);
  expect(await obey('quit', bank, reporter)).toBe(false);
});
