import { createBankContender } from './bank.ts';
import { createBareContender } from './bare.ts';
import type { Contender, ContenderName, ContenderParts } from './contender.ts';
import { createPowertoolsContender } from './powertools.ts';
import { createTransactionContender } from './transaction.ts';

const CREATE: Readonly<Record<ContenderName, (parts: ContenderParts) => Contender>> = {
  bank: createBankContender,
  bare: createBareContender,
  powertools: createPowertoolsContender,
  transaction: createTransactionContender,
};

/** Makes one contender on its tables. */
export function createContender(name: ContenderName, parts: ContenderParts): Contender {
  return CREATE[name](parts);
}
