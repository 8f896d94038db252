import { type DynamoDBClient, GetItemCommand, ResourceNotFoundException } from '@aws-sdk/client-dynamodb';
import { toAttributes } from '../../../functions/dynamodb/attributes.ts';
import { RECOVERY_NOTE } from '../../recovery-note.ts';

/** The deployment would open a bank whose books are not all there. */
class IncompleteBankError extends Error {
  override readonly name = 'IncompleteBankError';
  readonly code = 'recovery_incomplete';
}

/** What a recovery has noted in the tables of a bank. */
interface Recovery {
  readonly keysNotBefore: string;
  readonly isComplete: boolean;
}

/** Reads what a recovery has noted; undefined if the tables are not those of a recovered bank, or are not there yet. */
export async function recoveryOf(
  client: DynamoDBClient,
  TableName: string,
  abortSignal: AbortSignal,
): Promise<Recovery | undefined> {
  const Key = toAttributes(RECOVERY_NOTE);
  try {
    const { Item } = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }), {
      abortSignal,
    });
    return (
      Item && {
        keysNotBefore: Item['keysNotBefore']?.S ?? '',
        isComplete: Item['isComplete']?.BOOL === true,
      }
    );
  } catch (error) {
    if (error instanceof ResourceNotFoundException) {
      return undefined;
    }
    throw error;
  }
}

/** Throws {@link IncompleteBankError} if a recovery has begun and not ended. */
export function checkRecovery(prefix: string, recovery: Recovery | undefined): void {
  if (recovery?.isComplete === false) {
    throw new IncompleteBankError(
      `Nothing was deployed: the recovery of ${prefix} has not said yet that every book is there and correct. Run it again until it does.`,
    );
  }
}
