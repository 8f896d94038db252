import { describe, expect, it } from 'vitest';
import { readChaos } from './options.ts';

const read = (...words: string[]) => readChaos(words, '/data/chaos');

describe('the command line of npm run chaos', () => {
  it('needs nothing', () => {
    expect(read()).toEqual({
      kind: 'run',
      options: {
        minutes: 2,
        seed: undefined,
        clients: 4,
        callersPerClient: 3,
        callsPerSecond: 5,
        sabotage: undefined,
      },
      htmlFile: '/data/chaos.html',
      historyFile: '/data/chaos.jsonl',
      json: false,
    });
    expect(read('--help')).toEqual({ kind: 'help' });
  });

  it.each(['out/run', 'out/run.html', 'out/run.jsonl'])(
    'writes beside each other what is called %s',
    (file) => {
      expect(read('--report', file)).toMatchObject({
        htmlFile: 'out/run.html',
        historyFile: 'out/run.jsonl',
      });
    },
  );

  it.each([
    [['--minutes', '0'], '--minutes is a number from 0.1 to 60, not "0"'],
    [['--minutes', 'ten'], '--minutes is a number from 0.1 to 60, not "ten"'],
    [['--seed', '1.5'], '--seed is a whole number'],
    [['--seed', '2147483648'], '--seed is a number from 0 to 2147483647, not "2147483648"'],
    [['--clients', '17'], '--clients is a number from 1 to 16, not "17"'],
    [['--report', ''], '--report is the name of a file'],
    [['--sabotage', 'white'], '--sabotage: "white" is none of strip-condition and apply-twice'],
    [['--minutes', '60', '--pace', '20'], '864000 calls are too many for one run, which takes 250000'],
    [['more'], /more/],
  ])('turns %j away', (words, message) => {
    expect(() => read(...words)).toThrow(message);
  });
});
