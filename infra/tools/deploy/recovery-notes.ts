import { type DynamoDBClient, QueryCommand, ResourceNotFoundException } from '@aws-sdk/client-dynamodb';
import { toAttributes } from '../../../functions/dynamodb/attributes.ts';
import { RECOVERY_NOTES } from '../../recovery-notes.ts';

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
  const { account, begun, complete } = RECOVERY_NOTES;
  const query = new QueryCommand({
    TableName,
    KeyConditionExpression: 'account = :account',
    ExpressionAttributeValues: toAttributes({ ':account': account }),
    ConsistentRead: true,
  });
  try {
    const { Items = [] } = await client.send(query, { abortSignal });
    const noted = Items.find(({ key }) => key?.S === begun);
    const isComplete = Items.some(({ key }) => key?.S === complete);
    return noted && { keysNotBefore: noted['keysNotBefore']?.S ?? '', isComplete };
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
