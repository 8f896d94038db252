import type { Room } from './workshop.ts';

/** Lines of the proof itself, without which other mutants would be missed. */
export const PROOF: Room = {
  'functions/memory/store.ts': [
    {
      removes: 'that a mark is as it was seen, in the model',
      keeps: 'I10',
      find: 'before === undefined || isSameMark(marks.get(key), before),',
      replace: 'before === undefined || marks.has(key) || key !== undefined,',
    },
  ],
  'test/proof/chaos/load.ts': [
    {
      removes: 'believing only the key that a client reported',
      keeps: 'the proof',
      find: '{ ...move, key })',
      replace: "{ ...move, key: key.replace(/.{12}$/, '0'.repeat(12)) })",
      caughtBy: 'test/proof/chaos/client-process.test.ts',
    },
  ],
  'test/proof/chaos/client-process.ts': [
    {
      removes: 'sending nothing before the run has received the key',
      keeps: 'the proof',
      find: 'await keyReceived;',
      replace: 'void keyReceived;',
      caughtBy: 'test/proof/chaos/client-process.test.ts',
    },
  ],
  'client/load/check.ts': [
    {
      removes: 'comparing the balances of the Regions with the ledger',
      keeps: 'the proof',
      find: '} else if (formatMoney(found) !== formatMoney(expectedMoney)) {',
      replace: "} else if (formatMoney(found) !== formatMoney(expectedMoney) && region === '') {",
      caughtBy: 'test/load/check.test.ts',
    },
    {
      removes: 'comparing the reply to a retry with the first one',
      keeps: 'the proof',
      find: '} else if (!isSameReply(first, answer.outcome)) {',
      replace: "} else if (!isSameReply(first, answer.outcome) && where === '') {",
      caughtBy: 'test/load/check.test.ts',
    },
    {
      removes: 'looking for retries that were executed again with the same reply',
      keeps: 'the proof',
      find: 'if (!answer.replayed && isReplayable',
      replace: "if (where === '' && isReplayable",
      caughtBy: 'test/load/check.test.ts',
    },
  ],
  'client/load/statement.ts': [
    {
      removes: 'comparing the entries of a statement with the ledger',
      keeps: 'the proof',
      find: '    if (answered !== undefined) {',
      replace: "    if (answered !== undefined && key === '') {",
      caughtBy: 'test/load/statement.test.ts',
    },
    {
      removes: 'looking for entries that belong to no call',
      keeps: 'the proof',
      find: '} else if (!this.#isOfTheBank(entry) && !isHarmless(entry)) {',
      replace: '} else if (entry.sequence < 0) {',
      caughtBy: 'test/load/statement.test.ts',
    },
  ],
};
