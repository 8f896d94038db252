import { describe, expect, test } from 'vitest';
import { readChaos } from './options.ts';

const read = (...words: string[]) => readChaos(words, '/data/chaos');

describe('the command line of npm run chaos', () => {
  test('needs nothing', () => {
    expect(read()).toEqual({
      options: {
        minutes: 2,
        seed: undefined,
        clients: 4,
        callersPerClient: 3,
        callsPerSecond: 5,
        mix: 'all',
        sabotage: undefined,
      },
      htmlFile: '/data/chaos.html',
      historyFile: '/data/chaos.jsonl',
      json: false,
    });
  });

  test.each(['out/run', 'out/run.html', 'out/run.jsonl'])(
    'writes beside each other what is called %s',
    (file) => {
      expect(read('--report', file)).toMatchObject({
        htmlFile: 'out/run.html',
        historyFile: 'out/run.jsonl',
      });
    },
  );

  test('has a limit of calls', () => {
    expect(() => read('--minutes', '60', '--pace', '20')).toThrow(
      '864000 calls are too many for one run, which takes 250000',
    );
  });
});
