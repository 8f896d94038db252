import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Subject } from '../../../functions/bank/decide.ts';
import type { OperationName } from '../../../functions/bank/entry.ts';
import type { BenchTables } from './tables.ts';

/** A deposit or withdrawal under a key. */
export interface Call extends Subject {
  readonly move: OperationName;
  readonly amountMinor: bigint;
  /** True where the caller has stored its key and may come back. To the bank alone it makes a difference. */
  readonly mayReturn?: boolean;
}

/** What a contender answers a deposit or withdrawal. */
export type Moved =
  | {
      readonly kind: 'executed';
      /** Undefined where the contender would have to ask once more to know it. */
      readonly balanceMinor: bigint | undefined;
    }
  | { readonly kind: 'refused' };

/** One way of keeping balances on DynamoDB. */
export interface Contender {
  readonly name: ContenderName;
  /** Makes a deposit or withdrawal. Throws what its library throws. */
  move(call: Call): Promise<Moved>;
  /** Reads a balance, strongly consistent. */
  balance(account: string): Promise<bigint | undefined>;
  /** The client that its requests go through, to be watched. */
  readonly client: DynamoDBClient;
  close(): void;
}

/** What a contender is made of. */
export interface ContenderParts {
  readonly endpoint: string;
  readonly tables: BenchTables;
}

export type ContenderName = 'bank' | 'bare' | 'powertools' | 'transaction';

/** What stands beside the bank, and what people would pick instead, in the order in which they are told. */
export const CONTENDERS: Readonly<Record<ContenderName, { readonly title: string; readonly says: string }>> =
  {
    bank: {
      title: 'The bank',
      says: 'core and store of this project; an answer waits for the page that is turned beside it, as the function has it',
    },
    bare: {
      title: 'Bare UpdateItem',
      says: 'the floor: one unconditional UpdateItem. Overdraws, and executes a retry again',
    },
    powertools: {
      title: 'Powertools Idempotency',
      says: 'Lambda Powertools Idempotency around one UpdateItem, whose withdrawals are conditional',
    },
    transaction: {
      title: 'TransactWriteItems',
      says: 'the balance, an entry and an idempotency item in one transaction; does not tell the new balance. Tables with strong consistency across Regions do not offer it',
    },
  };

export const CONTENDER_NAMES = Object.keys(CONTENDERS) as readonly ContenderName[];
