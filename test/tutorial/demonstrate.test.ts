import { spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { awsEnvironment } from '../../infra/local/environment.ts';
import { PROJECT_FOLDER } from '../../infra/local/folders.ts';
import { newKey } from '../support/keys.ts';
import { demonstrate } from './demonstrate.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';
import { AS_IT_IS } from './stage.ts';

const endpoint = inject('dynamodbEndpoint');

beforeAll(() => {
  Object.assign(process.env, awsEnvironment(endpoint, 'us-east-1'));
});

async function play(scenario: Scenario): Promise<{ shown: boolean; lines: string[] }> {
  const lines: string[] = [];
  const ground = { endpoint, say: (line: string) => lines.push(line) };
  return { shown: await demonstrate(scenario, ground, newKey), lines };
}

const verdicts = (lines: readonly string[]) =>
  lines.filter((line) => /^ {2}The balances? (is|add up to) /.test(line));

describe('npm run without', () => {
  test.each(Object.entries(SCENARIOS))(
    '%s: the money is wrong without, and right with it',
    async (_, scenario) => {
      const { shown, lines } = await play(scenario);
      expect(shown, lines.join('\n')).toBe(true);
      const [without, withIt, ...rest] = verdicts(lines);
      expect(without).toMatch(/: (\d+ are missing|the bank has paid \d+ too much)\.$/);
      expect(withIt).toMatch(/says the same\.$/);
      expect(rest).toEqual([]);
    },
  );

  test.each(Object.entries(SCENARIOS))(
    '%s: shows nothing when the guard was not taken away',
    async (_, scenario) => {
      const { shown, lines } = await play({ ...scenario, form: AS_IT_IS });
      expect(shown).toBe(false);
      expect(verdicts(lines)).toHaveLength(2);
    },
  );

  test('ends with 2 and the names that there are, when it is asked for another', () => {
    const args = ['--import', 'tsx', 'test/tutorial/main.ts', 'replies', 'nothing'];
    const { status, stderr, stdout } = spawnSync(process.execPath, args, {
      cwd: PROJECT_FOLDER,
      encoding: 'utf8',
    });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    for (const name of Object.keys(SCENARIOS)) {
      expect(stderr).toContain(name);
    }
  });
});
