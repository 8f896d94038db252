import { expect, test } from 'vitest';
import { programIn, startProgram } from '../../support/program.ts';
import { MUTANTS } from '../mutants/mutants.ts';
import { Workshop } from '../mutants/workshop.ts';
import { FAULTS } from './faults.ts';

/** Runs `npm run sim`, without npm. */
function run(...args: readonly string[]) {
  return startProgram([...programIn('test/proof/simulation/main.ts'), ...args]).ended;
}

test('npm run sim meets every kind of fault, and ends with 0 when every promise was kept', async () => {
  const { code, stdout } = await run('--seeds', '60', '--from', '1');
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/Every promise was kept\.$/m) });
  const struck = [...stdout.matchAll(/^ {2}(\w+) +\d+$/gm)].map(([, name]) => name);
  expect(struck).toEqual(expect.arrayContaining(['ok', 'unknown', 'not_enough_money', 'no_such_account']));
  expect(struck).toEqual(expect.arrayContaining(Object.keys(FAULTS)));
});

test('npm run sim makes transfers alone with --calls transfers, and prints how they ended and that the sum is right', async () => {
  const { code, stdout } = await run('--seeds', '1', '--calls', 'transfers');
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/Every promise was kept\.$/m) });
  const [, asked, settled] =
    /^(\d+) transfers were asked for: (\d+) settled, \d+ returned$/m.exec(stdout) ?? [];
  expect(Number(settled)).toBeGreaterThan(0);
  expect(Number(asked)).toBeGreaterThanOrEqual(Number(settled));
  expect(stdout).toMatch(/^All accounts have ([1-9]\d*); deposits less what left the bank are \1$/m);
});

test('npm run sim ends with 1 when a promise was broken', { timeout: 300_000 }, async () => {
  const mutant = MUTANTS.find(({ caughtBy, keeps }) => caughtBy === 'simulation' && keeps.includes('I3'));
  if (mutant === undefined) {
    throw new RangeError('no mutant is caught by the simulation');
  }
  const workshop = await Workshop.open({});
  try {
    expect(await workshop.try(mutant)).toMatchObject({
      exitCode: 1,
      by: expect.stringMatching(/^seed \d+: /),
    });
  } finally {
    await workshop.close();
  }
});

test('npm run sim ends with 1 when it cannot do what it was asked', async () => {
  const { code, stderr } = await run('--seeds', '1', '--history', '/dev/null/history');
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('ENOTDIR') });
});

test('npm run sim ends with 2 when its command line is wrong', async () => {
  const { code, stdout, stderr } = await run('--seeds', '0');
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('--seeds: expected a whole number from 1 to 10000000, got "0"');
});
