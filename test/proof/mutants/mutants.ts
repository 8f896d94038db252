import { BOOK } from './book.ts';
import { CLIENT } from './client.ts';
import { DYNAMODB } from './dynamodb.ts';
import { HOLDS } from './holds.ts';
import { PROOF } from './proof.ts';
import { TRANSFERS } from './transfers.ts';
import type { Mutant } from './workshop.ts';

/**
 * All mutants: one for each line that keeps a promise. The guards exist twice, in DynamoDB's expressions and in the store in
 * memory, which the simulation uses; so do some mutants.
 */
export const MUTANTS: readonly Mutant[] = [DYNAMODB, BOOK, TRANSFERS, HOLDS, CLIENT, PROOF]
  .flatMap((room) => Object.entries(room))
  .flatMap(([file, lines]) => lines.map((line) => ({ file, replace: '', caughtBy: 'simulation', ...line })));
