import { BOOK } from './book.ts';
import { CLIENT } from './client.ts';
import { DYNAMODB } from './dynamodb.ts';
import { HOLDS } from './holds.ts';
import type { Mutant } from './mutant.ts';
import { PROOF } from './proof.ts';
import { TRANSFERS } from './transfers.ts';

/**
 * One line each. A line that keeps a promise has its mutant here. The guards are there twice, in DynamoDB's words and in the
 * model's, which the simulation plays on; so are some mutants.
 */
export const MUTANTS: readonly Mutant[] = [DYNAMODB, BOOK, TRANSFERS, HOLDS, CLIENT, PROOF]
  .flatMap((room) => Object.entries(room))
  .flatMap(([file, lines]) => lines.map((line) => ({ file, replace: '', caughtBy: 'simulation', ...line })));
