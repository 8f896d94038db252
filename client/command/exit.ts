/** Exit codes of the command. */
export const EXIT = { done: 0, failed: 1, usage: 2, refused: 3, outcomeUnknown: 4, unavailable: 5 } as const;

/** What they mean. */
export const EXIT_MEANINGS: Readonly<Record<(typeof EXIT)[keyof typeof EXIT], string>> = {
  0: 'done; with hammer: the books balance',
  1: 'something else went wrong; with hammer: the books do not balance',
  2: 'the command line is wrong, or there are no credentials; nothing was sent',
  3: 'refused: not enough money, no such account, ...; nothing was moved',
  4: 'outcome unknown: retry with the key to learn it; with hammer: the books could not be verified',
  5: 'unavailable, and certainly not executed by this command',
};
